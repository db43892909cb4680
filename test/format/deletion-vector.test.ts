// Deletion vector: sets of every density come back equal, runs of other writers are read, damage is refused.

import { describe, expect, test } from 'vitest';
import { bytesOf, concatBytes, sameBytes } from '../../src/format/bytes.js';
import { crc32 } from '../../src/format/crc.js';
import { decodeDeletions, encodeDeletions } from '../../src/format/deletion-vector.js';
import { expectEveryDamageRefused, refusalOf } from './damage.js';
import { randomOf } from './samples.js';

const ROWS_MAX = 0x7fff_ffff;

function u16(...values: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

function u32(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** The blob around a 64-bit bitmap. */
function framed(...bitmap: Uint8Array[]): Uint8Array {
  const content = concatBytes([Uint8Array.of(0xd1, 0xd3, 0x39, 0x64), ...bitmap]);
  const [length, crc] = [new Uint8Array(4), new Uint8Array(4)];
  new DataView(length.buffer).setUint32(0, content.length);
  new DataView(crc.buffer).setUint32(0, crc32(content));
  return concatBytes([length, content, crc]);
}

/** The blob around one 32-bit bitmap. */
function blobOf(...bitmap: Uint8Array[]): Uint8Array {
  return framed(u32(1, 0, 0), ...bitmap);
}

function everyNth(n: number, count: number, first = 0): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i * n);
}

describe('a set of deleted rows', () => {
  test.each([
    ['nothing', new Uint32Array(0)],
    ['one row', Uint32Array.of(0)],
    ['the ends of a container', Uint32Array.of(65_535, 65_536)],
    ['the last row that can be', Uint32Array.of(0x7fff_fffe)],
    ['4,096 rows, the fullest array', everyNth(3, 4096, 65_536)],
    ['4,097 rows, the emptiest bitmap', everyNth(3, 4097, 65_536)],
    ['a full container', everyNth(1, 65_536)],
    ['rows spread over many containers', everyNth(99_991, 3000)],
  ])('of %s comes back equal', (_, rows) => {
    expect(decodeDeletions(encodeDeletions(rows), ROWS_MAX, 'FILE')).toEqual(rows);
  });

  test('of random density comes back equal', () => {
    const seed = 77;
    const random = randomOf(seed);
    for (let round = 0; round < 20; round++) {
      const density = random() ** 3;
      const rows = Uint32Array.from(Array.from({ length: 150_000 }, (_, i) => i).filter(() => random() < density));
      const back = decodeDeletions(encodeDeletions(rows), 150_000, 'FILE');
      expect(sameBytes(bytesOf(back), bytesOf(rows)), `seed ${seed}, round ${round}`).toBe(true);
    }
  });

  test('is laid out as Iceberg and Roaring say, byte by byte', () => {
    const expected = [0, 0, 0, 36, 0xd1, 0xd3, 0x39, 0x64, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3a, 0x30, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 16, 0, 0, 0, 5, 0, 7, 0];
    expect([...encodeDeletions(Uint32Array.of(5, 7)).subarray(0, -4)]).toEqual(expected);
  });

  test('that another writer wrote as runs is read', () => {
    const few = blobOf(u16(12347, 1), Uint8Array.of(0b01), u16(0, 5, 2, 1), u16(2, 10, 3, 20, 1), u16(1, 9));
    expect([...decodeDeletions(few, ROWS_MAX, 'FILE')]).toEqual([10, 11, 12, 13, 20, 21, 131_073, 131_081]);
    const heads = u16(0, 0, 1, 0, 2, 0, 3, 0);
    const many = blobOf(u16(12347, 3), Uint8Array.of(0b1111), heads, u32(37, 43, 49, 55), ...[1, 2, 3, 4].map((start) => u16(1, start, 0)));
    expect([...decodeDeletions(many, ROWS_MAX, 'FILE')]).toEqual([1, 65_538, 131_075, 196_612]);
  });
});

describe('a damaged deletion vector', () => {
  test('with any bit flipped, any truncation or a byte more is refused', () => {
    expectEveryDamageRefused(encodeDeletions(Uint32Array.of(1, 5, 70_000)), (bytes) => decodeDeletions(bytes, ROWS_MAX, 'FILE'));
    expectEveryDamageRefused(encodeDeletions(new Uint32Array(0)), (bytes) => decodeDeletions(bytes, ROWS_MAX, 'FILE'));
  });

  const single = (count: number): Uint8Array[] => [u32(12346, 1), u16(0, count - 1), u32(16)];
  test.each([
    ['more rows than the segment has', encodeDeletions(everyNth(1, 101)), 'at most 100 values'],
    ['a row that the segment has not', encodeDeletions(Uint32Array.of(100)), 'below 100'],
    ['two 32-bit bitmaps', framed(u32(2, 0, 0), ...single(1), u16(5)), 'expected one 32-bit bitmap'],
    ['a bitmap under another key', framed(u32(1, 0, 1), ...single(1), u16(5)), 'under key 0'],
    ['bytes behind an empty bitmap', framed(u32(0, 0, 0)), 'empty bitmap'],
    ['an unknown cookie', blobOf(u32(12345, 1), u16(0, 0), u32(16), u16(5)), 'unknown cookie'],
    ['no container', blobOf(u32(12346, 0)), 'containers, found 0'],
    ['a hostile number of containers', blobOf(u32(12346, 0xffff_ffff)), 'found 4294967295'],
    ['containers beyond its bytes', blobOf(u32(12346, 65_536)), 'expected 524296 bytes'],
    ['keys that do not ascend', blobOf(u32(12346, 2), u16(1, 0, 1, 0), u32(24, 26), u16(5, 6)), 'key does not ascend'],
    ['an offset that is wrong', blobOf(u32(12346, 1), u16(0, 0), u32(18), u16(5)), 'expected offset 16'],
    ['an array cut short', blobOf(...single(3), u16(5, 6)), 'expected 6 bytes'],
    ['an array that does not ascend', blobOf(...single(2), u16(6, 6)), 'does not ascend'],
    ['a count beyond its rows', blobOf(...single(4097), new Uint8Array(8192).fill(1)), 'at most 100 values'],
    ['bytes left over', blobOf(...single(1), u16(5, 6)), 'roaring: expected 18 bytes, found 20'],
    ['runs that overlap', blobOf(u16(12347, 0), Uint8Array.of(1), u16(0, 5), u16(2, 1, 3, 2, 1)), 'run 1'],
    ['runs beyond their count', blobOf(u16(12347, 0), Uint8Array.of(1), u16(0, 1), u16(1, 1, 9)), 'run 0'],
    ['runs short of their count', blobOf(u16(12347, 0), Uint8Array.of(1), u16(0, 9), u16(1, 1, 1)), 'expected 10 values'],
  ])('with %s is refused', (_, bytes, message) => {
    expect(refusalOf(() => decodeDeletions(bytes, 100, 'FILE'), message).message).toContain(message);
  });

  test('whose bitmap has not the bits it counts is refused', () => {
    for (const fill of [0, 1, 3]) {
      const bytes = blobOf(...single(8193), new Uint8Array(8192).fill(fill));
      expect(refusalOf(() => decodeDeletions(bytes, ROWS_MAX, 'FILE'), 'bits').message).toContain('expected 8193 bits');
    }
  });
});
