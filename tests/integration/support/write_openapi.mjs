// Puts the schemas of schemas/ into schemas/openapi.json, whose paths are written by hand: run it
// by hand after a schema changed. An answer that is read alone has to hold what it refers to.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schema_of, SCHEMAS } from './schemas.mjs';

export const OPENAPI = join(SCHEMAS, 'openapi.json');
const LOCAL = '#/components/schemas/';

/** Every schema the paths refer to, and those refer to, without what makes a file of it. */
export function schemas_for(description) {
  const wanted = {};
  const look = (value) => {
    if (Array.isArray(value)) return value.map(look);
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => {
      if (key !== '$ref' || typeof each !== 'string') return [key, look(each)];
      const name = each.startsWith(LOCAL) ? each.slice(LOCAL.length)
        : /^([a-z-]+)\.schema\.json$/.exec(each)?.[1];
      if (!name || !schema_of(name)) return [key, each];
      if (!(name in wanted)) {
        wanted[name] = null;  // its place, in the order of first mention
        const { $schema, $id, ...rest } = schema_of(name);
        wanted[name] = look(rest);
      }
      return [key, LOCAL + name];
    }));
  };
  look(description.paths);
  return wanted;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const description = JSON.parse(readFileSync(OPENAPI, 'utf8'));
  description.components.schemas = schemas_for(description);
  writeFileSync(OPENAPI, `${JSON.stringify(description, null, 1)}\n`);
}
