// What every storage promises, as one suite. A new implementation is proven by a file that names a Place where it
// can be opened, closed and opened again; nothing in here knows which implementation it runs on.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import type { Storage } from '../../src/ports/storage.js';
import { logConformance } from './conformance-log.js';
import { readConformance } from './conformance-read.js';
import { pattern, refusal, same, text } from './samples.js';

/** Where one test keeps its bytes. Opening again sees what was stored before. */
export interface Place {
  open(): Promise<Storage>;
  /** Removes everything. What was opened is closed already. */
  discard(): Promise<void>;
}

export interface Traits {
  /** True if a place has one owner at a time. */
  readonly exclusive: boolean;
}

export function storageConformance(name: string, makePlace: () => Promise<Place>, traits: Traits): void {
  describe(`storage: ${name}`, () => {
    let place: Place;
    let storage: Storage;

    async function reopen(): Promise<Storage> {
      await storage.close();
      storage = await place.open();
      return storage;
    }

    beforeEach(async () => {
      place = await makePlace();
      storage = await place.open();
    });

    afterEach(async () => {
      await storage.close();
      await place.discard();
    });

    readConformance(async (files) => {
      for (const [key, bytes] of files) expect(await storage.create(key, bytes)).toBe(true);
      return storage;
    });
    logConformance(() => storage, reopen);

    test('a key is created once; the second create is refused and changes nothing', async () => {
      expect(await storage.create('a/b', text('first'))).toBe(true);
      expect(await storage.create('a/b', text('the second, longer'))).toBe(false);
      expect(await storage.read('a/b')).toEqual(text('first'));
      expect(await storage.list('')).toEqual(['a/b']);
    });

    test.each([10, 5 * 1024 * 1024])('of 16 that create one key of %i bytes at once exactly one does', async (sizeBytes) => {
      const contents = Array.from({ length: 16 }, (_, i) => pattern(sizeBytes, i));
      const created = await Promise.all(contents.map((bytes) => storage.create('one', bytes)));
      expect(created.filter((won) => won)).toHaveLength(1);
      expect(same(await storage.read('one'), contents[created.indexOf(true)])).toBe(true);
      expect(await storage.list('')).toEqual(['one']);
    });

    test('keys created at the same time in one new folder are all there', async () => {
      const keys = Array.from({ length: 20 }, (_, i) => `new/folder/${i + 10}`);
      expect(await Promise.all(keys.map((key) => storage.create(key, text(key))))).not.toContain(false);
      expect(await storage.list('new/')).toEqual(keys);
      for (const key of keys) expect(await storage.read(key)).toEqual(text(key));
    });

    test('a stored file shares no memory with what was given or read', async () => {
      const bytes = pattern(1000, 1);
      await storage.create('a', bytes);
      bytes.fill(0);
      (await storage.read('a')).fill(0);
      expect(same(await storage.read('a'), pattern(1000, 1))).toBe(true);
    });

    test('a view into a larger buffer stores only what it shows', async () => {
      const whole = pattern(1_000_000, 2);
      await storage.create('a', whole.subarray(777, 300_777));
      expect(same(await storage.read('a'), whole.slice(777, 300_777))).toBe(true);
    });

    test('a removed file is gone, an absent one is no error, and the key is free again', async () => {
      await storage.create('a/b', text('x'));
      await storage.remove('a/b');
      await storage.remove('a/b');
      await storage.remove('never/was');
      expect(await storage.size('a/b')).toBeUndefined();
      expect(await storage.list('')).toEqual([]);
      await refusal('NotFound', () => storage.read('a/b'));
      expect(await storage.create('a/b', text('again'))).toBe(true);
      expect(await storage.read('a/b')).toEqual(text('again'));
    });

    test('opening again sees the same files', async () => {
      await storage.create('a', text('x'));
      await storage.create('empty', new Uint8Array(0));
      await storage.create('b/large', pattern(5_000_000, 3));
      const again = await reopen();
      expect(await again.list('')).toEqual(['a', 'b/large', 'empty']);
      expect(await again.read('a')).toEqual(text('x'));
      expect(await again.size('empty')).toBe(0);
      expect(same(await again.read('b/large'), pattern(5_000_000, 3))).toBe(true);
      expect(await again.create('a', text('y'))).toBe(false);
    });

    test('reading and listing while a key comes and goes shows it whole or not at all', async () => {
      const bytes = pattern(400_000, 9);
      for (let round = 0; round < 5; round++) {
        const seen = (): Promise<boolean> => storage.read('a/b').then((found) => same(found, bytes), (error: unknown) => error instanceof ElanusError && error.code === 'NotFound');
        const before = [seen(), seen()];
        const creating = storage.create('a/b', bytes);
        const during = [seen(), seen()];
        expect(await creating).toBe(true);
        const removing = storage.remove('a/b');
        const after = [seen(), seen()];
        await removing;
        expect(await Promise.all([...before, ...during, ...after])).not.toContain(false);
      }
    });

    test.each(['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/..', './a', 'a\\b', 'a b', 'é', 'a\0b', 'C:a', '~lock', 'a'.repeat(256), `${'a/'.repeat(500)}a`])(
      'the hostile key %# %j is refused everywhere and writes nothing',
      async (key) => {
        await refusal('InvalidArgument', () => storage.create(key, text('x')));
        await refusal('InvalidArgument', () => storage.openLog(key));
        await refusal('InvalidArgument', () => storage.remove(key));
        expect(await storage.list('')).toEqual([]);
      },
    );

    test('every character that a key may have is kept', async () => {
      const keys = ['..a', '...', '-', 'A/b', 'a.b-c_d', '__proto__/constructor', 'toString', 'k'.repeat(255)];
      for (const key of keys) expect(await storage.create(key, text(key))).toBe(true);
      expect(await storage.list('')).toEqual([...keys].sort());
      for (const key of keys) expect(await storage.read(key)).toEqual(text(key));
    });

    test('usage counts what is stored, where the platform tells', async () => {
      await storage.create('a', pattern(100_000, 4));
      const { usageBytes, quotaBytes } = await storage.usage();
      if (usageBytes !== undefined) expect(usageBytes).toBeGreaterThanOrEqual(0);
      if (usageBytes !== undefined && quotaBytes !== undefined) expect(quotaBytes).toBeGreaterThanOrEqual(usageBytes);
    });

    test('a closed storage refuses everything but being closed again', async () => {
      await storage.create('a', text('x'));
      const log = await storage.openLog('log');
      await storage.close();
      await storage.close();
      await refusal('Closed', () => storage.read('a'));
      await refusal('Closed', () => storage.size('a'));
      await refusal('Closed', () => storage.list(''));
      await refusal('Closed', () => storage.create('b', text('x')));
      await refusal('Closed', () => storage.remove('a'));
      await refusal('Closed', () => storage.openLog('log'));
      await refusal('Closed', () => storage.usage());
      await refusal('Closed', () => log.append(text('x')));
      await log.close();
    });

    test('what was asked for before closing is done', async () => {
      const creating = storage.create('a', pattern(300_000, 5));
      await storage.close();
      expect(await creating).toBe(true);
      storage = await place.open();
      expect(same(await storage.read('a'), pattern(300_000, 5))).toBe(true);
    });

    if (traits.exclusive) {
      test('a second owner gets Busy until the first has closed', async () => {
        await storage.create('a', text('x'));
        await refusal('Busy', () => place.open());
        expect(await storage.read('a')).toEqual(text('x'));
        const again = await reopen();
        await refusal('Busy', () => place.open());
        expect(await again.read('a')).toEqual(text('x'));
      });
    }
  });
}
