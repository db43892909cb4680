// The readers take what the formats allow and refuse every file that is not whole.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readBytes, readFloats, readInts } from '../../bench/data.js';
import { UsageError } from '../../bench/usage-error.js';
import { scratchFolder, store, vecs } from './vecs.js';

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];

describe('readers', () => {
  test.each(['a.fvecs', 'b.fvecs.gz'])('floats of %s come back as they were', async (name) => {
    const path = store(folder, name, vecs('fvecs', [[1.5, -2], [0, 3.25]]));
    expect(await readFloats(path)).toEqual({ n: 2, d: 2, values: Float32Array.of(1.5, -2, 0, 3.25) });
  });

  test.each(['c.bvecs', 'd.bvecs.gz'])('bytes of %s are read as bytes and as floats', async (name) => {
    const path = store(folder, name, vecs('bvecs', [[0, 255, 7], [1, 2, 3]]));
    expect(await readBytes(path)).toEqual({ n: 2, d: 3, values: Uint8Array.of(0, 255, 7, 1, 2, 3) });
    expect((await readFloats(path)).values).toEqual(Float32Array.of(0, 255, 7, 1, 2, 3));
  });

  test('ints keep their sign', async () => {
    expect(await readInts(store(folder, 'e.ivecs', vecs('ivecs', [[-1, 2_000_000_000]])))).toEqual({ n: 1, d: 2, values: Int32Array.of(-1, 2_000_000_000) });
  });

  test('the first rows alone are read, even where a later one is torn', async () => {
    const torn = vecs('fvecs', ROWS).subarray(0, -1);
    expect((await readFloats(store(folder, 'f.fvecs', torn), 2)).values).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  test('rows that lie across chunk borders are whole', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => Array.from({ length: 257 }, (_, j) => i + j));
    const { n, d, values } = await readFloats(store(folder, 'g.fvecs.gz', vecs('fvecs', rows)));
    expect({ n, d }).toEqual({ n: 3000, d: 257 });
    expect(Buffer.from(values.buffer).equals(Buffer.from(Float32Array.from(rows.flat()).buffer))).toBe(true);
  });

  test('a file cut at any length that is not a row border is refused', async () => {
    const whole = vecs('fvecs', ROWS);
    for (let length = 0; length < whole.length; length++) {
      if (length > 0 && length % 16 === 0) continue;
      await expect(readFloats(store(folder, 'h.fvecs', whole.subarray(0, length))), `length ${length}`).rejects.toThrow(length === 0 ? /holds no row/ : /truncated/);
    }
  });

  test('a gzip that is cut or damaged is refused', async () => {
    const whole = gzipSync(vecs('fvecs', ROWS));
    const path = join(folder, 'i.fvecs.gz');
    writeFileSync(path, whole.subarray(0, -9));
    await expect(readFloats(path)).rejects.toThrow(/i\.fvecs\.gz: cannot be read: unexpected end of file/);
    writeFileSync(path, 'no gzip at all');
    await expect(readFloats(path)).rejects.toThrow(UsageError);
  });

  test.each([0, -1, 32_769, 0x7fff_ffff])('a row that claims dimension %i is refused before anything is allocated', async (d) => {
    const bytes = Buffer.alloc(64);
    bytes.writeInt32LE(d);
    await expect(readFloats(store(folder, 'j.fvecs', bytes))).rejects.toThrow(`row 0: expected a dimension from 1 to 32768, found ${d}`);
  });

  test('rows of different dimensions are refused', async () => {
    await expect(readInts(store(folder, 'k.ivecs', vecs('ivecs', [[1, 2], [1, 2, 3]])))).rejects.toThrow('row 1: expected the dimension 2 of the rows before it, found 3');
  });

  test.each([NaN, Infinity, -Infinity])('%d is refused with its row', async (value) => {
    await expect(readFloats(store(folder, 'l.fvecs', vecs('fvecs', [[1, 2], [3, value]])))).rejects.toThrow(`row 1: expected finite values, found ${value}`);
  });

  test('an absent file and a name of another kind are refused', async () => {
    await expect(readFloats(join(folder, 'absent.fvecs'))).rejects.toThrow(/absent\.fvecs: cannot be read: ENOENT/);
    await expect(readFloats(join(folder, 'absent.fvecs.gz'))).rejects.toThrow(/ENOENT/);
    await expect(readInts(store(folder, 'm.fvecs', vecs('fvecs', ROWS)))).rejects.toThrow(/expected a file named \.ivecs/);
    await expect(readBytes(store(folder, 'n.fvecs', vecs('fvecs', ROWS)))).rejects.toThrow(/expected a file named \.bvecs/);
  });
});
