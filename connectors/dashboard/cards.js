// An alert as a person sees it: an article that never changes once made, but for its ages.

import {infos_for, rank, severity_of} from './cap.js';
import {check_code} from './check_code.js';
import {duration, moment} from './clock.js';
import {element, is_plain_https, link_to, put_text, severity_shape, with_links} from './dom.js';

/** The word that sets a drill apart, or null for what is real. */
export function drill_word(status) {
  return status === 'Actual' ? null : status === 'Test' ? 'TEST' : 'EXERCISE';
}

/** What a person would call this alert: its headline, else its event. */
export function title_of(alert, languages) {
  const info = infos_for(alert, languages)[0];
  return info?.headline || info?.event || 'Alert';
}

export function announcement_of(bulletin, languages) {
  const words =
      [drill_word(bulletin.alert.status), bulletin.severity].filter(word => word !== null);
  return `${words.join(', ')}: ${title_of(bulletin.alert, languages)}`;
}

const answer_max = 250;  // characters, which are at most 1,000 octets

/** `acknowledge(answer)`, where there is one, tells the engine: null once kept, or why not. */
export function make_card(bulletin, languages, acknowledge = null) {
  const {alert} = bulletin;
  const infos = infos_for(alert, languages);
  const word = drill_word(alert.status);
  const heading = `alert-${bulletin.id.slice(0, 16)}`;
  const card = element('article', {
    'class': `card severity-${severity_of(alert).toLowerCase()}${word === null ? '' : ' drill'}`,
    'aria-labelledby': heading,
  });
  if (word !== null) card.append(drill_strip(word));
  const body = element('div', {'class': 'body'});
  infos.forEach((info, i) => body.append(...info_parts(info, i === 0 ? heading : null, word)));
  if (infos.length === 0)
    body.append(element('h2', {id: heading, 'class': 'title'}, 'Alert without words'));
  body.append(facts(bulletin, infos[0]));
  if (acknowledge !== null) {
    body.append(acknowledging(heading, title_of(alert, languages), acknowledge));
  }
  body.append(how_verified(bulletin));
  card.append(body);
  return card;
}

function acknowledging(heading, title, acknowledge) {
  const field = `answer-${heading}`;
  const input = element('input', {id: field, type: 'text', maxlength: String(answer_max)});
  const said = element('p', {role: 'status'});
  const form = element(
      'form', {'class': 'acknowledge'},
      element(
          'p', null,
          element(
              'label', {'for': field}, 'Answer (optional)',
              element('span', {'class': 'unseen'}, ` to ${title}`), ': '),
          input, ' ',
          element(
              'button', {type: 'submit'}, 'Acknowledge',
              element('span', {'class': 'unseen'}, `: ${title}`))),
      said);
  let sending = false;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    put_text(said, 'Sending.');
    put_text(said, await acknowledge(input.value.trim()) ?? 'Acknowledged.');
    sending = false;
  });
  return form;
}

function drill_strip(word) {
  const words =
      word === 'TEST' ? 'This is a test. Do not act on it.' : 'This is a drill, not a real alert.';
  return element('p', {'class': 'drill-strip'}, element('strong', null, word), ` ${words}`);
}

function info_parts(info, heading, word) {
  const told = {lang: info.language, dir: 'auto'};
  const title = info.headline || info.event || 'Alert';
  const parts = [
    element(
        'p', {'class': `tag severity-${info.severity.toLowerCase()}`},
        severity_shape(info.severity), element('span', null, severity_words(info.severity))),
    element(
        'h2', {id: heading, 'class': 'title'}, word === null ? null : `${word}: `,
        element('bdi', told, title)),
  ];
  if (info.headline && info.event) {
    parts.push(element('p', {'class': 'event', ...told}, info.event));
  }
  parts.push(areas_of(info));
  if (info.instruction) {
    parts.push(element(
        'div', {'class': 'instruction'}, element('h3', null, 'What to do'),
        element('p', {'class': 'told', ...told}, ...with_links(info.instruction))));
  }
  if (info.description) {
    parts.push(element('p', {'class': 'told', ...told}, ...with_links(info.description)));
  }
  if (info.web && is_plain_https(info.web)) {
    parts.push(element('p', null, 'More at ', link_to(info.web)));
  }
  if (info.contact) {
    parts.push(element('p', null, 'Contact: ', element('bdi', told, info.contact)));
  }
  return parts.filter(part => part !== null);
}

function severity_words(severity) {
  return severity === 'Unknown' ? 'Severity unknown: treat as Extreme' : severity;
}

function areas_of(info) {
  const areas = info.areas.filter(name => name !== '');
  if (areas.length === 0) return null;
  const names =
      areas.map((name, i) => [i === 0 ? null : '; ', element('bdi', {lang: info.language}, name)])
          .flat();
  return element('p', {'class': 'where'}, element('span', {'class': 'label'}, 'Where: '), ...names);
}

function facts(bulletin, info) {
  const from = info?.sender_name || bulletin.sender_name;
  const rows = [
    [
      'From',
      [
        element('bdi', null, from),
        from === bulletin.sender_name ?
            null :
            element(
                'span', {'class': 'quiet'}, ' (', element('bdi', null, bulletin.sender_name), ')')
      ]
    ],
    ['Sent', [time_of(bulletin.alert.sent), age_of(bulletin.alert.sent)]],
    ['Until', [time_of(bulletin.expires), age_of(bulletin.expires)]],
  ];
  return element(
      'dl', {'class': 'facts'},
      ...rows.map(
          ([name, values]) =>
              element('div', null, element('dt', null, name), element('dd', null, ...values))));
}

function time_of(ms) {
  return element('time', {datetime: new Date(ms).toISOString()}, moment(ms));
}

// Ages tick: never inside a live region, and never read out.
function age_of(ms) {
  return element('span', {'class': 'age quiet', 'aria-hidden': 'true', 'data-at': String(ms)});
}

export function refresh_ages(root, now) {
  for (const node of root.querySelectorAll('[data-at]')) {
    const away = now - Number(node.dataset.at);
    put_text(node, away >= 0 ? ` (${duration(away)} ago)` : ` (in ${duration(-away)})`);
  }
}

function how_verified(bulletin) {
  const people = bulletin.holders === 1 ? 'one officer' : `${bulletin.holders} officers`;
  return element(
      'details', {'class': 'quiet'}, element('summary', null, 'Verified in this browser'),
      element(
          'p', null, `Signed by ${people} of `, element('bdi', null, bulletin.sender_name), ' (',
          element('bdi', null, bulletin.sender), '). Number ', String(bulletin.seq),
          ' in the log.'),
      element(
          'p', {'class': 'ids'}, 'Identifier ', element('bdi', null, bulletin.alert.identifier)),
      element('p', {'class': 'ids'}, `Check code ${check_code(bulletin.id)}`),
      element('p', {'class': 'ids'}, `Id ${bulletin.id}`),
      ...bulletin.keyids.map(keyid => element('p', {'class': 'ids'}, `Key ${keyid}`)));
}

/** A Cancel in its fixed form: what it ends, and why. Nothing else of it is ever shown. */
export function make_cancelled(bulletin, named, languages) {
  const {alert} = bulletin;
  const word = drill_word(alert.status);
  const heading = `alert-${bulletin.id.slice(0, 16)}`;
  const info = infos_for(alert, languages)[0];
  const reason = alert.note || info?.description || '';
  const card = element('article', {
    'class': `card cancelled${word === null ? '' : ' drill'}`,
    'aria-labelledby': heading,
  });
  if (word !== null) card.append(drill_strip(word));
  card.append(element(
      'div', {'class': 'body'}, element('p', {'class': 'tag'}, element('span', null, 'Cancelled')),
      element(
          'h3', {id: heading, 'class': 'title'}, word === null ? null : `${word}: `,
          ...cancelled_title(alert, named, languages)),
      element('p', null, 'This alert no longer applies. Do not act on it.'),
      element(
          'p', {'class': 'told'}, element('span', {'class': 'label'}, 'Reason: '),
          element(
              'bdi', {lang: alert.note ? null : info?.language ?? null},
              ...with_links(reason || 'none given'))),
      element(
          'dl', {'class': 'facts'},
          element(
              'div', null, element('dt', null, 'From'),
              element('dd', null, element('bdi', null, bulletin.sender_name))),
          element(
              'div', null, element('dt', null, 'Cancelled'),
              element('dd', null, time_of(alert.sent), age_of(alert.sent)))),
      how_verified(bulletin)));
  return card;
}

function cancelled_title(alert, named, languages) {
  const told = named.filter(bulletin => bulletin.alert.msg_type !== 'Cancel')
                   .sort((a, b) => rank(b.severity) - rank(a.severity))[0];
  if (told !== undefined) {
    return [
      'Cancelled: ', element('s', null, element('bdi', null, title_of(told.alert, languages)))
    ];
  }
  const names = alert.references.map(reference => reference.identifier).join(', ');
  return ['Cancelled: alert ', element('bdi', null, names)];
}
