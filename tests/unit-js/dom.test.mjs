import assert from 'node:assert/strict';
import {test} from 'node:test';
import {with_links} from '../../connectors/dashboard/dom.js';

// As much of a document as a link needs.
globalThis.document = {
  createElement: (tag) => ({
    tag,
    text: '',
    setAttribute(name, value) {
      this[name] = value;
    },
    append(...texts) {
      this.text += texts.join('');
    },
  }),
};
const told = (text) =>
    with_links(text).map((node) => (typeof node === 'string' ? node : `<${node.href}>`)).join('');

test('whole https addresses are links, and what ends a sentence is none of them', () => {
  assert.equal(told('See https://a.example/x).'), 'See <https://a.example/x>).');
  assert.equal(told('http://a.example and https://u:p@a.example'),
      'http://a.example and https://u:p@a.example');
});

test('a text made of dots is looked through once', () => {
  const text = `https://a${'.'.repeat(200_000)}a`;
  const before = performance.now();
  with_links(text);
  assert.ok(performance.now() - before < 2000);
});
