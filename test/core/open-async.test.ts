// Opening an index in another thread: what it gives and refuses is what opening it at once does.

import { expect, test } from 'vitest';
import type { Addon } from '../../src/core/native/addon.js';
import { createNativeCore } from '../../src/core/native/native-core.js';
import { addon, NO_PREDICATES, randomVectors } from './flat-cores.js';

const [DIM, ROWS] = [64, 600];
const core = createNativeCore(addon, NO_PREDICATES);
const vectors = randomVectors(ROWS * DIM, 5);
const rows = core.createFlat(DIM, 'L2');
rows.append(vectors);
const build = core.buildIndex(rows, { kind: 'ivf', seed: 1, rowsSha256: new Uint8Array(32) });
while (!build.step(1e6));
const bytes = build.bytes();
build.close();
const OPTIONS = { effort: 32, keep: 32, rerank: 32, patience: 0 };

test('it answers as one that was opened at once, several at a time, at any alignment', async () => {
  const atOnce = core.openIndex(bytes, rows);
  const expected = atOnce.search(vectors.subarray(0, DIM * 4), 5, OPTIONS);
  for (const opened of await Promise.all(Array.from({ length: 6 }, (_, shift) => {
    const moved = new Uint8Array(bytes.length + shift).subarray(shift);
    moved.set(bytes);
    return core.openIndexAsync?.(moved, rows);
  }))) {
    expect(opened?.search(vectors.subarray(0, DIM * 4), 5, OPTIONS)).toEqual(expected);
    opened?.close();
  }
  atOnce.close();
});

test('damaged bytes and rows that were closed meanwhile are refused', async () => {
  const damaged = bytes.slice();
  damaged[bytes.length >> 1] = (damaged[bytes.length >> 1] as number) ^ 1;
  await expect(core.openIndexAsync?.(damaged, rows)).rejects.toMatchObject({ code: 'Corrupt' });
  await expect(core.openIndexAsync?.(new Uint8Array(0), rows)).rejects.toMatchObject({ code: 'Corrupt' });
  const other = core.createFlat(DIM, 'L2');
  other.append(vectors);
  const opening = core.openIndexAsync?.(bytes, other);
  other.close();
  await expect(opening).rejects.toMatchObject({ code: 'Closed' });
});

test('while it is being opened nothing else is done with it, and what is no bytes is refused', async () => {
  const index = new (addon as Addon).Index();
  expect(index.openAsync([] as never, 0, 0)).toBe(1);
  const opening = index.openAsync(bytes, 0, 0);
  expect(index.openAsync(bytes, 0, 0)).toBe(1);
  expect(index.open(bytes, 0, 0)).toBe(1);
  expect(index.info(new Uint32Array(6))).toBe(1);
  expect(await opening).toBe(0);
  expect(index.info(new Uint32Array(6))).toBe(0);
  index.close();
});
