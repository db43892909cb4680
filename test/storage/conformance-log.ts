// What every storage promises of its logs.

import { expect, test } from 'vitest';
import type { Storage } from '../../src/ports/storage.js';
import { pattern, refusal, text } from './samples.js';

/** `reopen` closes the storage and opens its place again. */
export function logConformance(storage: () => Storage, reopen: () => Promise<Storage>): void {
  test('a log begins empty, grows, and reads as one file', async () => {
    const log = await storage().openLog('wal/1');
    expect(log.sizeBytes).toBe(0);
    expect(await storage().size('wal/1')).toBe(0);
    expect(await storage().list('wal/')).toEqual(['wal/1']);
    await log.append(text('hello '));
    await log.append(text('world'));
    await log.append(new Uint8Array(0));
    await log.sync();
    expect(log.sizeBytes).toBe(11);
    expect(await storage().size('wal/1')).toBe(11);
    expect(await storage().read('wal/1')).toEqual(text('hello world'));
    expect(await storage().read('wal/1', { offset: 4, length: 4 })).toEqual(text('o wo'));
    await refusal('Corrupt', () => storage().read('wal/1', { offset: 4, length: 8 }));
  });

  test('a log goes on where it ended, also after the storage was closed', async () => {
    const log = await storage().openLog('wal/1');
    await log.append(text('one,'));
    await log.sync();
    await log.close();
    const second = await storage().openLog('wal/1');
    expect(second.sizeBytes).toBe(4);
    await second.append(text('two,'));
    await second.sync();
    const again = await reopen();
    expect(await again.read('wal/1')).toEqual(text('one,two,'));
    const third = await again.openLog('wal/1');
    expect(third.sizeBytes).toBe(8);
    await third.append(text('three'));
    await third.sync();
    expect(await again.read('wal/1')).toEqual(text('one,two,three'));
  });

  test('the parts of an append lie one behind the other, however many, empty ones among them', async () => {
    const log = await storage().openLog('wal/1');
    const parts = Array.from({ length: 1500 }, (_, i) => pattern(i % 7, i));
    await log.append(...parts);
    await log.append();
    await log.append(text('!'));
    await log.sync();
    const expected = new Uint8Array([...parts.flatMap((part) => [...part]), 33]);
    expect(log.sizeBytes).toBe(expected.length);
    expect(await storage().read('wal/1')).toEqual(expected);
    expect(await (await reopen()).read('wal/1')).toEqual(expected);
  });

  test('what is appended durably, where that is one call, comes between what is not', async () => {
    const log = await storage().openLog('wal/1');
    const durably = (...parts: readonly Uint8Array[]): Promise<void> => log.appendDurably?.(...parts) ?? log.append(...parts).then(() => log.sync());
    await durably(text('one,'), text('two,'));
    await log.append(text('three,'));
    await log.sync();
    await durably(text('four,'));
    await log.truncate(8);
    await durably();
    await durably(text('five'));
    expect(log.sizeBytes).toBe(12);
    expect(await storage().read('wal/1')).toEqual(text('one,two,five'));
    expect(await (await reopen()).read('wal/1')).toEqual(text('one,two,five'));
    await refusal('Closed', () => durably(text('!')));
  });

  test('a log is cut anywhere and goes on from there', async () => {
    const log = await storage().openLog('wal/1');
    for (let i = 0; i < 10; i++) await log.append(pattern(1_000, i));
    await log.truncate(2_500);
    expect(log.sizeBytes).toBe(2_500);
    await log.append(text('!'));
    await log.truncate(2_501);
    await log.sync();
    const expected = new Uint8Array([...pattern(1_000, 0), ...pattern(1_000, 1), ...pattern(1_000, 2).subarray(0, 500), 33]);
    expect(await storage().read('wal/1')).toEqual(expected);
    expect(await (await reopen()).read('wal/1')).toEqual(expected);
    const cut = await storage().openLog('wal/1');
    await cut.truncate(0);
    expect(await storage().size('wal/1')).toBe(0);
    await cut.append(text('new'));
    expect(await storage().read('wal/1')).toEqual(text('new'));
  });

  test('a cut beyond the end, or none at all, is refused', async () => {
    const log = await storage().openLog('wal/1');
    await log.append(text('0123456789'));
    for (const sizeBytes of [11, -1, 0.5, NaN]) await refusal('InvalidArgument', () => log.truncate(sizeBytes));
    expect(await storage().read('wal/1')).toEqual(text('0123456789'));
  });

  test('appends made at once are kept in the order they were made', async () => {
    const log = await storage().openLog('wal/1');
    const parts = Array.from({ length: 50 }, (_, i) => text(`${i},`));
    await Promise.all([...parts.map((part) => log.append(part)), log.sync()]);
    expect(await storage().read('wal/1')).toEqual(text(Array.from({ length: 50 }, (_, i) => `${i},`).join('')));
  });

  test('an append of many megabytes is kept whole', async () => {
    const log = await storage().openLog('wal/1');
    const bytes = pattern(9 * 1024 * 1024 + 3, 7);
    await log.append(text('head'));
    await log.append(bytes);
    await log.sync();
    await log.truncate(4 + 5_000_001);
    const kept = await (await reopen()).read('wal/1');
    expect(kept.length).toBe(4 + 5_000_001);
    expect(kept.subarray(4).every((byte, i) => byte === bytes[i])).toBe(true);
  });

  test('a log shares no memory with what was appended', async () => {
    const log = await storage().openLog('wal/1');
    const bytes = text('hello');
    await log.append(bytes);
    bytes.fill(0);
    expect(await storage().read('wal/1')).toEqual(text('hello'));
  });

  test('a key has one open log; neither a second nor a removal is let in until it closes', async () => {
    const log = await storage().openLog('wal/1');
    await log.append(text('x'));
    await refusal('InvalidArgument', () => storage().openLog('wal/1'));
    await refusal('InvalidArgument', () => storage().remove('wal/1'));
    expect(await storage().create('wal/1', text('y'))).toBe(false);
    await log.close();
    await log.close();
    await refusal('Closed', () => log.append(text('x')));
    await refusal('Closed', () => log.sync());
    await refusal('Closed', () => log.truncate(0));
    expect(await storage().read('wal/1')).toEqual(text('x'));
    await storage().remove('wal/1');
    expect(await storage().list('')).toEqual([]);
  });

  test('a created file can be gone on with as a log, and a closed log read as a file', async () => {
    await storage().create('wal/1', pattern(300_000, 8));
    const log = await storage().openLog('wal/1');
    expect(log.sizeBytes).toBe(300_000);
    await log.append(text('tail'));
    await log.close();
    expect(await storage().read('wal/1', { offset: 299_999, length: 5 })).toEqual(new Uint8Array([...pattern(300_000, 8).subarray(299_999), ...text('tail')]));
  });

  test('two logs grow side by side', async () => {
    const a = await storage().openLog('wal/a');
    const b = await storage().openLog('wal/b');
    for (let i = 0; i < 5; i++) await Promise.all([a.append(text('a')), b.append(text('bb'))]);
    await Promise.all([a.sync(), b.sync()]);
    expect(await storage().read('wal/a')).toEqual(text('aaaaa'));
    expect(await storage().read('wal/b')).toEqual(text('bbbbbbbbbb'));
  });
}
