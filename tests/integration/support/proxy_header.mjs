// The header of the PROXY protocol, version 2, as a proxy in front writes it.
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
export const PROXY = 0x21, LOCAL = 0x20, TCP4 = 0x11, TCP6 = 0x21, UNIX = 0x31;
const PORTS = Buffer.from([0x10, 0x92, 0x01, 0xbb]);

export function header(command, family, rest) {
  const fixed = Buffer.from([command, family, rest.length >> 8, rest.length & 0xff]);
  return Buffer.concat([SIGNATURE, fixed, rest]);
}

/** That of a client with that address, with `extra` behind the addresses. */
export const of = (address, extra = Buffer.alloc(0)) => header(PROXY, TCP4,
  Buffer.concat([Buffer.from(address.split('.').map(Number)), Buffer.from([10, 0, 0, 1]), PORTS,
                 extra]));
export const of6 = (hex) => header(PROXY, TCP6,
  Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(16), PORTS]));
