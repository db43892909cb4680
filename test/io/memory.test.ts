// Files larger than memory: an import and an export hold portions, whatever the size of the file. The collection here is
// one that keeps nothing, so that what grows is ours. ELANUS_IMPORT_MB sets the size of the file; 300 is the full measure.

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { exportBytes } from '../../src/io/export.js';
import { importRows } from '../../src/io/import.js';
import { checkSchema } from '../../src/model/schema.js';
import { utf8 } from './support.js';

const MB = 1024 * 1024;
const SIZE_MB = Number(process.env['ELANUS_IMPORT_MB'] ?? '48');
/** Portions, and what V8 lets pile up before it collects: neither grows with the file. */
const GROWTH_MB_MAX = 160;
const DIM = 64;
const SCHEMA = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'title', type: 'VarChar' }, { name: 'vector', type: 'FloatVector', dim: DIM, metric: 'L2' }] });
const VECTOR = Float32Array.from({ length: DIM }, (_, i) => i / 7);

let stored = 0;
const sink = {
  schema: SCHEMA,
  insert: async (rows: readonly unknown[]) => ({ ids: [], count: (stored += rows.length) }),
  keys: async () => BigInt64Array.from({ length: Math.floor((SIZE_MB * MB) / (DIM * 4)) }, (_, i) => BigInt(i)),
  get: async ({ ids }: { readonly ids: readonly bigint[] }) => ids.map((id) => ({ id, title: `row ${id}`, vector: VECTOR.slice() })),
} as unknown as Collection;

function watchRss(): { readonly sample: () => void; readonly growthMb: () => number } {
  const before = process.memoryUsage.rss();
  let most = before;
  return { sample: () => void (most = Math.max(most, process.memoryUsage.rss())), growthMb: () => Math.round((most - before) / MB) };
}

async function* pieces(make: (row: number) => string): AsyncGenerator<Uint8Array> {
  for (let bytes = 0, row = 0; bytes < SIZE_MB * MB; ) {
    const piece = utf8(Array.from({ length: 200 }, () => make(row++)).join(''));
    bytes += piece.length;
    yield piece;
  }
}

test.each([
  ['jsonl', (row: number): string => `{"id":${row},"title":"row ${row}","vector":[${VECTOR.join()}]}\n`],
  ['csv', (row: number): string => `${row === 0 ? 'id,title,vector\n' : ''}${row},"row ${row}","[${VECTOR.join()}]"\n`],
] as const)(`an import of ${SIZE_MB} MiB of %s holds portions only`, async (format, make) => {
  stored = 0;
  const rss = watchRss();
  const { rows, bytes } = await importRows(sink, pieces(make), { format, onProgress: rss.sample });
  console.log(`import of ${format}: ${Math.round(bytes / MB)} MiB, ${rows} rows, resident memory grew by ${rss.growthMb()} MiB at most`);
  expect(stored).toBe(rows);
  expect(rss.growthMb()).toBeLessThan(GROWTH_MB_MAX);
}, 600_000);

test(`an import of ${SIZE_MB} MiB of Parquet holds a page of each column`, async () => {
  // The rows of one group are one page in files of ours: 32 MiB of vectors, with their levels.
  const parts: Uint8Array[] = [];
  for await (const part of exportBytes(sink, { format: 'parquet' })) parts.push(part);
  const file = new Blob(parts as BlobPart[]);
  stored = 0;
  const rss = watchRss();
  const { rows } = await importRows(sink, file, { format: 'parquet', onProgress: rss.sample });
  console.log(`import of parquet: ${Math.round(file.size / MB)} MiB, ${rows} rows, resident memory grew by ${rss.growthMb()} MiB at most`);
  expect(stored).toBe(rows);
  expect(rss.growthMb()).toBeLessThan(2 * GROWTH_MB_MAX);
}, 600_000);

test.each(['npy', 'parquet'] as const)(`an export of ${SIZE_MB} MiB as %s holds portions only`, async (format) => {
  const rss = watchRss();
  let bytes = 0;
  for await (const part of exportBytes(sink, { format, onProgress: rss.sample })) bytes += part.length;
  console.log(`export of ${format}: ${Math.round(bytes / MB)} MiB, resident memory grew by ${rss.growthMb()} MiB at most`);
  expect(bytes).toBeGreaterThan(SIZE_MB * MB * 0.99);
  // A row group is held whole, as rows, as columns and as bytes.
  expect(rss.growthMb()).toBeLessThan(format === 'parquet' ? 3 * GROWTH_MB_MAX : GROWTH_MB_MAX);
}, 600_000);
