// Log: good records come back in order; whatever a crash or a flipped bit leaves, only true records come back.

import { describe, expect, test } from 'vitest';
import { encodeLogHeader, encodeLogRecord, LOG_HEADER_BYTES, readLog } from '../../src/format/log.js';
import { concatBytes } from '../../src/format/bytes.js';
import { crc32c } from '../../src/format/crc.js';
import { flipped, refusalOf } from './damage.js';

const ID = '0123456789abcdef';
const FIRST = (1n << 53n) + 1n;
const PAYLOADS = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(8).fill(9), Uint8Array.of(255)];
const RECORDS = PAYLOADS.map((payload, i) => encodeLogRecord(FIRST + BigInt(i), payload));
const LOG = concatBytes([encodeLogHeader(ID, FIRST), ...RECORDS]);
const ENDS = RECORDS.reduce((ends, record) => [...ends, (ends.at(-1) as number) + record.length], [LOG_HEADER_BYTES]);

function payloads(bytes: Uint8Array): number[][] {
  return readLog(bytes, 'FILE').records.map((record) => [...record.payload]);
}

/** Records that lie whole in front of byte `at`. */
function wholeBefore(at: number): number {
  return ENDS.filter((end) => end <= at).length - 1;
}

describe('a log', () => {
  test('comes back equal, payloads at multiples of 8', () => {
    const log = readLog(LOG, 'FILE');
    expect(log).toEqual({ id: ID, firstLsn: FIRST, records: PAYLOADS.map((payload, i) => ({ lsn: FIRST + BigInt(i), payload })), goodBytes: LOG.length });
    for (const { payload } of log.records) expect(payload.byteOffset % 8).toBe(0);
  });

  test('of a header alone is empty and good', () => {
    expect(readLog(LOG.subarray(0, LOG_HEADER_BYTES), 'FILE')).toEqual({ id: ID, firstLsn: FIRST, records: [], goodBytes: LOG_HEADER_BYTES });
  });

  test('cut off at its creation holds nothing', () => {
    for (let length = 0; length < LOG_HEADER_BYTES; length++) {
      expect(readLog(LOG.subarray(0, length), 'FILE')).toEqual({ id: '', firstLsn: 0n, records: [], goodBytes: 0, damage: `FILE: expected a header of 48 bytes, found ${length}` });
    }
  });

  test('whose header was torn before anything followed it holds nothing', () => {
    const header = LOG.subarray(0, LOG_HEADER_BYTES);
    for (const torn of [new Uint8Array(LOG_HEADER_BYTES), flipped(header, 3, 0), flipped(header, LOG_HEADER_BYTES - 1, 7)]) {
      expect(readLog(torn, 'FILE')).toEqual({ id: '', firstLsn: 0n, records: [], goodBytes: 0, damage: 'FILE: expected a header, its checksum does not match' });
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

describe('a torn or damaged tail', () => {
  test('is cut at the last good record, at every truncation', () => {
    for (let length = LOG_HEADER_BYTES; length < LOG.length; length++) {
      const log = readLog(LOG.subarray(0, length), 'FILE');
      const whole = wholeBefore(length);
      expect(log.records.length).toBe(whole);
      expect(log.goodBytes).toBe(ENDS[whole]);
      expect(log.damage === undefined).toBe(log.goodBytes === length);
      if (log.damage !== undefined) expect(log.damage).toContain(`FILE: record ${whole} at ${log.goodBytes}`);
    }
  });

  test('is cut in front of any flipped bit', () => {
    for (let at = LOG_HEADER_BYTES; at < LOG.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const log = readLog(flipped(LOG, at, bit), 'FILE');
        expect(log.records.length, `bit ${bit} of byte ${at}`).toBe(wholeBefore(at));
        expect(log.damage).toBeDefined();
      }
    }
  });

  test('of zeros, of garbage or of a hostile length is not read', () => {
    const hostile = new Uint8Array(64);
    new DataView(hostile.buffer).setUint32(0, 0xffff_ffff, true);
    for (const tail of [new Uint8Array(64), new Uint8Array(64).fill(0xa5), hostile]) {
      const log = readLog(concatBytes([LOG, tail]), 'FILE');
      expect(log.goodBytes).toBe(LOG.length);
      expect(log.records.length).toBe(PAYLOADS.length);
      expect(log.damage).toContain('64 bytes from there on are not used');
    }
  });

  test('a record repeated, left out or out of order ends the list', () => {
    const [a, b, c] = RECORDS as [Uint8Array, Uint8Array, Uint8Array];
    const header = encodeLogHeader(ID, FIRST);
    expect(payloads(concatBytes([header, a, a]))).toEqual([[1, 2, 3]]);
    expect(payloads(concatBytes([header, a, c]))).toEqual([[1, 2, 3]]);
    expect(payloads(concatBytes([header, b, a]))).toEqual([]);
    expect(readLog(concatBytes([header, a, c]), 'FILE').damage).toContain(`expected LSN ${FIRST + 1n}, found ${FIRST + 2n}`);
  });
});
