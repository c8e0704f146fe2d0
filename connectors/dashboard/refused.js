// Why something was not believed. `code` is a contract word where there is one (bad_signature,
// unknown_key, ...); the message is a sentence for the page and never holds words of the alert.

export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'Refused';
    this.code = code;
  }
}

export function refuse(code, message) {
  throw new Refused(code, message);
}

/** `message` when `condition` does not hold. */
export function require_that(condition, code, message) {
  if (!condition) refuse(code, message);
}
