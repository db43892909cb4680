// Golden files: what version 1 wrote is read for ever as what it was, and is what we write today.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeBatch } from '../../src/format/batch.js';
import { decodeCatalog } from '../../src/format/catalog.js';
import { decodeDeletions } from '../../src/format/deletion-vector.js';
import { decodeFileIndex } from '../../src/format/file-index.js';
import { readLog } from '../../src/format/log.js';
import { decodeHead } from '../../src/format/head.js';
import { decodeManifest } from '../../src/format/manifest.js';
import { decodePublication } from '../../src/format/publication.js';
import { decodePush } from '../../src/format/push.js';
import { decodePushState } from '../../src/format/push-state.js';
import { decodeRows } from '../../src/format/rows-file.js';
import { primaryField } from '../../src/model/schema.js';
import { BATCHES, CATALOG, DATED_MANIFEST, COLUMNS, DELETIONS, encodeAll, EVOLVED_COLUMNS, EVOLVED_MANIFEST, EVOLVED_SCHEMA, FILE_INDEX, FIRST_LSN, FULL_COLUMNS, FULL_INDEXED_MANIFEST, FULL_MANIFEST, FULL_SCHEMA, INDEXED_MANIFEST, LOG_SEED, MANIFEST, KEPT_CATALOG, NAMES_CATALOG, PARTITIONS_MANIFEST, SCHEMA, SPARSE_INDEXED_MANIFEST, STATISTICS_MANIFEST } from './samples.js';
import { encodeSync, HEAD, MARKED, PUBLICATION, PUSH, PUSH_STATE, PUSHES_MANIFEST, REFUSED, SCOPED_MANIFEST, STAMPED_SCHEMA, TEXT_KEY, TEXT_PUSH_STATE } from './sync-samples.js';

const FOLDER = new URL('v1/', import.meta.url);

function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}

describe('a golden file of version 1', () => {
  test('of each kind is read as what it was', () => {
    expect(decodeCatalog(golden('catalog.json'), 'FILE')).toEqual(CATALOG);
    expect(decodeManifest(golden('manifest.json'), 'FILE')).toEqual(MANIFEST);
    expect(decodeRows(golden('rows.parquet'), SCHEMA, 'FILE')).toEqual(COLUMNS);
    expect(decodeDeletions(golden('deletions.dv'), 0x7fff_ffff, 'FILE')).toEqual(DELETIONS);
    expect(decodeFileIndex(golden('index.json'), 'FILE')).toEqual(FILE_INDEX);
    const log = readLog(golden('wal.bin'), 'FILE');
    expect(log).toMatchObject({ id: MANIFEST.collection, firstLsn: FIRST_LSN, seed: LOG_SEED, goodBytes: golden('wal.bin').length, ended: true, lost: [] });
    expect(log.damage).toBeUndefined();
    expect(log.records.map((record) => decodeBatch(record.payload, { schema: SCHEMA }, 'FILE'))).toEqual(BATCHES);
  });

  test('of every type is read as what it was', () => {
    expect(decodeManifest(golden('manifest-full.json'), 'FILE')).toEqual(FULL_MANIFEST);
    expect(decodeRows(golden('rows-full.parquet'), FULL_SCHEMA, 'FILE')).toEqual(FULL_COLUMNS);
    const { records } = readLog(golden('wal-full.bin'), 'FILE');
    expect(records.map((record) => decodeBatch(record.payload, { schema: FULL_SCHEMA }, 'FILE'))).toEqual([{ kind: 'write', columns: FULL_COLUMNS }]);
  });

  test('of changed schemas, and of names, is read as what it was', () => {
    expect(decodeCatalog(golden('catalog-names.json'), 'FILE')).toEqual(NAMES_CATALOG);
    expect(decodeCatalog(golden('catalog-kept.json'), 'FILE')).toEqual(KEPT_CATALOG);
    expect(decodeManifest(golden('manifest-dated.json'), 'FILE')).toEqual(DATED_MANIFEST);
    expect(decodeManifest(golden('manifest-evolved.json'), 'FILE')).toEqual(EVOLVED_MANIFEST);
    expect(decodeManifest(golden('manifest-partitions.json'), 'FILE')).toEqual(PARTITIONS_MANIFEST);
    expect(decodeRows(golden('rows-evolved.parquet'), EVOLVED_SCHEMA, 'FILE')).toEqual(EVOLVED_COLUMNS);
    expect(decodeBatch(golden('batch-evolved.bin'), EVOLVED_MANIFEST, 'FILE')).toEqual({ kind: 'write', columns: EVOLVED_COLUMNS, schema: 2 });
  });

  test('of sync is read as what it was', () => {
    expect(decodeManifest(golden('manifest-pushes.json'), 'FILE')).toEqual(PUSHES_MANIFEST);
    expect(decodeManifest(golden('manifest-scoped.json'), 'FILE')).toEqual(SCOPED_MANIFEST);
    expect(decodeBatch(golden('batch-marked.bin'), { schema: STAMPED_SCHEMA }, 'FILE')).toEqual(MARKED);
    expect(decodeBatch(golden('batch-refused.bin'), { schema: STAMPED_SCHEMA }, 'FILE')).toEqual(REFUSED);
    expect(decodePushState(golden('push-state.bin'), primaryField(SCHEMA), 'FILE')).toEqual(PUSH_STATE);
    expect(decodePushState(golden('push-state-texts.bin'), TEXT_KEY, 'FILE')).toEqual(TEXT_PUSH_STATE);
    expect(decodeHead(golden('head.json'), 'FILE')).toEqual(HEAD);
    expect(decodePublication(golden('publication.json'), 'FILE')).toEqual(PUBLICATION);
    expect(decodePush(golden('push.bin'), 'FILE')).toEqual(PUSH);
  });

  test('with statistics is read as what it was', () => {
    expect(decodeManifest(golden('manifest-statistics.json'), 'FILE')).toEqual(STATISTICS_MANIFEST);
  });

  test('with indexes is read as what it was', () => {
    expect(decodeManifest(golden('manifest-indexed.json'), 'FILE')).toEqual(INDEXED_MANIFEST);
    expect(decodeManifest(golden('manifest-full-indexed.json'), 'FILE')).toEqual(FULL_INDEXED_MANIFEST);
    expect(decodeManifest(golden('manifest-sparse-indexed.json'), 'FILE')).toEqual(SPARSE_INDEXED_MANIFEST);
  });

  test('is byte for byte what we write today', () => {
    const written = new Map([...encodeAll(), ...encodeSync()]);
    expect(readdirSync(FOLDER).sort()).toEqual([...written.keys()].sort());
    for (const [name, bytes] of written) expect(Buffer.compare(golden(name), bytes), name).toBe(0);
  });
});
