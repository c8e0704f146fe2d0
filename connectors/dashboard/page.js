// The page's fixed parts: the state of the line, notices, lists, the tab's title. Given what is
// true, it makes the document say so, and touches nothing that says so already.

import {drill_word, make_card, make_cancelled, refresh_ages} from './cards.js';
import {clock_time, duration, moment} from './clock.js';
import {element, put_children, put_text} from './dom.js';
import {about_new_roots, unverified} from './words.js';

const unverified_max = 20;
const by_id = id => document.getElementById(id);

function unverified_line({seq, at, reason}) {
  const number = Number.isSafeInteger(seq) ? seq : 'unknown';
  const warning = 'An alert arrived that could not be verified; do not act on it.';
  return element(
      'li', null, element('strong', null, warning), ` ${reason}`,
      element('span', {'class': 'quiet'}, ` Number ${number}, arrived ${clock_time(at)}.`));
}

export class Page {
  /**
   * `on_notice` hears the words of each notice when it appears; `acknowledge(bulletin, answer)`
   * tells the engine, and is null once that has kept it, or why not.
   */
  constructor(languages, on_notice, acknowledge = null) {
    this.languages_ = languages;
    this.acknowledge_ = acknowledge;
    this.on_notice_ = on_notice;
    this.cards_ = new Map();    // id -> {node, made_of}
    this.notices_ = new Map();  // name -> {node, text}
    this.word_ = null;          // of the tab's title
    this.signed_in_ = null;     // the organisation's name
  }

  // --- lists

  show_alerts(active, cancelled, named_by) {
    const kept = new Map();
    const card_of = (bulletin, made_of, make) => {
      const old = this.cards_.get(bulletin.id);
      const card = old?.made_of === made_of ? old : {node: element('li', null, make()), made_of};
      kept.set(bulletin.id, card);
      return card.node;
    };
    put_children(
        by_id('active'),
        active.map(bulletin => card_of(bulletin, '', () => this.card_(bulletin))));
    put_children(by_id('cancelled'), cancelled.map(bulletin => {
      const named = named_by(bulletin);
      return card_of(
          bulletin, named.map(({id}) => id).join(),
          () => make_cancelled(bulletin, named, this.languages_));
    }));
    this.cards_ = kept;
    by_id('cancelled-part').hidden = cancelled.length === 0;
    by_id('none').hidden = active.length > 0;
  }

  card_(bulletin) {
    const acknowledge =
        this.acknowledge_ && (answer => this.acknowledge_(bulletin, answer));
    return make_card(bulletin, this.languages_, acknowledge);
  }

  /** `name` of the organisation that is signed in, or null. */
  show_session(name) {
    if (name !== this.signed_in_) put_text(by_id('session-said'), '');  // it was of another
    this.signed_in_ = name;
    const parts = {'sign-in': name !== null, 'sign-out-part': name === null};
    const hides_focus =
        Object.keys(parts).some(id => parts[id] && by_id(id).contains(document.activeElement));
    put_text(by_id('who'), name === null ? '' : `Signed in as ${name}`);
    put_text(by_id('session-title'), name === null ? 'Sign in as an organisation' :
                                                     `Signed in as ${name}`);
    for (const [id, hidden] of Object.entries(parts)) by_id(id).hidden = hidden;
    if (hides_focus) by_id('session-title').focus();
  }

  /** `sign_in(typed)` and `sign_out()` answer null or why not. */
  on_session(sign_in, sign_out) {
    const said = text => put_text(by_id('session-said'), text);
    by_id('sign-in').addEventListener('submit', async event => {
      event.preventDefault();
      const typed = by_id('secret').value;
      by_id('secret').value = '';  // used or not, it does not stay on a screen that others see
      said('');
      said(await sign_in(typed) ?? `${by_id('who').textContent}.`);
    });
    by_id('sign-out').addEventListener('click', async () => {
      said('');
      said(await sign_out() ?? 'Signed out.');
    });
  }

  /** `entries`: the newest last, {seq, at, reason}; `count`: how many there were in all. */
  show_unverified(entries, count) {
    by_id('unverified-part').hidden = count === 0;
    const lines = entries.slice(-unverified_max).map(unverified_line);
    if (count > lines.length) {
      lines.push(element('li', null, `And ${count - lines.length} more before these.`));
    }
    by_id('unverified').replaceChildren(...lines);
    const why = element('p', null, element('a', {href: '#unverified-title'}, 'Why'));
    this.notice('unverified', count === 0 ? null : unverified(count), why);
  }

  refresh_ages(now) {
    refresh_ages(document, now);
  }

  // --- the line

  /**
   * `state`: {live, starting, known, heard (wall clock or null), silent_ms}. Returns the words to
   * announce. A page that has only just been opened is not live, but no cause for alarm yet.
   */
  show_state({live, starting, known, heard, silent_ms}, count) {
    document.body.classList.toggle('not-live', !live && !starting);
    const word = live ? 'Live' : 'NOT LIVE';
    let more = '';
    if (!live) {
      more = heard === null ? ': connecting. There is no list yet.' :
                              ` since ${clock_time(heard)}. This list may be out of date.`;
    }
    put_text(by_id('state-word'), word);
    put_text(by_id('state-more'), more);
    put_text(by_id('state-age'), live ? `, last heard ${duration(silent_ms)} ago` : '');
    put_text(
        by_id('none'),
        !known   ? 'Nothing is known yet.' :
            live ? 'No active alerts.' :
                   'No alerts were known when this page last heard.');
    put_text(by_id('title'), count === 0 ? 'Active alerts' : `Active alerts (${count})`);
    return word + more;
  }

  /** The tab: what matters first, for those who see nothing but the tab. */
  show_title(live, exercise_system, active) {
    const drills = active.map(({alert}) => drill_word(alert.status));
    const words = new Set(drills);
    const parts = live ? [] : ['NOT LIVE'];
    if (exercise_system)
      parts.push('EXERCISE');
    else if (words.size > 0 && !words.has(null))
      parts.push([...words].sort().join(' and '));
    const real = exercise_system ? drills.length : drills.filter(word => word === null).length;
    const only_drills = real === 0 && drills.length > 0;
    const count = only_drills ? drills.length : real;
    if (count > 0) parts.push(`${count} ${count === 1 ? 'alert' : 'alerts'}`);
    if (!only_drills && real < drills.length) parts.push(`${drills.length - real} for practice`);
    const title = [...parts, 'Tocsin'].join(' – ');
    if (document.title !== title) document.title = title;
  }

  // --- what must be said

  /** Says `words` ([strong, text]) under that name until it is told otherwise; null: no more. */
  notice(name, words, more = null) {
    const old = this.notices_.get(name);
    if (words === null) {
      old?.node.remove();
      this.notices_.delete(name);
      return;
    }
    const [strong, text] = words;
    const whole = `${strong} ${text}`;
    if (old?.text === whole) return;
    const node = element(
        'div', {'class': 'notice'}, element('p', null, element('strong', null, strong), ` ${text}`),
        more);
    this.notices_.set(name, {node, text: whole});
    if (old !== undefined) return old.node.replaceWith(node);
    by_id('notices').append(node);
    this.on_notice_(whole);
  }

  show_filters(filters) {
    by_id('filters').hidden = filters.length === 0;
    put_text(
        by_id('filters'),
        'Only those that this page’s address asks for: ' +
            `${filters.map(([name, value]) => `${name} ${value}`).join(', ')}.`);
  }

  show_trust(document_in_force, keeper) {
    const exercise = document_in_force?.kind === 'exercise';
    by_id('drill-banner').hidden = !exercise;
    document.body.classList.toggle('exercise-system', exercise);
    if (document_in_force === null) return;
    put_text(by_id('system'), document_in_force.system);
    const root = document_in_force.root;
    const rows = [
      ['System', `${document_in_force.system} (${document_in_force.kind})`],
      [
        'Trust document',
        `version ${document_in_force.version}, until ${moment(document_in_force.expires)}`
      ],
      ['Roots pinned', moment(keeper.pinned_since)],
      ['Signed by', `at least ${root.threshold} of ${root.keys.length} root keys`],
      ...root.keys.map((key, i) => [`Root ${i + 1}`, `${key.keyid} (${key.holder})`]),
    ];
    by_id('trust-facts')
        .replaceChildren(...rows.map(
            ([name, value]) => element(
                'div', null, element('dt', null, name),
                element('dd', {'class': 'ids'}, element('bdi', null, value)))));
  }
}

/**
 * The way back when the roots have really changed: a person compares, and types. `pin` is called
 * with what was typed when that is the beginning of one of `roots`, and says whether it was done.
 */
export function new_roots_form(roots, pin) {
  const input = element('input', {
    id: 'new-root',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: '64',
    size: '12',
    'aria-describedby': 'new-root-said',
  });
  const said = element('p', {id: 'new-root-said', role: 'status'});
  const form = element(
      'form', null,
      element('label', {'for': 'new-root'}, 'First 8 characters of a new root’s id: '), input, ' ',
      element('button', {type: 'submit'}, 'Pin the new roots'), said);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const typed = input.value.trim().toLowerCase();
    if (typed.length < 8 || !roots.some(key => key.keyid.startsWith(typed)))
      put_text(said, 'That is not how the id of a root that is served begins.');
    else if (!await pin(typed))
      put_text(said, 'That root has not signed what is served now.');
  });
  return element(
      'details', null, element('summary', null, 'The roots have really changed'),
      element('p', null, about_new_roots),
      ...roots.map(key => element('p', {'class': 'ids'}, key.keyid)), form);
}
