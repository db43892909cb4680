// The audit log: every change and refusal has its line, and no line can be changed, taken away, added or moved unnoticed.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StoredAuditLog, type AuditOptions } from '../../../src/server/audit/audit-log.js';
import { AuditLogs } from '../../../src/server/audit/audit-logs.js';
import { readChain } from '../../../src/server/audit/chain.js';
import type { AuditPart } from '../../../src/server/audit/files.js';
import type { AuditLine } from '../../../src/server/audit/line.js';
import { memoryStorage, type MemoryFile, type MemoryFiles } from '../../../src/storage/memory.js';
import { basic, refusal, testAccess, type TestAccess } from './support.js';

const EVENT = { user: 'ada', from: '192.0.2.1', verb: 'collections/drop', privilege: 'DropCollection', database: 'd', names: ['c'], outcome: 'done' } as const;

const quiet = (options: Partial<AuditOptions> = {}): AuditOptions => ({ nowMs: () => Date.UTC(2026, 0, 1), log: () => undefined, ...options });

async function written(events: number, options: Partial<AuditOptions> = {}): Promise<MemoryFiles> {
  const files: MemoryFiles = new Map();
  const audit = await StoredAuditLog.open(memoryStorage(files), quiet(options));
  for (let i = 0; i < events; i++) {
    audit.record({ ...EVENT, names: [`c${i}`] });
    if (i % 4 === 3) await audit.flush();
  }
  await audit.close();
  return files;
}

const verify = (files: MemoryFiles, options?: Parameters<typeof readChain>[1]) => readChain(memoryStorage(files), options);
const keysOfLines = (files: MemoryFiles): string[] => [...files.keys()].filter((key) => key.endsWith('.jsonl')).sort();
const text = ({ bytes, sizeBytes }: MemoryFile): string => new TextDecoder().decode(bytes.subarray(0, sizeBytes));
const edited = (files: MemoryFiles, edit: (lines: string[]) => string[]): MemoryFiles => {
  const [key = ''] = keysOfLines(files);
  const lines = text(files.get(key) as MemoryFile).trimEnd().split('\n');
  const bytes = new TextEncoder().encode(`${edit(lines).join('\n')}\n`);
  return new Map([...files, [key, { bytes, sizeBytes: bytes.length }]]);
};

describe('the chain', () => {
  test('of what was written is whole, and has a line for each event', async () => {
    const lines: AuditLine[] = [];
    const report = await verify(await written(10), { onLine: (line) => lines.push(line) });
    expect(report).toMatchObject({ lines: 11, firstSeq: 1, tornBytes: 0 });
    expect(report.problem).toBeUndefined();
    expect(lines[0]).toMatchObject({ seq: 1, verb: 'audit.opened', prev: '0'.repeat(64) });
    expect(lines[3]).toMatchObject({ ...EVENT, names: ['c2'], seq: 4, time: '2026-01-01T00:00:00.000Z' });
  });
  test('goes on over files and over openings', async () => {
    const files = await written(40, { fileBytesMax: 2_000 });
    expect(keysOfLines(files).length).toBeGreaterThan(3);
    const audit = await StoredAuditLog.open(memoryStorage(files), quiet());
    audit.record(EVENT);
    await audit.close();
    expect(await verify(files)).toMatchObject({ lines: 43 });
    expect((await verify(files)).problem).toBeUndefined();
  });
  test.each<[string, (lines: string[]) => string[], number]>([
    ['a changed line', (lines) => lines.map((line, i) => (i === 4 ? line.replace('"c3"', '"c9"') : line)), 6],
    ['a line taken away', (lines) => lines.filter((_, i) => i !== 4), 5],
    ['the first line taken away', (lines) => lines.slice(1), 1],
    ['two lines in each other\'s place', (lines) => [...lines.slice(0, 4), lines[5] ?? '', lines[4] ?? '', ...lines.slice(6)], 5],
    ['a line twice', (lines) => [...lines.slice(0, 5), lines[4] ?? '', ...lines.slice(5)], 6],
    ['a line in between', (lines) => [...lines.slice(0, 5), JSON.stringify({ ...JSON.parse(lines[5] ?? '{}'), verb: 'x' }), ...lines.slice(5)], 7],
    ['what is no line', (lines) => lines.map((line, i) => (i === 4 ? 'nonsense' : line)), 5],
    ['an empty line', (lines) => [...lines.slice(0, 5), '', ...lines.slice(5)], 6],
    ['a changed last line', (lines) => lines.map((line, i) => (i === lines.length - 1 ? line.replace('"c9"', '"c0"') : line)), 11],
  ])('with %s is broken, and the first line that shows it is named', async (_what, edit, line) => {
    const files = edited(await written(10), edit);
    expect((await verify(files)).problem).toMatchObject({ file: 'audit/00000000000000000001.jsonl', line });
  });
  test('cut off at the end by any number of lines, or emptied, is missed', async () => {
    const files = await written(10);
    for (let left = 0; left <= 10; left++) {
      const cut = edited(files, (lines) => lines.slice(0, left));
      if (left === 0) cut.set('audit/00000000000000000001.jsonl', { bytes: new Uint8Array(0), sizeBytes: 0 });
      expect((await verify(cut)).problem, `${left} lines`).toMatchObject({ what: expect.stringMatching(/there was a line 11/) });
    }
  });
  test('a file taken away is missed, wherever it is; so is the head', async () => {
    const files = await written(40, { fileBytesMax: 2_000 });
    for (const key of files.keys()) {
      const left = new Map(files);
      left.delete(key);
      expect((await verify(left)).problem, key).toBeDefined();
    }
  });
  test('is held to a line that was noted elsewhere, which finds what was written anew from there with its head', async () => {
    const [files, forged] = [await written(10), await written(12)];
    const { last } = await verify(files);
    expect((await verify(files, { expect: last })).problem).toBeUndefined();
    expect((await verify(forged)).problem).toBeUndefined();
    const other = new Map(edited(forged, (lines) => lines));
    expect((await verify(other, { expect: { seq: last.seq, hash: 'f'.repeat(64) } })).problem).toMatchObject({ line: 11 });
    expect((await verify(files, { expect: { seq: 99, hash: last.hash } })).problem).toMatchObject({ what: expect.stringContaining('99') });
  });
  test('any changed bit of any line is found', async () => {
    const files = await written(3);
    const key = keysOfLines(files)[0] ?? '';
    const { bytes, sizeBytes } = files.get(key) as MemoryFile;
    for (let i = 0; i < sizeBytes; i++) {
      const changed = bytes.slice(0, sizeBytes);
      changed[i] = (changed[i] as number) ^ 4;
      const { problem, tornBytes } = await verify(new Map([...files, [key, { bytes: changed, sizeBytes }]]));
      expect(problem !== undefined || tornBytes > 0, `byte ${i}`).toBe(true);
      expect(problem, `byte ${i}`).toBeDefined();
    }
  });
});

describe('a crash', () => {
  test('at any byte of the last line that was not durable leaves a chain that goes on, and says what was cut', async () => {
    const files = await written(6);
    const key = keysOfLines(files)[0] ?? '';
    const whole = text(files.get(key) as MemoryFile);
    const more = `${whole}{"seq":8,"time":"2026-01-01T00:00:00.000Z","prev":"`;
    for (const torn of [more, `${more.slice(0, -30)}`, `${whole}\u0000\u0000\u0000\n\u0000`]) {
      const bytes = new TextEncoder().encode(torn);
      const left: MemoryFiles = new Map([...files, [key, { bytes, sizeBytes: bytes.length }]]);
      expect((await verify(left)).tornBytes).toBe(bytes.length - new TextEncoder().encode(whole).length);
      const audit = await StoredAuditLog.open(memoryStorage(left), quiet());
      await audit.close();
      const lines: AuditLine[] = [];
      expect((await verify(left, { onLine: (line) => lines.push(line) })).problem).toBeUndefined();
      expect(lines.at(-1)).toMatchObject({ verb: 'audit.opened', reason: expect.stringContaining('cut off') });
    }
  });
  test('is not what took away lines that were durable: that is kept as found, logged, and said in the next line', async () => {
    const files = edited(await written(10), (lines) => lines.slice(0, 6));
    const key = keysOfLines(files)[0] ?? '';
    const before = text(files.get(key) as MemoryFile);
    const logged: string[] = [];
    const audit = await StoredAuditLog.open(memoryStorage(files), quiet({ log: (level, message) => void logged.push(`${level} ${message}`) }));
    audit.record(EVENT);
    await audit.close();
    expect(logged).toEqual(['error the audit log is not what it was written as']);
    expect(text(files.get(key) as MemoryFile)).toBe(before);
    expect(keysOfLines(files)).toHaveLength(2);
    expect(text(files.get(keysOfLines(files)[1] ?? '') as MemoryFile)).toContain('"verb":"audit.broken"');
    expect((await verify(files)).problem).toBeDefined();
  });
});

test('old files are removed, a line says so, and what is left is whole; removing more is missed', async () => {
  const files = await written(200, { fileBytesMax: 2_000, filesMax: 4 });
  expect(keysOfLines(files).length).toBeLessThanOrEqual(5);
  const report = await verify(files);
  expect(report.problem).toBeUndefined();
  expect(report.firstSeq).toBeGreaterThan(1);
  const left = new Map(files);
  left.delete(keysOfLines(files)[0] ?? '');
  expect((await verify(left)).problem).toBeDefined();
});

test('where the storage fails the lines wait, and are written when it works again', async () => {
  const files: MemoryFiles = new Map();
  const storage = memoryStorage(files);
  let fails = false;
  const logged: string[] = [];
  const audit = await StoredAuditLog.open(
    { ...storage, kind: 'x', list: (p) => storage.list(p), read: (k) => storage.read(k), create: (k, b) => storage.create(k, b), remove: (k) => storage.remove(k), size: (k) => storage.size(k), usage: () => storage.usage(), close: () => storage.close(),
      openLog: async (key) => {
        const log = await storage.openLog(key);
        return { get sizeBytes() { return log.sizeBytes; }, append: (...parts) => (fails ? Promise.reject(new Error('full')) : log.append(...parts)), sync: () => log.sync(), truncate: (size) => log.truncate(size), close: () => log.close() };
      } },
    quiet({ log: (_level, message) => void logged.push(message) }),
  );
  fails = true;
  audit.record(EVENT);
  await expect(audit.flush()).rejects.toThrow('full');
  audit.record(EVENT);
  fails = false;
  await audit.close();
  expect(await verify(files)).toMatchObject({ lines: 3 });
  expect((await verify(files)).problem).toBeUndefined();
});

test('a name, a reason and a list are cut where they are too long, so that a line has a maximum', async () => {
  const files: MemoryFiles = new Map();
  const audit = await StoredAuditLog.open(memoryStorage(files), quiet());
  audit.record({ ...EVENT, user: '\u0007'.repeat(9_000), reason: 'x'.repeat(9_000), names: Array.from({ length: 99 }, () => 'y'.repeat(9_000)) });
  await audit.close();
  expect((await verify(files)).problem).toBeUndefined();
});

test('the bytes are those of docs/format.md, 15', async () => {
  const files = await written(1);
  const lines = text(files.get('audit/00000000000000000001.jsonl') as MemoryFile).split('\n');
  expect(lines[0]).toBe(`{"seq":1,"time":"2026-01-01T00:00:00.000Z","prev":"${'0'.repeat(64)}","verb":"audit.opened","outcome":"done"}`);
  const hash = createHash('sha256').update(lines[0] ?? '').digest('hex');
  expect(lines[1]).toBe(`{"seq":2,"time":"2026-01-01T00:00:00.000Z","prev":"${hash}","verb":"collections/drop","outcome":"done","user":"ada","from":"192.0.2.1","privilege":"DropCollection","database":"d","names":["c0"]}`);
  expect(text(files.get('audit/head-00000000000000000002.json') as MemoryFile)).toBe(`{"seq":2,"hash":"${createHash('sha256').update(lines[1] ?? '').digest('hex')}"}\n`);
});

describe('the gate', () => {
  test('writes down log-ins that fail, denials, and changes with how they ended; not what only reads', async () => {
    const access = await testAccess();
    await access.user('ada', 'Insert@d.c', 'Search@d.c');
    const ada = await access.gate.authenticate(basic('ada'), '192.0.2.7');
    await refusal(access.gate.authenticate(basic('ada', 'wrong'), '192.0.2.8'));
    await refusal(access.gate.admit(ada, { privilege: 'DropCollection', object: 'Collection', database: 'd', names: ['c'], verb: 'collections/drop' }));
    (await access.gate.admit(ada, { privilege: 'Insert', object: 'Collection', database: 'd', names: ['c'], verb: 'Insert' })).ended();
    (await access.gate.admit(ada, { privilege: 'Insert', object: 'Collection', database: 'd', names: ['c'], verb: 'Insert' })).ended(new Error('row 7 has "private words"'));
    (await access.gate.admit(ada, { privilege: 'Search', object: 'Collection', database: 'd', names: ['c'], verb: 'Search' })).ended();
    await access.close();
    const linesOf = async (part: AuditPart) => {
      const lines: AuditLine[] = [];
      await readChain(memoryStorage(access.files), { part, onLine: (line) => lines.push(line) });
      return lines.slice(1).map(({ seq: _, time: __, prev: ___, ...line }) => line);
    };
    expect(await linesOf('refusals')).toEqual([
      { verb: 'log-in', outcome: 'refused', user: 'ada', from: '192.0.2.8', code: 1800, reason: 'auth check failure, please check username and password are correct' },
      { verb: 'collections/drop', outcome: 'refused', user: 'ada', from: '192.0.2.7', privilege: 'DropCollection', database: 'd', names: ['c'], code: 1401, reason: 'PrivilegeDropCollection: permission deny to ada in the `d` database' },
    ]);
    expect(await linesOf('audit')).toEqual([
      { verb: 'Insert', outcome: 'done', user: 'ada', from: '192.0.2.7', privilege: 'Insert', database: 'd', names: ['c'] },
      { verb: 'Insert', outcome: 'failed', user: 'ada', from: '192.0.2.7', privilege: 'Insert', database: 'd', names: ['c'], code: 65535 },
    ]);
  });
  test.each<[string, (access: TestAccess, i: number) => Promise<unknown>]>([
    ['log-ins from one address', ({ gate }) => gate.authenticate('nothing', '192.0.2.8')],
    ['log-ins of nobody from many addresses', ({ gate }, i) => gate.authenticate(basic('nobody'), `192.0.2.${i}`)],
    ['calls without credentials', ({ gate }) => gate.admit(undefined, { privilege: 'LoggedIn', object: 'Global', database: 'default', verb: 'collections/list' })],
  ])('of a flood of refused %s writes a few, which say how many have no line', async (_what, call) => {
    const access = await testAccess({ attempts: { ofUserMax: 3, ofAddressMax: 3, windowMs: 60_000 } });
    for (let i = 0; i < 200; i++) await refusal(call(access, i));
    await access.close();
    expect((await readChain(memoryStorage(access.files), { part: 'refusals' })).lines).toBeLessThan(12);
  });
  test('keeps lines of changes however much is refused: refusals push out refusals alone', async () => {
    const files: MemoryFiles = new Map();
    const audit = await AuditLogs.open(memoryStorage(files), quiet({ fileBytesMax: 2_000, filesMax: 4 }));
    audit.record(EVENT);
    for (let i = 0; i < 200; i++) {
      audit.record({ ...EVENT, outcome: 'refused' });
      if (i % 4 === 3) await audit.flush();
    }
    await audit.close();
    const [done, refused] = [await readChain(memoryStorage(files)), await readChain(memoryStorage(files), { part: 'refusals' })];
    expect(done).toMatchObject({ firstSeq: 1, lines: 2 });
    expect(refused.firstSeq).toBeGreaterThan(1);
    expect([done.problem, refused.problem]).toEqual([undefined, undefined]);
  });
  test('that is open writes down changes if it is told to', async () => {
    const access = await testAccess({ authorization: false, audit: true });
    const root = await access.gate.authenticate(undefined, '192.0.2.7');
    (await access.gate.admit(root, { privilege: 'DropCollection', object: 'Collection', database: 'd', names: ['c'] })).ended();
    await access.close();
    const lines: AuditLine[] = [];
    await readChain(memoryStorage(access.files), { onLine: (line) => lines.push(line) });
    expect(lines[1]).toMatchObject({ user: 'root', from: '192.0.2.7', verb: 'DropCollection', outcome: 'done' });
  });
});
