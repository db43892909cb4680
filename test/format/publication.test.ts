// Publications come back as they were written; every damage, and every member that is not as it must be, is refused.

import { expect, test } from 'vitest';
import { encodeEnvelope } from '../../src/format/envelope.js';
import { decodePublication, encodePublication, placeOf, PUBLICATION_BYTES_MAX, type Publication } from '../../src/format/publication.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { PUBLICATION } from '../golden/sync-samples.js';
import { expectEveryDamageRefused, refusalOf } from './damage.js';

test('a publication comes back as it was written: the first, one that follows, one of an encrypted collection', () => {
  const { before: _, key: __, ...first } = PUBLICATION;
  for (const publication of [PUBLICATION, first, { ...first, key: new Uint8Array(92).fill(7) }]) expect(decodePublication(encodePublication(publication as Publication), 'FILE')).toEqual(publication);
});

test('every flipped bit and every truncation of a publication is refused', () => {
  expectEveryDamageRefused(encodePublication(PUBLICATION), (bytes) => decodePublication(bytes, 'FILE'));
});

const file = (name: string) => ({ name, sizeBytes: 1 });

test.each([
  ['version', 0], ['database', '../x'], ['name', 'a/b'], ['publicKey', 'A'.repeat(64)], ['head', '{}'], ['key', 'ab'], ['files', [file('catalog/1')]], ['files', [file('../rows.parquet')]],
  ['files', [file(`del-${'a'.repeat(64)}.dv`), file(`del-${'a'.repeat(64)}.dv`)]], ['files', [{ ...file(`del-${'a'.repeat(64)}.dv`), more: 1 }]], ['before', { manifest: 0, files: [] }], ['more', 1],
])('a publication whose %s is %j is refused', (member, value) => {
  const object = JSON.parse(new TextDecoder().decode(encodePublication(PUBLICATION))) as Record<string, unknown>;
  const { crc32c: _, formatVersion: __, ...members } = object;
  const bytes = encodeEnvelope({ ...members, [member]: value } as never, PUBLICATION_BYTES_MAX, 'publication');
  expect(refusalOf(() => decodePublication(bytes, 'FILE'), member).code).toBe('Corrupt');
});

test('collections of other databases, and of names that differ only in case, have other places', async () => {
  const places = await Promise.all([['a', 'b'], ['a', 'B'], ['A', 'b']].map(([database = '', name = '']) => placeOf(database, name, webAmbient().sha256)));
  expect(new Set(places).size).toBe(3);
  // printf 'default/books' | sha256sum
  expect(await placeOf('default', 'books', webAmbient().sha256)).toBe('1da3349f8dc4e82f6cb0a72e398e4bf7');
});
