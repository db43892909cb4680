// What a merge copies at once is bounded by what rows take, texts as well as vectors.

import { expect, test } from 'vitest';
import type { Segment } from '../../src/engine/table/segment.js';
import { portionsOf } from '../../src/engine/upkeep/merged-rows.js';
import { checkSchema } from '../../src/model/schema.js';

const SCHEMA = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'body', type: 'VarChar', maxLength: 60_000 },
    { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
  ],
});

const segmentOf = (rows: number, rowBytes: number): Segment => ({ rows, stored: { entry: { rowsFile: { sizeBytes: rows * rowBytes } } } }) as unknown as Segment;

test('portions of long texts, of short rows and of both are of 16 MiB at most, and have every row in order', () => {
  const sources = [[3000, 20], [2000, 50_000], [200_000, 30], [3, 40 * 2 ** 20], [10, 20]].map(([rows = 0, rowBytes = 0]) => ({ segment: segmentOf(rows, rowBytes), rows: Uint32Array.from({ length: rows }, (_, row) => row), rowBytes }));
  const portions = [...portionsOf(sources, SCHEMA)];
  for (const portion of portions) {
    const bytes = portion.reduce((sum, { segment, rows }) => sum + rows.length * (sources.find((source) => source.segment === segment)?.rowBytes ?? 0), 0);
    const count = portion.reduce((sum, { rows }) => sum + rows.length, 0);
    expect(count).toBeLessThanOrEqual(65_536);
    expect(count === 1 || bytes <= 16 * 2 ** 20).toBe(true);
  }
  for (const { segment, rows } of sources) expect(portions.flat().filter((part) => part.segment === segment).flatMap((part) => [...part.rows])).toEqual([...rows]);
});
