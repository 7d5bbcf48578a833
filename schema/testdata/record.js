// Records what AJV answers, for TestAJVWorkspaceRows and TestAJVKeywordRows. In an empty folder:
//
//   npm install ajv@8.20.0
//   node .../schema/testdata/record.js workspace 1 2500 > .../schema/testdata/workspace-validation.jsonl
//   node .../schema/testdata/record.js keywords 1 1000 > .../schema/testdata/keyword-validation.jsonl
//
// The numbers are the seed and how many rows.
const fs = require('fs');
const path = require('path');
const Ajv = require(require.resolve('ajv/dist/2020', { paths: [process.cwd()] })).default;

const [mode, seed, rows] = process.argv.slice(2);
let state = Number(seed);
function random() { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const chance = (p) => random() < p;
const pick = (list) => list[Math.floor(random() * list.length)];

const strange = ['', 'x', 'true', 'false', '0', '1', '4.5', ' ', ' 7 ', '1e3', '0x1F', '0b2', '-0', '.5', '5.', '+3', 'Infinity',
  '1_0', 'null', 'héllo ☃', '𝒳', 0, 1, -3, 2, 4.5, 1e21, 1e-7, 123456789012345680000, true, false, null,
  [], [''], ['a'], ['a', 'a'], ['a', 'b', 'a'], ['1', 1], [1, 1], [null], [true], [[1]], [{}], ['5'], [5], {}, { a: 1 }, { roomId: 'x' }];

const options = { allowUnionTypes: true, discriminator: true, strict: false, strictNumbers: true, logger: false };
const validators = {
  body: new Ajv({ ...options, coerceTypes: true }),
  query: new Ajv({ ...options, coerceTypes: 'array' }),
};

function valid(schema) {
  if (schema.enum && chance(0.8)) return pick(schema.enum);
  const branches = schema.oneOf || schema.anyOf;
  if (branches && !schema.properties) return valid(pick(branches));
  switch (pick([].concat(schema.type || 'string'))) {
    case 'string': return schema.pattern || pick(['a', 'b', 'some text', '7']);
    case 'number': return pick([0, 1, 2, 50]);
    case 'boolean': return chance(0.5);
    case 'null': return null;
    case 'array': return Array.from({ length: Math.floor(random() * 4) }, () => valid(schema.items || {}));
  }
  const doc = {};
  for (const [name, sub] of Object.entries(schema.properties || {})) {
    if ((schema.required || []).includes(name) || chance(0.3)) doc[name] = valid(sub);
  }
  if (branches && chance(0.8)) Object.assign(doc, valid(pick(branches)));
  return doc;
}

function spoil(v, names) {
  if (chance(0.15)) return pick(strange);
  if (Array.isArray(v)) {
    if (v.length === 0 || chance(0.3)) return v.concat([pick(strange)]);
    const i = Math.floor(random() * v.length);
    return v.map((item, j) => (i === j ? spoil(item, names) : item));
  }
  if (v === null || typeof v !== 'object') return pick(strange);
  let entries = Object.entries(v);
  if (chance(0.15)) entries.push([pick(names), pick(strange)]);
  else if (chance(0.1)) entries.push(['bogus', pick(strange)]);
  else if (entries.length && chance(0.2)) entries.splice(Math.floor(random() * entries.length), 1);
  else if (entries.length) {
    const i = Math.floor(random() * entries.length);
    entries[i] = [entries[i][0], spoil(entries[i][1], names)];
  }
  if (chance(0.3)) entries.sort(() => random() - 0.5);
  return Object.fromEntries(entries);
}

function namesIn(schema, found = []) {
  for (const [name, sub] of Object.entries(schema.properties || {})) namesIn(sub, found).push(name);
  for (const sub of [...(schema.oneOf || []), ...(schema.anyOf || []), ...(schema.items ? [schema.items] : [])]) namesIn(sub, found);
  return found;
}

function scalarSchema() {
  const s = { type: pick(['string', 'string', 'number', 'boolean', ['number', 'string'], ['boolean', 'null'], ['string', 'null']]) };
  if (chance(0.3)) s.nullable = true;
  if (chance(0.3) && s.type === 'string') s.minLength = pick([1, 2]);
  if (chance(0.2) && s.type === 'string') s.pattern = pick(['a', '^b', 'x$']);
  if (chance(0.3)) s.enum = [pick(['a', 1, true]), pick(['b', 0, null]), pick(['5', 2, false])];
  return s;
}
function unionSchema(depth) {
  return { [pick(['oneOf', 'anyOf'])]: Array.from({ length: 1 + Math.floor(random() * 3) }, () => anySchema(depth - 1)) };
}
function anySchema(depth) {
  if (depth <= 0 || chance(0.35)) return scalarSchema();
  if (chance(0.3)) return unionSchema(depth);
  if (chance(0.35)) {
    const s = { type: 'array' };
    if (chance(0.2)) s.nullable = true;
    if (chance(0.7)) s.items = anySchema(depth - 1);
    if (chance(0.3)) s.minItems = pick([1, 2]);
    if (chance(0.3)) { s.items = scalarSchema(); s.uniqueItems = true; }
    if (chance(0.1)) Object.assign(s, unionSchema(depth));
    return s;
  }
  return objectSchema(depth);
}
function objectSchema(depth) {
  const s = { type: 'object' };
  if (chance(0.2)) s.nullable = true;
  if (chance(0.1)) delete s.type, delete s.nullable;
  s.properties = {};
  for (const name of ['a', 'b', 'c', 'd']) if (chance(0.6)) s.properties[name] = anySchema(depth - 1);
  const names = Object.keys(s.properties);
  if (names.length && chance(0.7)) s.required = names.filter(() => chance(0.4)).reverse();
  if (s.required && !s.required.length) delete s.required;
  if (chance(0.5)) s.additionalProperties = chance(0.3);
  if (chance(0.25)) Object.assign(s, unionSchema(depth));
  return s;
}

function record(head, validate, schema, names) {
  let input = valid(schema);
  for (let n = pick([0, 1, 1, 1, 2, 3]); n > 0; n--) input = spoil(input, names);
  const before = JSON.stringify(input);
  const doc = JSON.parse(before);
  const row = { ...head, input: JSON.parse(before), ok: validate(doc) };
  if (!row.ok) row.error = validate.errors.map((e) => e.message).join('\n ');
  else if (JSON.stringify(doc) !== before) row.coerced = doc;
  return row;
}

function* workspace() {
  const dir = path.join(__dirname, '..', 'files');
  const all = fs.readdirSync(dir).sort().map((file) => {
    const schema = JSON.parse(fs.readFileSync(path.join(dir, file), 'utf8'));
    return [file.replace(/\.json$/, ''), validators[schema.location].compile(schema), schema, [...namesIn(schema), 'bogus']];
  });
  for (;;) {
    const [name, validate, schema, names] = pick(all);
    yield record({ schema: name }, validate, schema, names);
  }
}

function* keywords() {
  for (;;) {
    const where = pick(Object.keys(validators));
    const schema = { location: where, ...(chance(0.2) ? unionSchema(3) : objectSchema(3)) };
    const text = JSON.stringify(schema);
    const validate = validators[where].compile(JSON.parse(text)); // AJV adds null to a list of types in place
    for (let n = 0; n < 4; n++) yield record({ schema: JSON.parse(text) }, validate, schema, ['a', 'b', 'c', 'd', 'bogus']);
  }
}

const source = { workspace, keywords }[mode]();
for (let n = 0; n < Number(rows); n++) process.stdout.write(JSON.stringify(source.next().value) + '\n');
