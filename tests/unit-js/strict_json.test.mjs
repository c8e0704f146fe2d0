import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parse_strict_json} from '../../connectors/dashboard/strict_json.js';

const folder = fileURLToPath(new URL('../data/jsontestsuite/test_parsing', import.meta.url));

function taken(bytes) {
  try {
    parse_strict_json(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

test('the files of the JSON test suite are judged as their names say', () => {
  const counts = {y: 0, n: 0};
  for (const name of readdirSync(folder)) {
    const kind = name[0];
    if (!(kind in counts)) continue;
    counts[kind]++;
    // Two members of one name are JSON, but not one text with one meaning.
    const expected = kind === 'y' && !name.includes('duplicated_key');
    assert.equal(taken(readFileSync(join(folder, name))), expected, name);
  }
  assert.ok(counts.y > 80 && counts.n > 150, JSON.stringify(counts));
});

test('a member named twice is refused, however it is spelt and however deep', () => {
  for (const text
           of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"b":{"c":1,"c":2}}]',
               '{"a":{"b":1},"b":2,"a":3}', '{"a" : 1, "a"\n: 2}']) {
    assert.throws(() => parse_strict_json(text), {code: 'malformed'}, text);
  }
});

test('equal names in different objects and in texts are no repetition', () => {
  for (const text
           of ['[{"a":1},{"a":2}]', '{"a":{"a":{"a":1}}}', '{"a":"\\"a\\":1,\\"a\\":2"}',
               '{"a":["a","a"],"b":"a"}', '{"}":1,"{":2,"]":3,"[":4}']) {
    assert.deepEqual(parse_strict_json(text), JSON.parse(text), text);
  }
});

test('nesting of 32 is taken and of 33 is not', () => {
  const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(parse_strict_json(nested(32)));
  assert.throws(() => parse_strict_json(nested(33)), {code: 'malformed'});
});
