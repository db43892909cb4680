// A file of which parts are here: whatever is read, in whatever order and at once, no byte is asked for twice.

import { describe, expect, test } from 'vitest';
import { ArrivingFile, type FetchRange } from '../../src/engine/files/arriving-file.js';
import { random, randomInteger } from '../support/random.js';

const SIZE = 10_000;
const content = Uint8Array.from({ length: SIZE }, (_, at) => (at * 31) % 251);
const file = { name: 'rows-x.parquet', sha256: 'x', sizeBytes: SIZE };
const part: FetchRange = async (_, { offset, length }) => ({ bytes: content.slice(offset, offset + length), isPart: true });

/** Counts how often each byte was asked for; answers come in another order than they were asked for. */
function counting(next: () => number): { readonly fetch: FetchRange; readonly counts: Uint8Array } {
  const counts = new Uint8Array(SIZE);
  return {
    counts,
    fetch: async (of, range) => {
      for (let at = range.offset; at < range.offset + range.length; at++) counts[at] = (counts[at] as number) + 1;
      for (let turns = randomInteger(next, 20); turns > 0; turns--) await undefined;
      return part(of, range);
    },
  };
}

describe('an arriving file', () => {
  test('gives what the file has, and asks for no byte twice', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = random(seed);
      const { fetch, counts } = counting(next);
      const arriving = new ArrivingFile(file, fetch);
      const reads = Array.from({ length: 30 }, () => {
        const offset = randomInteger(next, SIZE);
        return { offset, length: randomInteger(next, Math.min(600, SIZE - offset)) };
      });
      const filled = seed % 2 === 0 ? arriving.fill(SIZE, 700, 3, async () => undefined) : undefined;
      const read = await Promise.all(reads.map((range) => arriving.read(range)));
      reads.forEach(({ offset, length }, at) => expect(read[at], `seed ${seed}`).toEqual(content.slice(offset, offset + length)));
      await (filled ?? arriving.fill(SIZE, 333, 2, async () => undefined));
      expect(counts.every((count) => count === 1), `seed ${seed}`).toBe(true);
      expect(arriving.bytes(0, SIZE)).toEqual(content);
      expect(arriving.prefixBytes).toBe(SIZE);
    }
  });

  test('takes all of a file from a server that gives no ranges, and then asks for nothing', async () => {
    let asked = 0;
    const arriving = new ArrivingFile(file, async () => (asked++, { bytes: content.slice(), isPart: false }));
    expect(await arriving.read({ offset: 500, length: 7 })).toEqual(content.slice(500, 507));
    await arriving.fill(SIZE, 1000, 2, async () => undefined);
    expect(asked).toBe(1);
    expect(arriving.bytes(0, SIZE)).toEqual(content);
  });

  test('refuses what is too short or too long, and asks again when it is read again', async () => {
    let wrong = 1;
    const arriving = new ArrivingFile(file, async (of, { offset, length }) => part(of, { offset, length: length + (wrong-- > 0 ? -1 : 0) }));
    await expect(arriving.read({ offset: 10, length: 20 })).rejects.toMatchObject({ code: 'Network' });
    expect(await arriving.read({ offset: 10, length: 20 })).toEqual(content.slice(10, 30));
    const whole = new ArrivingFile(file, async () => ({ bytes: new Uint8Array(SIZE + 1), isPart: false }));
    await expect(whole.read({ offset: 0, length: 1 })).rejects.toMatchObject({ code: 'Network' });
    await expect(arriving.read({ offset: SIZE - 1, length: 2 })).rejects.toMatchObject({ code: 'Corrupt' });
  });

  test('a fill that fails asks for no more', async () => {
    let asked = 0;
    const arriving = new ArrivingFile(file, async (of, range) => {
      if (++asked === 3) throw new Error('cut');
      return part(of, range);
    });
    await expect(arriving.fill(SIZE, 100, 2, async () => undefined)).rejects.toThrow('cut');
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toBe(before);
  });

  test('goes on from bytes that are here, and has none once it is forgotten', async () => {
    const { fetch, counts } = counting(random(1));
    const arriving = new ArrivingFile(file, fetch);
    arriving.take(0, content.slice(0, 4000));
    expect(await arriving.read({ offset: 3990, length: 20 })).toEqual(content.slice(3990, 4010));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10);
    arriving.forget();
    expect(arriving.prefixBytes).toBe(0);
    expect(await arriving.read({ offset: 0, length: 5 })).toEqual(content.slice(0, 5));
  });
});
