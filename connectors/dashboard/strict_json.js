// JSON as signed things need it: one text, one meaning. JSON.parse decides what is JSON; what it
// lets through and a signed document must not hold is a member named twice, where two readers
// could each see another value.

import {refuse, require_that} from './refused.js';

const depth_max = 32;

/** The value of `text`, or a Refused. */
export function parse_strict_json(text, code = 'malformed') {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    refuse(code, 'It is not JSON.');
  }
  require_that(!names_repeat(text), code, 'It is not strict JSON: a member is named twice.');
  return value;
}

// Walks a text that JSON.parse has accepted: strings and brackets are all that matters.
function names_repeat(text) {
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  const open = [];
  for (let match; (match = token.exec(text));) {
    const [found, colon] = match;
    if (found === '{' || found === '[') {
      open.push(found === '{' ? new Set() : null);
      if (open.length > depth_max) return true;
    } else if (found === '}' || found === ']') {
      open.pop();
    } else if (colon !== undefined) {
      const name = JSON.parse(found.slice(0, -colon.length));
      const names = open[open.length - 1];
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}
