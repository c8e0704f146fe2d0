// A CAP 1.2 document as plain data, by CAP's own names. Only documents whose signatures were
// verified come here. Text stays text: nothing is ever made into markup.

import {refuse, require_that} from './refused.js';

const namespace = 'urn:oasis:names:tc:emergency:cap:1.2';
const code = 'invalid_alert';

// The page's policy makes parsing XML the one thing it may do with a string, and nothing else.
const policy = globalThis.trustedTypes?.createPolicy('cap', {createHTML: text => text});

/** How severe, for order and approvals. Unknown counts as Extreme. */
export function rank(severity) {
  return {Extreme: 4, Severe: 3, Moderate: 2, Minor: 1}[severity] ?? 4;
}

/** The severest of its infos; an alert without any counts as Unknown. */
export function severity_of(alert) {
  let severest = null;
  for (const info of alert.infos) {
    if (severest === null || rank(info.severity) > rank(severest)) severest = info.severity;
  }
  return severest ?? 'Unknown';
}

/** When it ends: the latest `expires` of its infos; `sent` + 24 h where none says. */
export function expires_of(alert) {
  const times = alert.infos.map(info => info.expires).filter(time => time !== null);
  return times.length > 0 ? Math.max(...times) : alert.sent + 24 * 3600 * 1000;
}

/** What names an alert. Times are compared as instants. */
export function identity_of({sender, identifier, sent}) {
  return `${sender},${identifier},${sent}`;
}

/** A CAP time in milliseconds: with a numeric offset, `-00:00` for UTC. */
export function cap_time(text) {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/;
  const ms = shape.test(text) ? Date.parse(text) : NaN;
  require_that(!Number.isNaN(ms), code, 'A time in it is not written as CAP has it.');
  return ms;
}

/** [{sender, identifier, sent}] of a `references` element. */
export function parse_references(text) {
  return text.split(/[ \t\r\n]+/).filter(part => part !== '').map(part => {
    const pieces = part.split(',');
    require_that(pieces.length === 3, code, 'Its references are not well formed.');
    return {sender: pieces[0], identifier: pieces[1], sent: cap_time(pieces[2])};
  });
}

/**
 * The infos to show a reader of these languages (navigator.languages): all infos of the language
 * that fits best, in the document's order, the severest first.
 */
export function infos_for(alert, languages) {
  const offered = [...new Set(alert.infos.map(info => info.language.toLowerCase()))];
  const primary = tag => tag.split('-')[0];
  let chosen = offered[0];
  for (const wanted of languages.map(tag => tag.toLowerCase())) {
    const fitting = offered.find(tag => tag === wanted) ??
        offered.find(tag => primary(tag) === primary(wanted));
    if (fitting !== undefined) {
      chosen = fitting;
      break;
    }
  }
  return alert.infos.filter(info => info.language.toLowerCase() === chosen)
      .sort((a, b) => rank(b.severity) - rank(a.severity));
}

/** The document in these bytes, or a Refused. */
export function parse_cap(bytes) {
  let text;
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    refuse(code, 'It is not UTF-8.');
  }
  require_that(!has_doctype(text), code, 'It has a DOCTYPE.');
  const parsed =
      new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'application/xml');
  require_that(
      parsed.getElementsByTagName('parsererror').length === 0 && parsed.doctype === null, code,
      'It is not well-formed XML.');
  const root = parsed.documentElement;
  require_that(
      root.namespaceURI === namespace && root.localName === 'alert', code,
      'It is not a CAP 1.2 alert.');
  return alert_of(root);
}

// Whether a DOCTYPE stands before the root element, told before the parser would read it.
export function has_doctype(text) {
  for (let at = 0; (at = text.indexOf('<', at)) !== -1;) {
    if (text.startsWith('<!DOCTYPE', at)) return true;
    const end = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : null;
    if (end === null) return false;
    at = text.indexOf(end, at + 2);
    if (at === -1) return false;
  }
  return false;
}

function children(element, name) {
  return [...element.children].filter(
      child => child.localName === name && child.namespaceURI === namespace);
}

// XML's own spaces, as the engine takes them: others are letters of a name like any other.
function trimmed(text) {
  let begin = 0;
  let end = text.length;
  while (begin < end && ' \t\r\n'.includes(text[begin])) begin++;
  while (end > begin && ' \t\r\n'.includes(text[end - 1])) end--;
  return text.slice(begin, end);
}

function texts(element, name) {
  return children(element, name).map(child => trimmed(child.textContent));
}

function text_of(element, name) {
  return texts(element, name)[0] ?? '';
}

function required(element, name) {
  const text = text_of(element, name);
  require_that(text !== '', code, `It has no ${name}.`);
  return text;
}

function time_of(element, name) {
  const text = text_of(element, name);
  return text === '' ? null : cap_time(text);
}

function alert_of(root) {
  return {
    identifier: required(root, 'identifier'),
    sender: required(root, 'sender'),
    sent: cap_time(required(root, 'sent')),
    status: required(root, 'status'),
    msg_type: required(root, 'msgType'),
    scope: required(root, 'scope'),
    codes: children(root, 'code').map(child => child.textContent),  // compared as they stand
    note: text_of(root, 'note'),
    references: parse_references(text_of(root, 'references')),
    infos: children(root, 'info').map(info_of),
  };
}

function info_of(element) {
  return {
    language: text_of(element, 'language') || 'en-US',
    categories: texts(element, 'category'),
    event: text_of(element, 'event'),
    urgency: text_of(element, 'urgency'),
    severity: text_of(element, 'severity'),
    certainty: text_of(element, 'certainty'),
    expires: time_of(element, 'expires'),
    onset: time_of(element, 'onset'),
    sender_name: text_of(element, 'senderName'),
    headline: text_of(element, 'headline'),
    description: text_of(element, 'description'),
    instruction: text_of(element, 'instruction'),
    web: text_of(element, 'web'),
    contact: text_of(element, 'contact'),
    areas: children(element, 'area').map(area => text_of(area, 'areaDesc')),
  };
}
