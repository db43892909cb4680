// What every storage promises to readers; the part of the suite that a storage which only reads can run.

import { expect, test } from 'vitest';
import type { ReadStorage } from '../../src/ports/storage.js';
import { pattern, refusal, same, text } from './samples.js';

export type Files = readonly (readonly [key: string, bytes: Uint8Array])[];

/** `store` puts the files where a storage reads them, and gives that storage. */
export function readConformance(store: (files: Files) => Promise<ReadStorage>): void {
  test('a file reads back whole and in ranges, across every inner border', async () => {
    const sizeBytes = 3 * 1024 * 1024 + 17;
    const bytes = pattern(sizeBytes, 6);
    const storage = await store([['large.bin', bytes]]);
    expect(await storage.size('large.bin')).toBe(sizeBytes);
    expect(same(await storage.read('large.bin'), bytes)).toBe(true);
    const edge = 256 * 1024;
    for (const [offset, length] of [[0, 1], [0, sizeBytes], [edge - 1, 2], [edge, edge], [edge + 1, 2 * edge], [sizeBytes - 1, 1], [7, 0], [sizeBytes, 0]] as const) {
      const range = await storage.read('large.bin', { offset, length });
      expect(same(range, bytes.subarray(offset, offset + length)), `${length} bytes at ${offset}`).toBe(true);
    }
  });

  test('a range is read the same where room for it is given, in which it may lie, and into no other place', async () => {
    const bytes = pattern(300_000, 3);
    const storage = await store([['file', bytes]]);
    const memory = new Uint8Array(300_010).fill(7);
    for (const [offset, length] of [[0, 300_000], [270_000, 20], [5, 0]] as const) {
      const room = memory.subarray(5, 5 + length);
      const range = await storage.read('file', { offset, length }, room);
      expect(same(range, bytes.subarray(offset, offset + length))).toBe(true);
      if (range.buffer === memory.buffer) expect([range.byteOffset, range.length]).toEqual([5, length]);
    }
    expect([...memory.subarray(0, 5), ...memory.subarray(-5)]).toEqual(Array.from({ length: 10 }, () => 7));
    await refusal('Corrupt', () => storage.read('file', { offset: 299_999, length: 2 }, new Uint8Array(2)));
    await refusal('InvalidArgument', () => storage.read('file', { offset: 0, length: 2 }, new Uint8Array(3)));
  });

  test('many ranges of many files are read at once', async () => {
    const files = Array.from({ length: 40 }, (_, i) => [`many/${i + 10}`, pattern(10_000 + i, i)] as const);
    const storage = await store(files);
    const reads = files.flatMap(([key, bytes]) => [0, 99, 5_000].map(async (offset) => same(await storage.read(key, { offset, length: 5_000 }), bytes.subarray(offset, offset + 5_000))));
    expect(await Promise.all(reads)).not.toContain(false);
  });

  test('an empty file is there and empty', async () => {
    const storage = await store([['empty', new Uint8Array(0)]]);
    expect(await storage.size('empty')).toBe(0);
    expect(await storage.read('empty')).toEqual(new Uint8Array(0));
    expect(await storage.read('empty', { offset: 0, length: 0 })).toEqual(new Uint8Array(0));
    expect(await storage.list('')).toEqual(['empty']);
    await refusal('Corrupt', () => storage.read('empty', { offset: 0, length: 1 }));
  });

  test('a range that reaches beyond the file is Corrupt and names the file', async () => {
    const storage = await store([['a', text('0123456789')]]);
    for (const [offset, length] of [[0, 11], [10, 1], [11, 0], [9, 2], [0, 2 ** 40], [2 ** 40, 1], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]] as const) {
      expect((await refusal('Corrupt', () => storage.read('a', { offset, length }))).file).toBe('a');
    }
  });

  test('what is no range is refused', async () => {
    const storage = await store([['a', text('0123456789')]]);
    for (const [offset, length] of [[-1, 2], [0, -1], [0.5, 1], [0, 1.5], [NaN, 1], [0, Infinity], [2 ** 53, 1]] as const) {
      await refusal('InvalidArgument', () => storage.read('a', { offset, length }));
    }
  });

  test('an absent key is NotFound to read and undefined in size', async () => {
    const storage = await store([['a/b', text('x')]]);
    for (const key of ['c', 'a/c', 'a', 'a/b/c', 'c/d/e']) {
      expect((await refusal('NotFound', () => storage.read(key))).file).toBe(key);
      await refusal('NotFound', () => storage.read(key, { offset: 0, length: 0 }));
      expect(await storage.size(key)).toBeUndefined();
    }
  });

  test('a list holds every key that starts with the prefix, by code units', async () => {
    const keys = ['a/10', 'a/9', 'a/B', 'a/b/c', 'a-', 'a.b', 'a0', 'b', 'Z', 'a_'];
    const storage = await store(keys.map((key) => [key, text(key)] as const));
    expect(await storage.list('')).toEqual(['Z', 'a-', 'a.b', 'a/10', 'a/9', 'a/B', 'a/b/c', 'a0', 'a_', 'b']);
    expect(await storage.list('a/')).toEqual(['a/10', 'a/9', 'a/B', 'a/b/c']);
    expect(await storage.list('a/b')).toEqual(['a/b/c']);
    expect(await storage.list('a/1')).toEqual(['a/10']);
    expect(await storage.list('a')).toEqual(['a-', 'a.b', 'a/10', 'a/9', 'a/B', 'a/b/c', 'a0', 'a_']);
    expect(await storage.list('c/')).toEqual([]);
    expect(await storage.list('b/')).toEqual([]);
  });

  test.each(['/', '../', 'a/../', 'a//', './', 'a\\', 'é'])('the hostile prefix %j is refused', async (prefix) => {
    const storage = await store([['a/b', text('x')]]);
    await refusal('InvalidArgument', () => storage.list(prefix));
    await refusal('InvalidArgument', () => storage.read(`${prefix}b/../../c`));
    await refusal('InvalidArgument', () => storage.size(`${prefix}..`));
  });
}
