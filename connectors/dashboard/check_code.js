// What a person compares by eye or reads out on the telephone: that this page, a mail and a text
// message speak of the same alert. It tells alerts apart and proves nothing; the signatures do.

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The first 50 bits of an alert's id (64 hexadecimal digits), in Crockford's base32. */
export function check_code(id) {
  const bits = BigInt(`0x${id.slice(0, 13)}`) >> 2n;
  const code =
      Array.from({length: 10}, (_, i) => letters[Number(bits >> BigInt(45 - 5 * i) & 31n)])
          .join('');
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}
