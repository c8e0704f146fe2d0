// Holds objects against schemas/: their JSON Schema through ajv, and the order of their keys, which
// is that of `properties`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const SCHEMAS = join(ROOT, 'schemas');

// strictRequired off: `required` may stand beside `if`, away from the properties it names.
const ajv = new Ajv2020.default({ allErrors: true, strictRequired: false, strictTypes: false });
const by_name = new Map();
for (const file of readdirSync(SCHEMAS).filter((name) => name.endsWith('.schema.json'))) {
  const schema = JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8'));
  by_name.set(file.replace('.schema.json', ''), schema);
  ajv.addSchema(schema);
}

export const schema_names = () => [...by_name.keys()];
export const schema_of = (name) => by_name.get(name);

/** What is wrong with it, or null. */
export function faults_of(name, object) {
  const validate = ajv.getSchema(by_name.get(name).$id);
  return validate(object) ? null : ajv.errorsText(validate.errors);
}

function resolved(schema) {
  if (schema?.anyOf) return schema.anyOf.find((each) => each.properties) ?? schema;
  if (!schema?.$ref) return schema;
  return by_name.get(schema.$ref.replace('.schema.json', '')) ?? schema;
}

/** The first object whose keys are not in the schema's order, or null. JSON.parse keeps order. */
export function disorder_of(schema, value, where = '') {
  schema = resolved(schema);
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const found = disorder_of(schema?.items, each, `${where}[${index}]`);
      if (found) return found;
    }
  } else if (value && typeof value === 'object' && schema?.properties) {
    const keys = Object.keys(value);
    const expected = Object.keys(schema.properties).filter((key) => key in value);
    const known = keys.filter((key) => key in schema.properties);
    if (known.join() !== expected.join()) return `${where}: ${keys} instead of ${expected}`;
    for (const key of known) {
      const found = disorder_of(schema.properties[key], value[key], `${where}.${key}`);
      if (found) return found;
    }
  }
  return null;
}

/** Parses one JSON text and asserts that it is a `name`, keys in order, without spaces between. */
export function checked(name, text) {
  const object = JSON.parse(text);
  assert.equal(faults_of(name, object), null, `${name}: ${text.slice(0, 400)}`);
  assert.equal(disorder_of(by_name.get(name), object), null,
    `order of keys: ${text.slice(0, 400)}`);
  return object;
}

const ON_THE_STREAM = new Set(['hello', 'alert', 'live', 'beat']);

/** One line of a stream. */
export function checked_event(line) {
  const type = /^\{"type":"([a-z]+)"[,}]/.exec(line)?.[1];
  assert.ok(ON_THE_STREAM.has(type), `a line that is no object of the stream: ${line.slice(0,
    200)}`);
  assert.equal(JSON.stringify(JSON.parse(line)).length, line.length, 'spaces between tokens');
  return checked(type, line);
}
