// A page's bytes that lie about what they unpack to, in every codec: more, less, nothing sound. Each is refused by name while
// no more is held than the header declares; what is true is read.

import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpack, CODEC } from '../../src/io/parquet/codecs.js';
import { parquetReader } from '../../src/io/parquet.js';
import { randomBytes } from '../../src/io/source.js';
import type { RandomBytes } from '../../src/io/source.js';
import { random } from '../support/random.js';
import codecs from './codecs.json' with { type: 'json' };
import { parquet } from './parquet-file.js';

const KB = 1024;
const MB = 1024 * KB;
const TRUE_BYTES = 64 * KB;
/** What a refusal may cost. The bombs below unpack to hundreds of MiB and more. */
const GROWTH_BYTES_MAX = 96 * MB;

/** `count` times the byte 0, in a few bytes. */
const bombs: Readonly<Record<keyof typeof CODEC, (count: number) => Uint8Array>> = {
  none: (count) => new Uint8Array(count),
  gzip: (count) => gzipSync(new Uint8Array(count), { level: 1 }),
  brotli: (count) => brotliCompressSync(new Uint8Array(count), { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  snappy: (count) => Buffer.concat([varint(count), Uint8Array.of(0, 0), repeated(count - 1, 64, (length) => Uint8Array.of(((length - 1) << 2) | 2, 1, 0))]),
  lz4: lz4,
  hadoopLz4: (count) => {
    const block = lz4(count);
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(count, 0);
    lengths.writeUInt32BE(block.length, 4);
    return Buffer.concat([lengths, block]);
  },
  zstd: (count) => Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x70), repeated(count, 128 * KB, (length, last) => Uint8Array.of(((length & 31) << 3) | 2 | (last ? 1 : 0), (length >> 5) & 255, length >> 13, 0))]),
};

function lz4(count: number): Uint8Array {
  const length = count - 1 - 4;
  const rest = length - 15;
  return Buffer.concat([Uint8Array.of(0x1f, 0, 1, 0), new Uint8Array(Math.floor(rest / 255)).fill(255), Uint8Array.of(rest % 255)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.of(...bytes, value);
}

function repeated(count: number, most: number, piece: (length: number, last: boolean) => Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let left = count; left > 0; left -= most) pieces.push(piece(Math.min(left, most), left <= most));
  return Buffer.concat(pieces);
}

async function peakGrowth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage();
  await work();
  const after = process.memoryUsage();
  return Math.max(0, after.arrayBuffers - before.arrayBuffers, after.rss - before.rss);
}

describe.each(Object.keys(bombs) as (keyof typeof CODEC)[])('%s', (name) => {
  const codec = CODEC[name];
  const bomb = bombs[name];

  test('gives what it was given', async () => {
    expect(Buffer.compare(await unpack(codec, bomb(TRUE_BYTES), TRUE_BYTES), new Uint8Array(TRUE_BYTES))).toBe(0);
  });
  test.each([1, TRUE_BYTES - 1, TRUE_BYTES + 1])('is refused where it was declared to be %i bytes', async (declared) => {
    await expect(unpack(codec, bomb(TRUE_BYTES), declared)).rejects.toThrow(/./);
  });
  test('that goes on without end is refused before it is unpacked', async () => {
    if (name === 'none') return;
    const packed = bomb(name === 'snappy' ? 8 * MB : 192 * MB);
    const growth = await peakGrowth(() => expect(unpack(codec, packed, TRUE_BYTES)).rejects.toThrow(/./));
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  }, 60_000);
  test('cut off or overwritten is bytes of the declared length, or an error', async () => {
    const seed = 9;
    const next = random(seed);
    const packed = bomb(TRUE_BYTES);
    for (let i = 0; i < 300; i++) {
      const damaged = packed.slice(0, i % 3 === 0 ? Math.floor(next() * packed.length) : packed.length);
      for (let n = 0; n < i % 4; n++) damaged[Math.floor(next() * damaged.length)] = next() * 256;
      const found = await unpack(codec, damaged, TRUE_BYTES).catch((error: unknown) => error);
      if (!(found instanceof Error)) expect(found, `seed ${seed}, ${i}`).toHaveLength(TRUE_BYTES);
    }
  });
});

test('a window of Zstandard beyond 128 MiB is refused before it is taken', async () => {
  await expect(unpack(CODEC.zstd, Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xa0, 3, 0, 0, 0), 100)).rejects.toThrow(/a window of 1073741824 bytes, at most 134217728/);
});

test('a page of the wrong length names its file and place', async () => {
  const bytes = parquet({ codec: CODEC.gzip, body: gzipSync(new Uint8Array(100)), plainBytes: 16 });
  const reader = await parquetReader(randomBytes(bytes) as RandomBytes, 'rows.parquet');
  await expect(reader.rows().next()).rejects.toMatchObject({ code: 'Corrupt', file: 'rows.parquet', message: 'rows.parquet: row group 0, column "id", page at byte 4: GZIP: gzip of 100 bytes, expected 16' });
});

test.each(Object.entries(codecs))('a file of pyarrow\'s in %s is read, its CRCs checked', async (_, base64) => {
  const bytes = Buffer.from(base64, 'base64');
  const rows = async (): Promise<readonly unknown[]> => {
    const read: unknown[] = [];
    for await (const portion of (await parquetReader(randomBytes(bytes) as RandomBytes, 'rows.parquet')).rows()) read.push(...portion.map(({ values }) => values));
    return read;
  };
  expect(await rows()).toEqual(Array.from({ length: 40 }, (_, i) => ({ id: BigInt(i), title: `row ${i} ${'kite'.repeat(10)}`, vec: Float32Array.of(i, i / 2, 0 - i) })));
  // The last byte of the last page, before the footer and its length.
  const last = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8) - 1;
  bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
  await expect(rows()).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringMatching(/^rows\.parquet: row group 0, column .*, page at byte \d+: expected CRC-32 [0-9a-f]{8}, found/) });
});

test.each(Object.entries(codecs))('a file in %s with flipped bytes is rows or an error that names it', async (_, base64) => {
  const bytes = Buffer.from(base64, 'base64');
  const seed = 31;
  const next = random(seed);
  let refused = 0;
  for (let i = 0; i < 120; i++) {
    const damaged = Uint8Array.from(bytes);
    for (let n = 0; n <= i % 3; n++) damaged[Math.floor(next() * damaged.length)] = next() * 256;
    const read = async (): Promise<number> => {
      let rows = 0;
      for await (const portion of (await parquetReader(randomBytes(damaged) as RandomBytes, 'rows.parquet')).rows()) rows += portion.length;
      return rows;
    };
    const found = await read().catch((error: unknown) => error);
    if (typeof found === 'number') expect(found, `seed ${seed}, ${i}`).toBeLessThanOrEqual(40);
    else expect(found, `seed ${seed}, ${i}`).toMatchObject({ name: 'ElanusError', file: 'rows.parquet', message: expect.stringMatching(/^rows\.parquet: ./) });
    if (typeof found !== 'number') refused++;
  }
  expect(refused).toBeGreaterThan(70);
});
