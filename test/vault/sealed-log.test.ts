// Encrypted logs: appended to and cut as plain ones are, and read back to the same bytes; a torn end is left out and told,
// and frames that were changed, moved or taken from elsewhere are no part of the log.

import { beforeEach, describe, expect, test } from 'vitest';
import { concatBytes, sameBytes } from '../../src/format/bytes.js';
import { encodeLogHeader, encodeRecordHeader, LOG_HEADER_BYTES, readLog } from '../../src/format/log.js';
import type { Vault } from '../../src/engine/files/vault.js';
import type { Log } from '../../src/ports/storage.js';
import { random, randomInteger } from '../support/random.js';
import { openLogByHand } from './by-hand.js';
import { knownVault, noise } from './support.js';

const KEY_OF_LOG = 'c0123456789abcdef/wal/00000000000000000001.log';
const HEADER = encodeLogHeader('0123456789abcdef', 1n, 7);
/** Header of the log, then a frame with the plain log's header. */
const START = 48 + 48 + LOG_HEADER_BYTES + 16;
/** What a frame takes beside what it holds, if that is a multiple of 8. */
const FRAME = 48 + 16;

/** A log in memory that fails when told to, having written a part of what it was given. */
class FakeLog implements Log {
  bytes = new Uint8Array(0);
  failing: 'append' | 'sync' | 'truncate' | undefined;
  readonly calls: string[] = [];

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    const bytes = concatBytes(parts);
    this.calls.push('append');
    const failed = this.fails('append');
    this.bytes = concatBytes([this.bytes, failed ? bytes.subarray(0, bytes.length >> 1) : bytes]);
    if (failed) throw new Error('append failed');
  }

  async sync(): Promise<void> {
    this.calls.push('sync');
    if (this.fails('sync')) throw new Error('sync failed');
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.calls.push('truncate');
    if (this.fails('truncate')) throw new Error('truncate failed');
    this.bytes = this.bytes.slice(0, sizeBytes);
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }

  private fails(what: FakeLog['failing']): boolean {
    const failed = this.failing === what;
    if (failed) this.failing = undefined;
    return failed;
  }
}

let vault: Vault;
let dataKey: Uint8Array;
let stored: FakeLog;

beforeEach(async () => {
  ({ vault, dataKey } = await knownVault());
  stored = new FakeLog();
});

/** Of `length` bytes, a multiple of 8; all before it is durable. */
function record(lsn: number, length: number): Uint8Array {
  const payload = noise(lsn, length);
  return concatBytes([encodeRecordHeader(7, BigInt(lsn), BigInt(lsn), payload), payload]);
}

async function begun(): Promise<Log> {
  const log = vault.log(stored, KEY_OF_LOG, undefined);
  await log.append(HEADER);
  await log.sync();
  return log;
}

async function reopened(): Promise<{ readonly log: Log; readonly bytes: Uint8Array }> {
  const { bytes, end } = await vault.openLog(stored.bytes, KEY_OF_LOG);
  return { log: vault.log(stored, KEY_OF_LOG, end), bytes };
}

describe('an encrypted log', () => {
  test('holds what was appended, also when opened by hand', async () => {
    const log = await begun();
    expect(stored.bytes).toHaveLength(START);
    const records = [record(1, 8), record(2, 104), record(3, 70_000)];
    for (const bytes of records) await log.append(bytes);
    const plain = concatBytes([HEADER, ...records]);
    expect(log.sizeBytes).toBe(plain.length);
    expect(stored.bytes).toHaveLength(plain.length + 48 + 4 * FRAME);
    const { bytes } = await reopened();
    expect(sameBytes(bytes, plain)).toBe(true);
    expect(sameBytes(openLogByHand(dataKey, stored.bytes, KEY_OF_LOG), plain)).toBe(true);
  });

  test('cuts a long append into frames of a MiB, which are written at once', async () => {
    const log = await begun();
    stored.calls.length = 0;
    const long = noise(1, 3 * 1024 * 1024 + 8);
    await log.append(long);
    expect(stored.calls).toEqual(['append']);
    expect(stored.bytes).toHaveLength(START + long.length + 4 * FRAME);
    expect(sameBytes((await reopened()).bytes, concatBytes([HEADER, long]))).toBe(true);
  });

  test('goes on where it was when it is opened again', async () => {
    await (await begun()).append(record(1, 16));
    const again = (await reopened()).log;
    expect(again.sizeBytes).toBe(LOG_HEADER_BYTES + record(1, 16).length);
    await again.append(record(2, 24));
    expect(readLog((await reopened()).bytes, 'x')).toMatchObject({ records: [{ lsn: 1n }, { lsn: 2n }] });
  });

  test('does its calls in the order they are made', async () => {
    const log = await begun();
    stored.calls.length = 0;
    await Promise.all([log.append(record(1, 16)), log.sync(), log.append(record(2, 16)), log.sync(), log.close()]);
    expect(stored.calls).toEqual(['append', 'sync', 'append', 'sync', 'close']);
    expect(readLog((await reopened()).bytes, 'x').records).toHaveLength(2);
  });

  test('that was never begun holds nothing', async () => {
    expect(await vault.openLog(new Uint8Array(0), KEY_OF_LOG)).toMatchObject({ bytes: new Uint8Array(0) });
  });

  test('cut to nothing begins anew, under another key', async () => {
    const log = await begun();
    await log.append(record(1, 16));
    const before = stored.bytes;
    await log.truncate(0);
    expect(stored.bytes).toHaveLength(0);
    await log.append(HEADER);
    expect(sameBytes(stored.bytes.subarray(12, 44), before.subarray(12, 44))).toBe(false);
    expect(sameBytes((await reopened()).bytes, HEADER)).toBe(true);
  });
});

describe('what was refused', () => {
  test('is taken back where the append failed half-way, and what follows is written as if it had never been', async () => {
    const log = await begun();
    await log.append(record(1, 16));
    const good = stored.bytes;
    const size = log.sizeBytes;
    stored.failing = 'append';
    await expect(log.append(record(2, 1000))).rejects.toThrow('append failed');
    expect(log.sizeBytes).toBe(size);
    await log.truncate(size);
    expect(sameBytes(stored.bytes, good)).toBe(true);
    await log.append(record(2, 32));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([16, 32]);
  });

  test('is taken back where the sync failed', async () => {
    const log = await begun();
    const size = log.sizeBytes;
    await log.append(record(1, 1000));
    await log.truncate(size);
    expect(stored.bytes).toHaveLength(START);
    await log.append(record(1, 8));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([8]);
  });

  test('is taken back out of the middle of an append without touching what is in front of it', async () => {
    const log = await begun();
    const [first, second] = [record(1, 48), record(2, 64)];
    await log.append(concatBytes([first, second]));
    const before = stored.bytes;
    await log.truncate(LOG_HEADER_BYTES + first.length);
    expect(sameBytes(stored.bytes.subarray(0, before.length), before)).toBe(true);
    expect(log.sizeBytes).toBe(LOG_HEADER_BYTES + first.length);
    expect(stored.calls.slice(-2)).toEqual(['append', 'sync']);
    await log.append(record(2, 8));
    const { bytes, log: again } = await reopened();
    expect(readLog(bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([48, 8]);
    expect(again.sizeBytes).toBe(bytes.length);
    await expect(again.truncate(bytes.length + 1)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('a cut that fails is told, and the log can still be cut', async () => {
    const log = await begun();
    await log.append(concatBytes([record(1, 48), record(2, 64)]));
    stored.failing = 'append';
    await expect(log.truncate(LOG_HEADER_BYTES + record(1, 48).length)).rejects.toThrow('append failed');
    expect(readLog((await reopened()).bytes, 'x')).toMatchObject({ records: [{}, {}], damage: expect.stringContaining('found no record') as string });
    await log.truncate(LOG_HEADER_BYTES + record(1, 48).length);
    expect(readLog((await reopened()).bytes, 'x')).toMatchObject({ records: [{}], lost: [] });
  });

  test('no two frames ever have the same nonce, and no two logs the same key', async () => {
    const log = await begun();
    const nonces = new Set<string>();
    const next = random(3);
    let frames = 0;
    for (let i = 0; i < 200; i++) {
      const from = stored.bytes.length;
      await log.append(record(1, 16));
      nonces.add(Buffer.from(stored.bytes.subarray(from + 16, from + 28)).toString('hex'));
      frames++;
      if (next() < 0.7) await log.truncate(LOG_HEADER_BYTES + randomInteger(next, 2) * (log.sizeBytes - LOG_HEADER_BYTES));
    }
    expect(nonces.size).toBe(frames);
  });
});

describe('any history of appends and cuts', () => {
  test.each([1, 2, 3, 4, 5])('reads as that of a plain log, whatever was cut where: seed %i', async (seed) => {
    const next = random(seed);
    let log = await begun();
    let plain = HEADER as Uint8Array;
    for (let step = 0; step < 60; step++) {
      const way = next();
      if (way < 0.6) {
        const bytes = noise(step, 1 + randomInteger(next, 300));
        await log.append(bytes);
        plain = concatBytes([plain, bytes]);
      } else if (way < 0.85) {
        const size = LOG_HEADER_BYTES + randomInteger(next, plain.length - LOG_HEADER_BYTES + 1);
        await log.truncate(size);
        plain = plain.slice(0, size);
      } else log = (await reopened()).log;
      expect(log.sizeBytes).toBe(plain.length);
    }
    expect(sameBytes((await reopened()).bytes, plain)).toBe(true);
  });
});

describe('damage', () => {
  const RECORD = record(1, 24).length;
  const plainOf = (lsns: readonly number[]): Uint8Array => concatBytes([HEADER, ...lsns.map((lsn) => (lsn === 0 ? new Uint8Array(RECORD) : record(lsn, 24)))]);

  /** A log of three records, each its append; and where each append ends in the stored file. */
  async function sample(): Promise<readonly number[]> {
    const log = await begun();
    const ends = [stored.bytes.length];
    for (let lsn = 1; lsn <= 3; lsn++) {
      await log.append(record(lsn, 24));
      ends.push(stored.bytes.length);
    }
    return ends;
  }

  test('a log cut anywhere reads up to the last whole append, with zeros for what is torn behind it', async () => {
    const ends = await sample();
    for (let size = 1; size < stored.bytes.length; size++) {
      const { bytes } = await vault.openLog(stored.bytes.slice(0, size), KEY_OF_LOG);
      const whole = ends.filter((end) => end <= size).length;
      if (whole === 0) expect(bytes).toEqual(new Uint8Array(Math.min(size, LOG_HEADER_BYTES)));
      else expect(bytes).toEqual(concatBytes([plainOf([1, 2, 3].slice(0, whole - 1)), new Uint8Array(size - (ends[whole - 1] as number))]));
    }
  });

  test('a log with any byte changed is Corrupt at its beginning, and has zeros for the frame that is changed behind it', async () => {
    const ends = await sample();
    for (let at = 0; at < stored.bytes.length; at++) {
      const bytes = stored.bytes.map((byte, i) => (i === at ? byte ^ (1 << at % 8) : byte));
      const whole = ends.filter((end) => end <= at).length;
      if (at < 48) await expect(vault.openLog(bytes, KEY_OF_LOG)).rejects.toMatchObject({ code: 'Corrupt', file: KEY_OF_LOG });
      else if (whole === 0) expect(await failure(bytes)).toMatchObject({ code: 'Corrupt', file: KEY_OF_LOG });
      else {
        // Of the last frame nothing says how much it held: as many zeros as it had bytes.
        const plain = plainOf([1, 2, 3].map((lsn) => (lsn === whole ? 0 : lsn)));
        const expected = whole === 3 ? concatBytes([plainOf([1, 2]), new Uint8Array(stored.bytes.length - (ends[2] as number))]) : plain;
        expect(sameBytes((await vault.openLog(bytes, KEY_OF_LOG)).bytes, expected), `byte ${at}`).toBe(true);
      }
    }
  });

  async function failure(bytes: Uint8Array): Promise<unknown> {
    const opened = await vault.openLog(bytes, KEY_OF_LOG);
    try {
      return readLog(opened.bytes, KEY_OF_LOG);
    } catch (error) {
      return error;
    }
  }

  test('a damaged beginning and no more was torn at its creation', async () => {
    await begun();
    expect(stored.bytes).toHaveLength(START);
    for (let at = 0; at < START; at++) {
      const { bytes } = await vault.openLog(stored.bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)), KEY_OF_LOG);
      expect(readLog(bytes, 'x')).toMatchObject({ records: [], goodBytes: 0 });
    }
  });

  test('the plain log tells by what comes behind damage what was durable and is lost', async () => {
    const ends = await sample();
    const bytes = stored.bytes.map((byte, i) => (i === (ends[1] as number) + 60 ? byte ^ 1 : byte));
    const opened = await vault.openLog(bytes, KEY_OF_LOG);
    expect(readLog(opened.bytes, 'x')).toMatchObject({ records: [{ lsn: 1n }, { lsn: 3n }], lost: [{ first: 2n, count: 1n }] });
  });

  test('frames left out or in another order leave zeros, and one that was there before is not read', async () => {
    const ends = await sample();
    const frame = (number: number): Uint8Array => stored.bytes.slice(ends[number - 1], ends[number]);
    const start = stored.bytes.slice(0, START);
    const mixtures: readonly (readonly [readonly number[], readonly number[]])[] = [
      [[2, 3], [0, 2, 3]],
      [[1, 3], [1, 0, 3]],
      [[1, 1, 2], [1, 2]],
    ];
    for (const [numbers, plain] of mixtures) {
      const { bytes } = await vault.openLog(concatBytes([start, ...numbers.map(frame)]), KEY_OF_LOG);
      expect(sameBytes(bytes, plainOf(plain)), numbers.join()).toBe(true);
    }
    const { bytes } = await vault.openLog(concatBytes([start, frame(1), frame(2), frame(3), frame(2)]), KEY_OF_LOG);
    expect(sameBytes(bytes, concatBytes([plainOf([1, 2, 3]), new Uint8Array(frame(2).length)]))).toBe(true);
  });

  test('frames of a history that was taken back are not read among those that came after it', async () => {
    const log = await begun();
    await log.append(record(1, 24));
    const size = log.sizeBytes;
    const before = stored.bytes;
    await log.append(record(2, 24));
    const refused = stored.bytes.slice(before.length);
    await log.truncate(size);
    await log.append(record(2, 24));
    await log.append(record(3, 24));
    const third = stored.bytes.slice(before.length + refused.length);
    const { bytes } = await vault.openLog(concatBytes([before, refused, third]), KEY_OF_LOG);
    expect(sameBytes(bytes, concatBytes([plainOf([1, 2]), new Uint8Array(third.length)]))).toBe(true);
  });

  test('a log of another name or collection, and a plain one, are Corrupt', async () => {
    await sample();
    expect(await failure(stored.bytes)).toMatchObject({ records: [{}, {}, {}] });
    const elsewhere = await vault.openLog(stored.bytes, KEY_OF_LOG.replace('1.log', '2.log'));
    expect(() => readLog(elsewhere.bytes, KEY_OF_LOG)).toThrow(expect.objectContaining({ code: 'Corrupt' }));
    const other = await (await knownVault(2)).vault.openLog(stored.bytes, KEY_OF_LOG);
    expect(() => readLog(other.bytes, KEY_OF_LOG)).toThrow(expect.objectContaining({ code: 'Corrupt' }));
    await expect(vault.openLog(concatBytes([HEADER, record(1, 200)]), KEY_OF_LOG)).rejects.toMatchObject({ code: 'Corrupt' });
  });

  test('what a torn end left is cut before more is written', async () => {
    const ends = await sample();
    stored.bytes = stored.bytes.slice(0, (ends[3] as number) - 5);
    const { log, bytes } = await reopened();
    const { goodBytes } = readLog(bytes, 'x');
    expect(goodBytes).toBeLessThan(log.sizeBytes);
    await expect(log.append(record(3, 8))).rejects.toThrow('torn');
    await log.truncate(goodBytes);
    expect(stored.bytes).toHaveLength(ends[2] as number);
    await log.append(record(3, 8));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([24, 24, 8]);
  });

  test('what was torn in the middle of several appends is cut where the good ones end', async () => {
    const ends = await sample();
    stored.bytes = stored.bytes.map((byte, i) => (i >= (ends[1] as number) && i < (ends[2] as number) ? 0 : byte));
    const { log, bytes } = await reopened();
    expect(bytes).toHaveLength(plainOf([1, 2, 3]).length);
    await log.truncate(plainOf([1]).length);
    expect(stored.bytes).toHaveLength(ends[1] as number);
    await log.append(record(2, 8));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([24, 8]);
  });
});
