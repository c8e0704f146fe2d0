// CAP 1.2 documents for the tests, written by hand rather than by the engine's composer.
import { randomUUID } from 'node:crypto';

export const SYSTEM = 'exercise-test';

const escaped = (text) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A time as CAP writes it: an offset, no fraction, no Z. */
export const cap_time = (date) => date.toISOString().replace(/\.\d+Z$/, '-00:00');
export const in_seconds = (seconds) => cap_time(new Date(Date.now() + seconds * 1000));

const element = (name, value) => (value ? `<${name}>${escaped(value)}</${name}>` : '');

function area_xml(area) {
  return `<area><areaDesc>${escaped(area.name ?? 'Camden')}</areaDesc>` +
    (area.polygons ?? []).map((p) => element('polygon', p)).join('') +
    (area.circles ?? []).map((c) => element('circle', c)).join('') +
    (area.codes ?? []).map((code) => '<geocode><valueName>ONS</valueName>' +
      `<value>${code}</value></geocode>`).join('') + '</area>';
}

/**
 * An alert as a Buffer. Everything has a default that the demo authority may say; `xml` changes the
 * text at the end, for documents that must be wrong.
 */
export function alert(parts = {}) {
  const p = {
    identifier: `T-${randomUUID()}`, sender: 'control@one.example', sent: in_seconds(0),
    status: 'Exercise', msg_type: 'Alert', scope: 'Public', system: SYSTEM, category: 'Safety',
    event: 'Flood', urgency: 'Immediate', severity: 'Minor', certainty: 'Observed',
    expires: in_seconds(3600), headline: 'River rising', areas: [{ codes: ['E09000007'] }],
    ...parts,
  };
  const info = p.info === false ? '' :
    `<info><language>en-GB</language><category>${p.category}</category>` +
    `<event>${escaped(p.event)}</event><urgency>${p.urgency}</urgency>` +
    `<severity>${p.severity}</severity><certainty>${p.certainty}</certainty>` +
    element('expires', p.expires) + element('headline', p.headline) +
    element('description', p.description) +
    element('instruction', p.instruction ?? 'Move to higher ground.') +
    p.areas.map(area_xml).join('') + '</info>';
  const xml = '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">' +
    `<identifier>${escaped(p.identifier)}</identifier><sender>${escaped(p.sender)}</sender>` +
    `<sent>${p.sent}</sent><status>${p.status}</status><msgType>${p.msg_type}</msgType>` +
    `<scope>${p.scope}</scope>` + element('restriction', p.restriction) +
    element('addresses', p.addresses) + element('code', p.system && `system:${p.system}`) +
    element('note', p.note) + element('references', p.references) + info + '</alert>\n';
  return Buffer.from(p.xml ? p.xml(xml) : xml);
}

/** `sender,identifier,sent` of a document made above. */
export function reference_to(document) {
  const text = document.toString();
  const of = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)[1];
  return `${of('sender')},${of('identifier')},${of('sent')}`;
}

export const update = (named, parts = {}) =>
  alert({ msg_type: 'Update', references: named.map(reference_to).join(' '), ...parts });

export const cancel = (named, parts = {}) =>
  alert({ msg_type: 'Cancel', references: named.map(reference_to).join(' '),
          note: 'The river has gone down.', ...parts });
