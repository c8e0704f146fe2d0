// What the page has to say when something is not as it should be: each a sentence that is read
// first, and what follows from it.

import {moment} from './clock.js';

/** A browser that cannot check signatures. */
export const unable = arrived => [
  'Not verified here.',
  'This browser cannot check the signatures (it lacks Ed25519, or the page came neither over ' +
      `https nor from this computer), so no alert is shown. ${arrived} arrived. Use a newer ` +
      'browser, or the command tocsin.',
];

export const gap = now => [
  `There is a gap before ${moment(now)}.`,
  'The engine could not say what it sent while this page was away. What is active now has been ' +
      'fetched again; what came and ended in between is not shown.',
];

export const another_system = [
  'The engine says that it is another system.',
  'Its trust document and its stream do not agree. Tell the people who run it.',
];

export const wrong_clock = [
  'This computer’s clock is wrong.',
  'It differs from the engine’s by more than a minute. This page goes by the engine’s.',
];

export const left_out = count => [
  `${count} less severe alerts are not shown.`,
  'There are more than this page keeps. The command “tocsin alert list” has them all.',
];

export const unverified = count => [
  count === 1 ? 'An alert could not be verified.' : `${count} alerts could not be verified.`,
  'Do not act on what is not shown here.',
];

// --- who reads

/** `lost`: the organisation's name, '' where it is not known. */
export const signed_in_no_longer = lost => [
  'This browser is signed in no longer.',
  `What is meant for ${lost || 'an organisation'} alone does not come any more. Sign in again at ` +
      'the foot of this page; if that fails, ask the people who run this system for an ' +
      'invitation. To read public alerts alone, load this page anew.',
];

// --- trust

export const no_revocations = [
  'The revocations could not be fetched.',
  'A key that was taken away since the trust document may still count here. This page asks again ' +
      'by itself; tell the people who run this system if this stays.',
];

const day_ms = 24 * 60 * 60 * 1000;

/** What is said of a trust document whose time runs out; null while there is time. */
export function expiry(trust, now) {
  if (trust === null) return null;
  const left_ms = trust.expires - now;
  const who = 'The people who run this system must renew it';
  if (left_ms <= 0) {
    return [
      'The trust document has expired.',
      `Alerts are still checked and shown. ${who}: it ended at ${moment(trust.expires)}.`,
    ];
  }
  if (left_ms <= 7 * day_ms) {
    return [
      'The trust document expires within a week.',
      `${who} now: it ends at ${moment(trust.expires)}.`,
    ];
  }
  if (left_ms <= 30 * day_ms) {
    return ['The trust document expires soon.', `It ends at ${moment(trust.expires)}.`];
  }
  return null;
}

export const not_taken = (why, trust) => {
  const consequence = trust === null ? 'Nothing can be verified, so no alert is shown.' :
                                       `Version ${trust.version}, taken earlier, stays in force.`;
  return ['The trust document was not taken.', `${why} ${consequence}`];
};

export const keeps_nothing = [
  'This browser does not keep what it pins.',
  'When you come back, it will believe whichever roots it is shown first.',
];

export const forgot_pins = [
  'This browser could not read what it had pinned.',
  'It has pinned the roots anew: compare them below, under “How this page verifies”.',
];

export const about_new_roots =
    'Ask the people who run this system, by another way than this page, for the id of their new ' +
    'root. If somebody else serves this page, pinning makes you believe whatever they say. The ' +
    'engine serves:';
