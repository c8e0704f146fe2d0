// What a server must do with what a client sends (RFC 6455), as a table: a name, what is sent, and
// what has to come of it: 'open', or the close code. `pongs` are those expected before that.
import { chopped, close_frame, cut_at, frame, OP } from './frames.mjs';

const { continuation, text, binary, close, ping, pong } = OP;

/** A message the application takes, filled up to `size` octets. */
export function message(size) {
  const around = ['{"type":"ack","seq":0,"more":"', '"}'];
  return Buffer.from(around.join('x'.repeat(size - around.join('').length)));
}
const holding = (octets) => Buffer.concat([Buffer.from('{"type":"ack","seq":0,"more":"'),
                                           Buffer.from(octets), Buffer.from('"}')]);
const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const fine = message(40);
const pieces = (payload, ...places) => cut_at(payload, places).map((part, index, all) =>
  frame(index ? continuation : text, part, { fin: index === all.length - 1 }));

const lengths = [
  ...[40, 124, 125, 126, 127, 128, 1000, 16383, 16384].map((size) =>
    [`a text of ${size} octets`, [frame(text, message(size))], 'open']),
  ...[16385, 65535, 65536, 100_000].map((size) =>
    [`a text of ${size} octets`, [frame(text, message(size))], 1009]),
  ['a length over the bound, told by the header alone', [frame(text, '', { length: 65536n })],
    1009],
  ['a length of 2^62, told by the header alone', [frame(text, '', { length: 1n << 62n })], 1009],
  ['fragments that together are over the bound',
    [frame(text, message(16000).subarray(0, -2), { fin: false }),
      frame(continuation, 'x'.repeat(400))], 1009],
  ['a length with the highest bit set', [frame(text, '', { length: 1n << 63n })], 1002],
  ['a length of all ones', [frame(text, '', { length: (1n << 64n) - 1n })], 1002],
  ...[[16, 0], [16, 40], [16, 125], [64, 0], [64, 125], [64, 126], [64, 1000], [64, 16384]]
    .map(([form, size]) =>
    [`a length of ${size} in ${form} bits`, [frame(size ? text : binary,
      size ? message(Math.max(size, 40)).subarray(0, size) : '', { form })], 1002]),
];

const pings = [
  ...[0, 1, 2, 124, 125].map((size) =>
    [`a ping of ${size} octets`, [frame(ping, 'p'.repeat(size))], 'open', ['p'.repeat(size)]]),
  ['a ping that is not UTF-8', [frame(ping, hex('00ff80fe'))], 'open', [hex('00ff80fe')]],
  ['a ping octet by octet', chopped(frame(ping, 'slowly')), 'open', ['slowly']],
  ['ten pings in one write', [Buffer.concat(Array.from({ length: 10 },
    (_, i) => frame(ping, `${i}`)))], 'open',
    Array.from({ length: 10 }, (_, i) => `${i}`)],
  ['a pong nobody asked for', [frame(pong, 'hello'), frame(pong)], 'open', []],
  ['a pong, then a ping', [frame(pong, 'a'), frame(ping, 'b')], 'open', ['b']],
  ['a ping of 126 octets', [frame(ping, 'p'.repeat(126))], 1002],
  ['a pong of 126 octets', [frame(pong, 'p'.repeat(126))], 1002],
  ['a ping of 65536 octets, told by the header alone', [frame(ping, '', { length: 65536n })], 1002],
  ['a ping whose short length is written long', [frame(ping, 'p', { form: 16 })], 1002],
  ['a ping in fragments', [frame(ping, 'a', { fin: false }), frame(continuation, 'b')], 1002],
  ['a pong in fragments', [frame(pong, 'a', { fin: false })], 1002],
];

const reserved = [
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) =>
    [`reserved bits ${rsv.toString(2).padStart(3, '0')} on a text`, [frame(text, fine, { rsv })],
      1002]),
  ...[['a ping', ping], ['a pong', pong], ['a binary', binary]].map(([what, opcode]) =>
    [`a reserved bit on ${what}`, [frame(opcode, 'x', { rsv: 4 })], 1002]),
  ['a reserved bit on a close', [close_frame(1000, '', { rsv: 1 })], 1002],
  ['a reserved bit on a continuation',
    [frame(text, fine, { fin: false }), frame(continuation, '', { rsv: 2 })], 1002],
  ['a reserved bit, told by the first two octets', [frame(text, fine, { rsv: 4 }).subarray(0, 2)],
    1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
    [`opcode ${opcode}`, [frame(opcode)], 1002],
    [`opcode ${opcode} with a payload, after a good message`,
      [frame(text, fine), frame(opcode, 'x')], 1002],
  ]),
  ['opcode 3 between fragments', [frame(text, fine, { fin: false }), frame(3)], 1002],
];

const fragments = [
  ['two', pieces(fine, 10), 'open'],
  ['forty, one octet each', pieces(fine, ...Array.from({ length: 39 }, (_, i) => i + 1)), 'open'],
  ['empty ones around and between', [frame(text, '', { fin: false }),
    frame(continuation, fine, { fin: false }),
    frame(continuation, '', { fin: false }), frame(continuation, '')], 'open'],
  ['two, octet by octet', pieces(fine, 10).flatMap(chopped), 'open'],
  ['a ping between', [pieces(fine, 9)[0], frame(ping, 'between'), pieces(fine, 9)[1]], 'open',
    ['between']],
  ['a ping between each two', pieces(fine, 10, 20, 30).flatMap((piece, i) =>
    [piece, frame(ping, `${i}`)]), 'open',
    ['0', '1', '2', '3']],
  ['a pong between', [pieces(fine, 9)[0], frame(pong, 'between'), pieces(fine, 9)[1]], 'open', []],
  ['a close between', [pieces(fine, 9)[0], close_frame(1000)], 1000],
  ['two messages, one after the other', [...pieces(fine, 5), ...pieces(fine, 30)], 'open'],
  ['a continuation of nothing', [frame(continuation, fine)], 1002],
  ['a first continuation of nothing', [frame(continuation, fine, { fin: false })], 1002],
  ['a continuation after a whole message', [frame(text, fine), frame(continuation, 'x')], 1002],
  ['a continuation after the last fragment', [...pieces(fine, 5), frame(continuation, 'x')], 1002],
  ['a text inside a text', [frame(text, 'a', { fin: false }), frame(text, fine)], 1002],
  ['a binary inside a text', [frame(text, 'a', { fin: false }), frame(binary, 'b')], 1002],
  ['a text inside a binary', [frame(binary, 'a', { fin: false }), frame(text, fine)], 1002],
  ['a text inside a text, after a ping', [frame(text, 'a', { fin: false }), frame(ping, 'p'),
    frame(text, fine)], 1002, ['p']],
];

const GOOD_TEXT = { 'ASCII': '20 7e', 'κόσμε': 'ceba e1bdb9 cf83 cebc ceb5', 'U+0080': 'c280',
  'U+07FF': 'dfbf', 'U+0800': 'e0a080', 'U+0FFF': 'e0bfbf', 'U+1000': 'e18080', 'U+CFFF': 'ecbfbf',
  'U+D000': 'ed8080', 'U+D7FF': 'ed9fbf', 'U+E000': 'ee8080', 'U+FFFD': 'efbfbd',
  'U+FFFE': 'efbfbe', 'U+FFFF': 'efbfbf', 'U+FDD0': 'efb790', 'U+10000': 'f0908080',
  'U+1FFFF': 'f09fbfbf', 'U+40000': 'f1808080', 'U+FFFFF': 'f3bfbfbf', 'U+10FFFF': 'f48fbfbf',
  'U+FEFF': 'efbbbf' };
const BAD_TEXT = { 'a lone 80': '80', 'a lone bf': 'bf', 'six continuations': '808080808080',
  'c0 af': 'c0af', 'c1 bf': 'c1bf', 'e0 80 af': 'e080af', 'e0 9f bf': 'e09fbf',
  'f0 80 80 af': 'f08080af', 'f0 8f bf bf': 'f08fbfbf', 'c0 80': 'c080', 'U+D800': 'eda080',
  'U+DBFF': 'edafbf', 'U+DC00': 'edb080', 'U+DFFF': 'edbfbf',
  'a pair of surrogates': 'eda080edb080', 'U+110000': 'f4908080', 'f5': 'f5808080',
  'f8': 'f888808080', 'fc': 'fc8480808080', 'fe': 'fe', 'ff': 'ff', 'c3 28': 'c328',
  'e2 28 a1': 'e228a1', 'e2 82 28': 'e28228', 'f0 28 8c bc': 'f0288cbc', 'f0 90 28 bc': 'f09028bc',
  'f0 28 8c 28': 'f0288c28', 'a first octet, then ASCII': 'c2 20', 'two first octets': 'c2 c2 80' };
const utf8 = [
  ...Object.entries(GOOD_TEXT).flatMap(([what, octets]) => [
    [`${what} in a text`, [frame(text, holding(hex(octets)))], 'open'],
    [`${what} in a text, a fragment an octet`,
      pieces(holding(hex(octets)), ...Array.from({ length: hex(octets).length - 1 },
        (_, i) => 31 + i)), 'open'],
  ]),
  ...Object.entries(BAD_TEXT).flatMap(([what, octets]) => [
    [`${what} in a text`, [frame(text, holding(hex(octets)))], 1007],
    [`${what} in a first fragment, and nothing after it`,
      [frame(text, Buffer.concat([hex(octets), Buffer.from('  ')]), { fin: false })], 1007],
    [`${what} across fragments`, pieces(holding(hex(octets)),
      ...Array.from({ length: hex(octets).length }, (_, i) => 30 + i)), 1007],
  ]),
  ['a wrong octet in a frame that is not there yet', [frame(text, hex('2020ff20'),
    { length: 1000n })], 1007],
  ['a wrong octet in a frame that comes octet by octet',
    chopped(frame(text, hex('2020ff20'), { length: 1000n })), 1007],
  ...['c2', 'e2', 'e282', 'f0', 'f090', 'f09080'].map((octets) =>
    [`a text that ends in the middle of ${octets}`, [frame(text,
      Buffer.concat([fine, hex(octets)]))], 1007]),
  ['a last fragment that ends in the middle', [frame(text, fine, { fin: false }),
    frame(continuation, hex('e282'))], 1007],
  ['a character cut by a ping', [pieces(holding(hex('f0908080')), 32)[0], frame(ping, 'cut'),
    pieces(holding(hex('f0908080')), 32)[1]], 'open', ['cut']],
];

const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4400,
  4999];
const INVALID_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];
const closes = [
  ['without a code', [frame(close)], 1005],
  ...VALID_CODES.map((code) => [`with ${code}`, [close_frame(code)], code]),
  ...INVALID_CODES.map((code) => [`with ${code}, which may not be sent`, [close_frame(code)],
    1002]),
  ['with half a code', [frame(close, 'x')], 1002],
  ['with a reason', [close_frame(1000, 'enough for today')], 1000],
  ['with a reason of 123 octets', [close_frame(1000, 'r'.repeat(123))], 1000],
  ['with a reason of 124 octets', [close_frame(1000, 'r'.repeat(124))], 1002],
  ['with a reason that is not UTF-8', [close_frame(1000, hex('c328'))], 1007],
  ['with a reason that ends in the middle', [close_frame(1000, hex('e282'))], 1007],
  ['in fragments', [frame(close, hex('03e8'), { fin: false })], 1002],
  ['octet by octet', chopped(close_frame(1000, 'slowly')), 1000],
  ['then a ping that nobody answers', [Buffer.concat([close_frame(1000), frame(ping, 'late')])],
    1000, []],
  ['then a second one', [Buffer.concat([close_frame(1000), close_frame(1001)])], 1000],
  ['then garbage', [Buffer.concat([close_frame(1000), hex('ffffffffffffffff')])], 1000],
];

const ZERO = Buffer.alloc(4);
const masks = [
  ...[['a text', text, fine], ['an empty text', text, ''], ['a ping', ping, 'x'],
    ['a pong', pong, ''], ['a close', close, hex('03e8')],
      ['a binary', binary, 'x']].map(([what, opcode, payload]) =>
    [`${what} without a mask`, [frame(opcode, payload, { mask: null })], 1002]),
  ['a continuation without a mask', [pieces(fine, 5)[0],
    frame(continuation, fine.subarray(5), { mask: null })], 1002],
  ['a mask of zeros', [frame(text, fine, { mask: ZERO }), frame(ping, 'zero', { mask: ZERO })],
    'open', ['zero']],
  ['a mask of ones', [frame(text, fine, { mask: hex('ffffffff') })], 'open'],
  ['another mask for each fragment', pieces(fine, 3, 6, 7, 20), 'open'],
  ['a mask and no payload', [frame(ping, '', { mask: hex('01020304') })], 'open', ['']],
];

const application = [
  ['a binary message', [frame(binary, fine)], 4400],
  ['a binary message that is not UTF-8', [frame(binary, hex('fffefd'))], 4400],
  ['an empty binary message', [frame(binary)], 4400],
  ['a binary message in fragments', [frame(binary, 'a', { fin: false }), frame(continuation, 'b')],
    4400],
  ['an empty text', [frame(text)], 4400],
  ['a text that is no JSON', [frame(text, 'hello')], 4400],
  ['a good message, then a bad one', [frame(text, fine), frame(text, 'hello')], 4400],
];

const arrivals = [
  ['twenty messages in one write', [Buffer.concat(Array(20).fill(frame(text, fine)))], 'open'],
  ['twenty messages octet by octet', chopped(Buffer.concat(Array(20).fill(frame(text, fine)))),
    'open'],
  ['a header cut in its mask', cut_at(frame(text, message(300)), [5]), 'open'],
  ['a header cut in its long length', cut_at(frame(text, message(300)), [1, 2, 3]), 'open'],
  ['a message and the beginning of the next', cut_at(Buffer.concat([frame(text, fine),
    frame(ping, 'x')]), [50]), 'open', ['x']],
];

export const SUITES = { lengths, pings, 'reserved bits and opcodes': reserved, fragments,
  'UTF-8': utf8, closes, masks,
                        'the application': application, arrivals };
