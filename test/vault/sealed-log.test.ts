// Encrypted logs: appended to and cut as plain ones are, and read back to the same bytes; a torn end is left out and told,
// and frames that were changed, moved or taken from elsewhere are no part of the log.

import { beforeEach, describe, expect, test } from 'vitest';
import { concatBytes, sameBytes } from '../../src/format/bytes.js';
import { encodeLogHeader, encodeLogRecord, LOG_HEADER_BYTES, readLog } from '../../src/format/log.js';
import type { Vault } from '../../src/engine/vault.js';
import type { Log } from '../../src/ports/storage.js';
import { random, randomInteger } from '../support/random.js';
import { openLogByHand } from './by-hand.js';
import { knownVault, noise } from './support.js';

const KEY_OF_LOG = 'c0123456789abcdef/wal/00000000000000000001.log';
const HEADER = encodeLogHeader('0123456789abcdef', 1n);
/** Header of the log, then a frame with the plain log's header. */
const START = 48 + 20 + LOG_HEADER_BYTES + 16;

/** A log in memory that fails when told to, having written a part of what it was given. */
class FakeLog implements Log {
  bytes = new Uint8Array(0);
  failing: 'append' | 'sync' | 'truncate' | undefined;
  readonly calls: string[] = [];

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async append(bytes: Uint8Array): Promise<void> {
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

const record = (lsn: number, length: number): Uint8Array => encodeLogRecord(BigInt(lsn), noise(lsn, length));

async function begun(): Promise<Log> {
  const log = await vault.log(stored, KEY_OF_LOG, undefined);
  await log.append(HEADER);
  await log.sync();
  return log;
}

async function reopened(): Promise<{ readonly log: Log; readonly bytes: Uint8Array; readonly damage: string | undefined }> {
  const opened = await vault.openLog(stored.bytes, KEY_OF_LOG);
  const { bytes, damage } = opened;
  return { log: await vault.log(stored, KEY_OF_LOG, opened.end), bytes, damage };
}

describe('an encrypted log', () => {
  test('holds what was appended, also when opened by hand', async () => {
    const log = await begun();
    expect(stored.bytes).toHaveLength(START);
    const records = [record(1, 0), record(2, 100), record(3, 70_000)];
    for (const bytes of records) await log.append(bytes);
    const plain = concatBytes([HEADER, ...records]);
    expect(log.sizeBytes).toBe(plain.length);
    expect(stored.bytes).toHaveLength(plain.length + 48 + 4 * 36);
    const { bytes, damage } = await reopened();
    expect(damage).toBeUndefined();
    expect(sameBytes(bytes, plain)).toBe(true);
    expect(sameBytes(openLogByHand(dataKey, stored.bytes, KEY_OF_LOG), plain)).toBe(true);
  });

  test('cuts a long append into frames of a MiB, which are written at once', async () => {
    const log = await begun();
    stored.calls.length = 0;
    const long = noise(1, 3 * 1024 * 1024 + 5);
    await log.append(long);
    expect(stored.calls).toEqual(['append']);
    expect(stored.bytes).toHaveLength(START + long.length + 4 * 36);
    expect(sameBytes((await reopened()).bytes, concatBytes([HEADER, long]))).toBe(true);
  });

  test('goes on where it was when it is opened again', async () => {
    await (await begun()).append(record(1, 10));
    const again = (await reopened()).log;
    expect(again.sizeBytes).toBe(LOG_HEADER_BYTES + record(1, 10).length);
    await again.append(record(2, 20));
    expect(readLog((await reopened()).bytes, 'x')).toMatchObject({ records: [{ lsn: 1n }, { lsn: 2n }] });
  });

  test('does its calls in the order they are made', async () => {
    const log = await begun();
    stored.calls.length = 0;
    await Promise.all([log.append(record(1, 10)), log.sync(), log.append(record(2, 10)), log.sync(), log.close()]);
    expect(stored.calls).toEqual(['append', 'sync', 'append', 'sync', 'close']);
    expect(readLog((await reopened()).bytes, 'x').records).toHaveLength(2);
  });

  test('that was never begun holds nothing', async () => {
    expect(await vault.openLog(new Uint8Array(0), KEY_OF_LOG)).toMatchObject({ bytes: new Uint8Array(0) });
  });

  test('cut to nothing begins anew, under another key', async () => {
    const log = await begun();
    await log.append(record(1, 10));
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
    await log.append(record(1, 10));
    const good = stored.bytes;
    const size = log.sizeBytes;
    stored.failing = 'append';
    await expect(log.append(record(2, 1000))).rejects.toThrow('append failed');
    expect(log.sizeBytes).toBe(size);
    await log.truncate(size);
    expect(sameBytes(stored.bytes, good)).toBe(true);
    await log.append(record(2, 30));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([10, 30]);
  });

  test('is taken back where the sync failed', async () => {
    const log = await begun();
    const size = log.sizeBytes;
    await log.append(record(1, 1000));
    await log.truncate(size);
    expect(stored.bytes).toHaveLength(START);
    await log.append(record(1, 7));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([7]);
  });

  test('is taken back out of the middle of an append without touching what is in front of it', async () => {
    const log = await begun();
    const [first, second] = [record(1, 50), record(2, 60)];
    await log.append(concatBytes([first, second]));
    const before = stored.bytes;
    await log.truncate(LOG_HEADER_BYTES + first.length);
    expect(sameBytes(stored.bytes.subarray(0, before.length), before)).toBe(true);
    expect(log.sizeBytes).toBe(LOG_HEADER_BYTES + first.length);
    expect(stored.calls.slice(-2)).toEqual(['append', 'sync']);
    await log.append(record(2, 9));
    const { bytes, log: again } = await reopened();
    expect(readLog(bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([50, 9]);
    expect(again.sizeBytes).toBe(bytes.length);
    await expect(again.truncate(bytes.length + 1)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('a cut that fails is told, and the log can still be cut', async () => {
    const log = await begun();
    await log.append(concatBytes([record(1, 50), record(2, 60)]));
    stored.failing = 'append';
    await expect(log.truncate(LOG_HEADER_BYTES + record(1, 50).length)).rejects.toThrow();
    const again = await reopened();
    expect(again.damage).toContain('frame 2');
    expect(readLog(again.bytes, 'x').records).toHaveLength(2);
  });

  test('no two frames ever have the same nonce, and no two logs the same key', async () => {
    const log = await begun();
    const nonces = new Set<string>();
    const next = random(3);
    let frames = 0;
    for (let i = 0; i < 200; i++) {
      const from = stored.bytes.length;
      await log.append(record(1, 10));
      nonces.add(Buffer.from(stored.bytes.subarray(from + 8, from + 20)).toString('hex'));
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
    const { bytes, damage } = await reopened();
    expect(damage).toBeUndefined();
    expect(sameBytes(bytes, plain)).toBe(true);
  });
});

describe('damage', () => {
  /** A log of three records, each its append, and where each append ends in the stored file. */
  async function sample(): Promise<{ readonly plains: readonly Uint8Array[]; readonly ends: readonly number[] }> {
    const log = await begun();
    const plains: Uint8Array[] = [HEADER];
    const ends = [stored.bytes.length];
    for (let lsn = 1; lsn <= 3; lsn++) {
      await log.append(record(lsn, 20));
      plains.push(concatBytes([plains.at(-1) as Uint8Array, record(lsn, 20)]));
      ends.push(stored.bytes.length);
    }
    return { plains, ends };
  }

  const isTorn = (bytes: Uint8Array): boolean => bytes.length <= START;

  test('a log cut anywhere reads up to the last whole append and says what is lost', async () => {
    const { plains, ends } = await sample();
    for (let size = 0; size < stored.bytes.length; size++) {
      const cut = stored.bytes.slice(0, size);
      const { bytes, damage } = await vault.openLog(cut, KEY_OF_LOG);
      const whole = ends.filter((end) => end <= size).length;
      expect(bytes).toEqual(plains[whole - 1] ?? new Uint8Array(0));
      expect(damage === undefined).toBe(size === 0 || ends.includes(size));
    }
  });

  test('a log with any byte changed is Corrupt at its beginning and ends before the change behind it', async () => {
    const { plains, ends } = await sample();
    for (let at = 0; at < stored.bytes.length; at++) {
      const bytes = stored.bytes.map((byte, i) => (i === at ? byte ^ (1 << at % 8) : byte));
      const opening = vault.openLog(bytes, KEY_OF_LOG);
      if (at < START) await expect(opening).rejects.toMatchObject({ code: 'Corrupt', file: KEY_OF_LOG });
      else {
        const whole = ends.filter((end) => end <= at).length;
        expect(await opening).toMatchObject({ bytes: plains[whole - 1], damage: expect.stringContaining(`frame ${whole} at ${ends[whole - 1]}`) as string });
      }
    }
    for (let at = 0; at < START; at++) {
      const bytes = stored.bytes.slice(0, START).map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(isTorn(bytes)).toBe(true);
      expect(await vault.openLog(bytes, KEY_OF_LOG)).toMatchObject({ bytes: new Uint8Array(0), damage: expect.any(String) as string });
    }
  });

  test('frames left out, repeated, in another order or from another log end it', async () => {
    const { plains, ends } = await sample();
    const frame = (number: number): Uint8Array => stored.bytes.slice(ends[number], ends[number + 1]);
    const start = stored.bytes.slice(0, START);
    const mixtures: readonly (readonly [readonly Uint8Array[], number])[] = [
      [[frame(1), frame(2)], 0],
      [[frame(0), frame(2)], 1],
      [[frame(1), frame(0), frame(2)], 0],
      [[frame(0), frame(0), frame(1)], 1],
      [[frame(0), frame(1), frame(2), frame(2)], 3],
    ];
    for (const [frames, whole] of mixtures) {
      const { bytes, damage } = await vault.openLog(concatBytes([start, ...frames]), KEY_OF_LOG);
      expect(bytes).toEqual(plains[whole]);
      expect(damage).toContain('not as it was encrypted');
    }
    await expect(vault.openLog(stored.bytes, KEY_OF_LOG.replace('1.log', '2.log'))).rejects.toMatchObject({ code: 'Corrupt' });
    await expect((await knownVault(2)).vault.openLog(stored.bytes, KEY_OF_LOG)).rejects.toMatchObject({ code: 'Corrupt' });
  });

  test('what a torn end left is cut before more is written', async () => {
    const { ends } = await sample();
    stored.bytes = stored.bytes.slice(0, (ends[3] as number) - 5);
    const { log, damage } = await reopened();
    expect(damage).toContain('bytes from there on are not used');
    expect(stored.bytes).toHaveLength(ends[2] as number);
    await log.append(record(3, 4));
    expect(readLog((await reopened()).bytes, 'x').records.map(({ payload }) => payload.length)).toEqual([20, 20, 4]);
  });

  test('a plain log is not taken for an encrypted one', async () => {
    await expect(vault.openLog(concatBytes([HEADER, record(1, 200)]), KEY_OF_LOG)).rejects.toMatchObject({ code: 'Corrupt' });
  });
});
