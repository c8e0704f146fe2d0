// Holds what an engine answers against schemas/openapi.json: every status of a route is described,
// and a body is what its schema says.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import { OPENAPI } from './write_openapi.mjs';

export const description = JSON.parse(readFileSync(OPENAPI, 'utf8'));
// The whole document is one schema, so that the references inside it are found.
const ajv = new Ajv2020.default({ allErrors: true, strict: false });
ajv.addSchema({ ...description, $id: 'openapi' });

const pointer = (...parts) => `openapi#/${parts.map((each) =>
  encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/** The described path that a request's path is one of, or undefined. */
export function path_of(pathname) {
  return Object.keys(description.paths).find((pattern) =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/\{[^}]*\}/, '[^/]+')}$`)
      .test(pathname));
}

/** Asserts that an answer is one that the description has; what it says of it. */
export function assert_described(method, url, { status, type, body }) {
  const path = path_of(new URL(url).pathname);
  const operation = description.paths[path]?.[method.replace('HEAD', 'GET').toLowerCase()];
  assert.ok(operation, `${method} ${path} is described`);
  const response = operation.responses[status];
  assert.ok(response, `${method} ${path}: ${status} is described`);
  if (!response.content || status === 304) {
    assert.equal(body.length, 0, `${method} ${path} ${status} has no body`);
    return response;
  }
  if (body.length === 0 && type === undefined) {  // a list of lines with none in it
    assert.deepEqual(Object.keys(response.content), ['application/x-ndjson']);
    return response;
  }
  const name = Object.keys(response.content)
    .find((each) => type === each || type.startsWith(`${each};`));
  assert.ok(name, `${method} ${path} ${status}: ${type} is described`);
  if (!/[/+]json$/.test(name)) return response;
  const validate = ajv.getSchema(pointer('paths', path, method.toLowerCase().replace('head', 'get'),
    'responses', String(status), 'content', name, 'schema'));
  assert.ok(validate(JSON.parse(body)), `${method} ${path} ${status}: ` +
    ajv.errorsText(validate.errors));
  return response;
}
