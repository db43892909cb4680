// The model of a vector field: kept with the schema, and vectors of another one are refused.

import { describe, expect, it } from 'vitest';
import { decodeManifest, encodeManifest, type Manifest } from '../../src/format/manifest.js';
import { checkSchema } from '../../src/model/schema.js';
import { requireModel, requireNormalized } from '../../src/model/vector-model.js';

const key = { name: 'id', type: 'Int64', primaryKey: true } as const;
const vector = { name: 'v', type: 'FloatVector', dim: 4 } as const;
const schemaWith = (model: unknown) => checkSchema({ fields: [key, { ...vector, model }] });

describe('the model of a field', () => {
  it('is kept with the schema and comes back from a manifest', () => {
    const schema = schemaWith({ name: 'bge-small', normalized: true });
    expect(schema.fields[1]?.model).toEqual({ name: 'bge-small', normalized: true });
    const manifest: Manifest = { formatVersion: 1, collection: '0123456789abcdef', name: 'c', version: 1, schema, nextLsn: 1n, segments: [] };
    expect(decodeManifest(encodeManifest(manifest), 'a manifest').schema).toEqual(schema);
  });
  it('says nothing of the length unless it is 1', () => {
    expect(schemaWith({ name: 'm', normalized: false }).fields[1]?.model).toEqual({ name: 'm' });
  });
  it.each([['m'], [{}], [{ name: '' }], [{ name: 'm'.repeat(256) }], [{ name: 'm', normalized: 1 }], [{ name: 'm', dtype: 'q8' }], [null]])('refuses %j', (model) => {
    expect(() => schemaWith(model)).toThrow(/^field "v"\.model/);
  });
  it('is not of fields without dense vectors', () => {
    expect(() => checkSchema({ fields: [{ ...key, model: { name: 'm' } }, vector] })).toThrow(/model belongs to dense vectors/);
  });
});

describe('vectors declared with a model', () => {
  const { fields } = checkSchema({ fields: [key, { ...vector, model: { name: 'a' } }, { ...vector, name: 'w' }] });
  it('pass if it is that of the field, if the field records none, or if none is declared', () => {
    for (const declared of [undefined, 'a', { v: 'a' }, { w: 'b' }, {}]) expect(() => requireModel(fields, declared)).not.toThrow();
  });
  it.each([['b', 'b'], [{ v: 'b' }, 'b']])('are refused if it is another: %j', (declared, named) => {
    expect(() => requireModel(fields, declared)).toThrow(`field "v" holds vectors of the model "a": vectors of "${named}" are not comparable with them`);
  });
  it.each([[{ x: 'a' }, /"x" is no vector field/], [{ id: 'a' }, /"id" is no vector field/], [{ v: 1 }, /name of a model/], [7, /name of a model/], [null, /name of a model/]])('are refused for a declaration that means nothing: %j', (declared, message) => {
    expect(() => requireModel(fields, declared)).toThrow(message);
  });
});

describe('a normalised model', () => {
  const field = { dim: 2, model: { name: 'm', normalized: true } } as const;
  const where = (row: number) => `row ${row}`;
  it('takes vectors of length 1, as f16 rounds them too', () => {
    expect(() => requireNormalized(field, Float32Array.of(0.6, 0.8, 1.005, 0), where)).not.toThrow();
  });
  it('refuses others, and says which', () => {
    expect(() => requireNormalized(field, Float32Array.of(0.6, 0.8, 3, 4), where)).toThrow('row 1: expected a vector of length 1, as "m" gives them, found length 5.000');
  });
  it('does not ask it of other models', () => {
    expect(() => requireNormalized({ dim: 2, model: { name: 'm' } }, Float32Array.of(3, 4), where)).not.toThrow();
  });
});
