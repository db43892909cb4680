// Keys: each is spelled as docs/format.md says, and nothing else is parsed back.

import { expect, test } from 'vitest';
import { catalogKey, CATALOG_PREFIX, collectionPrefix, deletionsName, fileKey, hashOf, isCollectionId, isFileName, logKey, logPrefix, lsnOf, manifestKey, manifestPrefix, rowsName, versionOf } from '../../src/format/keys.js';

const ID = '0123456789abcdef';
const SHA = 'ab'.repeat(32);

test('keys are spelled as the format says', () => {
  expect(catalogKey(7)).toBe('catalog/00000000000000000007.json');
  expect(manifestKey(ID, 12)).toBe(`c${ID}/manifest/00000000000000000012.json`);
  expect(logKey(ID, (1n << 64n) - 1n)).toBe(`c${ID}/wal/18446744073709551615.log`);
  expect(fileKey(ID, rowsName(SHA))).toBe(`c${ID}/rows-${SHA}.parquet`);
  expect(fileKey(ID, deletionsName(SHA))).toBe(`c${ID}/del-${SHA}.dv`);
  expect(catalogKey(1).startsWith(CATALOG_PREFIX)).toBe(true);
  expect(manifestKey(ID, 1).startsWith(manifestPrefix(ID))).toBe(true);
  expect(logKey(ID, 1n).startsWith(logPrefix(ID))).toBe(true);
  expect(manifestPrefix(ID).startsWith(collectionPrefix(ID)) && logPrefix(ID).startsWith(collectionPrefix(ID))).toBe(true);
});

test('the order of keys is the order of numbers', () => {
  const versions = [0, 1, 9, 10, 99, 1000, 2 ** 40, Number.MAX_SAFE_INTEGER];
  expect(versions.map((version) => manifestKey(ID, version)).sort().map(versionOf)).toEqual(versions);
  const lsns = [0n, 1n, 10n, 1n << 60n, (1n << 64n) - 1n];
  expect(lsns.map((lsn) => logKey(ID, lsn)).sort().map(lsnOf)).toEqual(lsns);
});

test('a key that we would not write is not parsed', () => {
  const strangers = ['', 'catalog/1.json', 'catalog/00000000000000000007.jso', 'x/00000000000000000007.json', `c${ID}/manifest/0000000000000000000a.json`, `c${ID.toUpperCase()}/manifest/00000000000000000001.json`, 'catalog/99999999999999999999.json', `c${ID}/wal/00000000000000000001.log`, `\n${catalogKey(1)}`, `${catalogKey(1)}\n`];
  for (const key of strangers) expect(versionOf(key), key).toBeUndefined();
  for (const key of [`c${ID}/wal/1.log`, `c${ID}/wal/18446744073709551616.log`, catalogKey(1), `../c${ID}/wal/00000000000000000001.log`]) expect(lsnOf(key), key).toBeUndefined();
});

test('only names made of a kind and a hash are file names', () => {
  expect(hashOf(rowsName(SHA))).toBe(SHA);
  expect(hashOf(deletionsName(SHA))).toBe(SHA);
  const strangers = ['', 'rows-.parquet', `rows-${SHA}.dv`, `del-${SHA}.parquet`, `rows-${SHA.toUpperCase()}.parquet`, `../rows-${SHA}.parquet`, `rows-${SHA}.parquet/..`, `rows-${SHA}.parquet\n`, `rows-${SHA}0.parquet`];
  for (const name of strangers) {
    expect(isFileName(name), name).toBe(false);
    expect(() => hashOf(name), name).toThrow('expected rows-<sha256>.parquet');
  }
  expect(isCollectionId(ID)).toBe(true);
  for (const id of ['', ID.slice(1), `${ID}0`, ID.toUpperCase(), `../${ID.slice(3)}`]) expect(isCollectionId(id), id).toBe(false);
});
