// Log: good records come back in order; what a crash tears is told from damage to what was durable, and a log that ended
// from one that was cut; whatever a flipped bit leaves, only true records come back.

import { describe, expect, test } from 'vitest';
import { encodeEndMark, encodeLogHeader, encodeRecordHeader, END_MARK_BYTES, LOG_HEADER_BYTES, readLog, RECORD_HEADER_BYTES } from '../../src/format/log.js';
import { concatBytes } from '../../src/format/bytes.js';
import { crc32c } from '../../src/format/crc.js';
import { flipped, refusalOf } from './damage.js';

const ID = '0123456789abcdef';
const FIRST = (1n << 53n) + 1n;
const SEED = 0x89ab_cdef;
const PAYLOADS = [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), new Uint8Array(24).fill(3), new Uint8Array(8).fill(9), new Uint8Array(16).fill(255)];
const HEADER = encodeLogHeader(ID, FIRST, SEED);

function recordOf(at: number, durable: number, seed = SEED): Uint8Array {
  const payload = PAYLOADS[at] as Uint8Array;
  return concatBytes([encodeRecordHeader(seed, FIRST + BigInt(at), FIRST + BigInt(durable), payload), payload]);
}

/** Groups of one, two and one batch. */
const DURABLE = [0, 1, 1, 3];
const RECORDS = DURABLE.map((durable, at) => recordOf(at, durable));
const LOG = concatBytes([HEADER, ...RECORDS]);
const ENDED = concatBytes([LOG, encodeEndMark(SEED, FIRST + 4n)]);
const ENDS = RECORDS.reduce((ends, record) => [...ends, (ends.at(-1) as number) + record.length], [LOG_HEADER_BYTES]);

/** Which batches a reader gives. */
function batches(bytes: Uint8Array, durableLsn?: bigint): number[] {
  return readLog(bytes, 'FILE', durableLsn).records.map(({ lsn, payload }) => {
    const at = Number(lsn - FIRST);
    expect([...payload]).toEqual([...(PAYLOADS[at] as Uint8Array)]);
    return at;
  });
}

function lost(bytes: Uint8Array, durableLsn?: bigint): number[] {
  return readLog(bytes, 'FILE', durableLsn).lost.flatMap(({ first, count }) => Array.from({ length: Number(count) }, (_, i) => Number(first - FIRST) + i));
}

/** Records that lie whole in front of byte `at`. */
function wholeBefore(at: number): number {
  return ENDS.filter((end) => end <= at).length - 1;
}

describe('a log', () => {
  test('comes back equal, payloads at multiples of 8', () => {
    const records = PAYLOADS.map((payload, i) => ({ lsn: FIRST + BigInt(i), payload }));
    const content = { id: ID, firstLsn: FIRST, seed: SEED, records, lost: [], nextLsn: FIRST + 4n, tornBatches: 0 };
    expect(readLog(LOG, 'FILE')).toEqual({ ...content, goodBytes: LOG.length, ended: false });
    expect(readLog(ENDED, 'FILE')).toEqual({ ...content, goodBytes: ENDED.length, ended: true });
    for (const { payload } of readLog(LOG, 'FILE').records) expect(payload.byteOffset % 8).toBe(0);
  });

  test('of a header alone is empty and good', () => {
    expect(readLog(HEADER, 'FILE')).toMatchObject({ id: ID, firstLsn: FIRST, seed: SEED, records: [], goodBytes: LOG_HEADER_BYTES, ended: false });
    expect(readLog(concatBytes([HEADER, encodeEndMark(SEED, FIRST)]), 'FILE')).toMatchObject({ records: [], nextLsn: FIRST, ended: true });
  });

  test('cut off at its creation holds nothing', () => {
    for (let length = 0; length < LOG_HEADER_BYTES; length++) {
      expect(readLog(LOG.subarray(0, length), 'FILE')).toMatchObject({ id: '', firstLsn: 0n, records: [], goodBytes: 0, ended: false, damage: `expected a header of 48 bytes, found ${length}` });
    }
  });

  test('whose header was torn before anything followed it holds nothing', () => {
    for (const torn of [new Uint8Array(LOG_HEADER_BYTES), flipped(HEADER, 3, 0), flipped(HEADER, LOG_HEADER_BYTES - 1, 7)]) {
      expect(readLog(torn, 'FILE')).toMatchObject({ id: '', records: [], goodBytes: 0, damage: 'expected a header, its checksum does not match' });
    }
  });

  test('with any bit of its header flipped is refused', () => {
    for (let at = 0; at < LOG_HEADER_BYTES; at++) {
      for (let bit = 0; bit < 8; bit++) expect(refusalOf(() => readLog(flipped(LOG, at, bit), 'FILE'), `byte ${at}`).code).toBe('Corrupt');
    }
  });

  test('of a newer version is unsupported', () => {
    const newer = LOG.slice();
    newer[8] = 2;
    new DataView(newer.buffer).setUint32(44, crc32c(newer.subarray(0, 44)), true);
    expect(refusalOf(() => readLog(newer, 'FILE'), 'version').code).toBe('Unsupported');
  });
});

describe('a log that was cut', () => {
  test('ends with its last whole record, and never as one that was ended', () => {
    for (let length = LOG_HEADER_BYTES; length < ENDED.length; length++) {
      const log = readLog(ENDED.subarray(0, length), 'FILE');
      const whole = wholeBefore(length);
      expect(log).toMatchObject({ ended: false, lost: [], goodBytes: ENDS[whole], nextLsn: FIRST + BigInt(whole) });
      expect(log.records.length).toBe(whole);
      expect(log.damage === undefined).toBe(log.goodBytes === length);
      if (log.damage !== undefined) expect(log.damage).toContain(`record ${whole} at ${log.goodBytes}`);
    }
  });

  test('misses what a later log says was durable', () => {
    for (let length = LOG_HEADER_BYTES; length < LOG.length; length++) {
      const whole = wholeBefore(length);
      expect(lost(LOG.subarray(0, length), FIRST + 4n)).toEqual([0, 1, 2, 3].slice(whole));
      expect(readLog(LOG.subarray(0, length), 'FILE', FIRST + 4n).nextLsn).toBe(FIRST + 4n);
    }
  });

  test('is followed by zeros, garbage, a hostile length, or records of another log: they are not read', () => {
    const hostile = new Uint8Array(64);
    new DataView(hostile.buffer).setUint32(0, 0xffff_fff8, true);
    for (const tail of [new Uint8Array(64), new Uint8Array(64).fill(0xa5), hostile, encodeEndMark(SEED + 1, FIRST + 4n), encodeEndMark(SEED, FIRST + 400n)]) {
      const log = readLog(concatBytes([LOG, tail]), 'FILE');
      expect(log).toMatchObject({ goodBytes: LOG.length, lost: [], ended: false, tornBatches: 0 });
      expect(log.records.length).toBe(PAYLOADS.length);
      expect(log.damage).toContain(`${tail.length} bytes from there on are not used`);
    }
  });
});

describe('a damaged record', () => {
  test('of a log that was ended is lost, alone, and told', () => {
    for (let at = LOG_HEADER_BYTES; at < LOG.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = flipped(ENDED, at, bit);
        const which = wholeBefore(at);
        expect(lost(damaged), `bit ${bit} of byte ${at}`).toEqual([which]);
        expect(batches(damaged)).toEqual([0, 1, 2, 3].filter((batch) => batch !== which));
      }
    }
  });

  test('with only its own group behind it was never durable as far as can be told: cut with all that follows', () => {
    const inGroup = flipped(concatBytes([HEADER, ...RECORDS.slice(0, 3)]), ENDS[1] as number, 0);
    expect(batches(inGroup)).toEqual([0]);
    expect(readLog(inGroup, 'FILE')).toMatchObject({ lost: [], nextLsn: FIRST + 1n, tornBatches: 1, goodBytes: ENDS[1] });
    expect(batches(flipped(LOG, ENDS[3] as number, 0))).toEqual([0, 1, 2]);
  });

  test('in front of a torn group is lost, the group is cut', () => {
    const both = flipped(flipped(LOG, (ENDS[0] as number) + 33, 0), (ENDS[1] as number) + 33, 0);
    expect(lost(both.slice(0, ENDS[3]))).toEqual([0]);
    expect(readLog(both.slice(0, ENDS[3]), 'FILE')).toMatchObject({ records: [], nextLsn: FIRST + 1n, tornBatches: 2 });
  });

  test('and an end mark that is damaged: the batches are there, the end is not', () => {
    for (let at = LOG.length; at < ENDED.length; at++) {
      for (let bit = 0; bit < 8; bit++) expect(readLog(flipped(ENDED, at, bit), 'FILE')).toMatchObject({ nextLsn: FIRST + 4n, lost: [], ended: false, goodBytes: LOG.length });
    }
  });

  test('two apart are two ranges, two in a row are one', () => {
    const at = (record: number) => (ENDS[record] as number) + RECORD_HEADER_BYTES;
    expect(readLog(flipped(flipped(ENDED, at(0), 1), at(2), 1), 'FILE').lost).toEqual([{ first: FIRST, count: 1n }, { first: FIRST + 2n, count: 1n }]);
    expect(readLog(flipped(flipped(ENDED, at(1), 1), at(2), 1), 'FILE').lost).toEqual([{ first: FIRST + 1n, count: 2n }]);
  });

  test('with all bytes overwritten is found missing by what follows it', () => {
    for (const fill of [0, 0xff]) {
      for (let which = 0; which < 4; which++) expect(lost(ENDED.slice().fill(fill, ENDS[which], ENDS[which + 1]))).toEqual([which]);
    }
  });
});

test('a record repeated, left out or out of order ends the list', () => {
  const [a, b, c] = RECORDS as [Uint8Array, Uint8Array, Uint8Array];
  expect(batches(concatBytes([HEADER, a, a]))).toEqual([0]);
  expect(batches(concatBytes([HEADER, a, c]))).toEqual([0]);
  expect(batches(concatBytes([HEADER, b, a]))).toEqual([]);
  expect(readLog(concatBytes([HEADER, a, b, b]), 'FILE').damage).toContain(`expected batch ${FIRST + 2n}`);
});

test('a batch that holds a record is no record: the seed of another log does not match', () => {
  const inner = concatBytes([recordOf(1, 1, SEED ^ 1), encodeEndMark(SEED ^ 1, FIRST + 3n)]);
  const outer = concatBytes([HEADER, encodeRecordHeader(SEED, FIRST, FIRST, inner), inner]);
  const torn = flipped(outer, LOG_HEADER_BYTES, 3);
  expect(readLog(torn, 'FILE')).toMatchObject({ records: [], lost: [], tornBatches: 0, goodBytes: LOG_HEADER_BYTES });
  expect(END_MARK_BYTES).toBe(RECORD_HEADER_BYTES);
});
