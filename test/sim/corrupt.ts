// Damage sweep: a small database with a file of each kind, of which one byte is flipped, or one file cut, or some bytes
// overwritten. The damaged database is opened and asked everything: it answers as before, or says which file is damaged.

import { decodeCatalog } from '../../src/format/catalog.js';
import { encodeManifest } from '../../src/format/manifest.js';
import { CATALOG_PREFIX } from '../../src/format/keys.js';
import { concatBytes } from '../../src/format/bytes.js';
import { encodeEndMark, encodeLogHeader, encodeRecordHeader, readLog, type LogRecord } from '../../src/format/log.js';
import { manifestAbout, openManifest } from '../../src/engine/files/collection-files.js';
import { keyringOf } from '../../src/engine/database/keyring.js';
import { recoveryNotice } from '../../src/engine/log/recovery-report.js';
import type { Vault } from '../../src/engine/files/vault.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import { memoryStorage } from '../../src/storage/memory.js';
import type { Collection } from '../../src/engine/api.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { random, randomInteger } from '../support/random.js';
import type { Bytes, Random } from './bytes.js';
import { durable, SimDisk } from './disk.js';
import { simStorage } from './storage.js';
import { seedAt, swept, type Sweep, type Tally } from './sweep.js';
import { encryptionOf, finished, openSim, simAmbient } from './world.js';

export interface CorruptReport {
  mutations: number;
  /** An error or a warning names the file; what is answered all the same is right, or lacks what was in the file. */
  detected: number;
  /** Every answer is as before. */
  harmless: number;
  /** An answer differs, and nothing says why. */
  wrong: number;
  /** An error that is no ElanusError, or a hang. */
  crashed: number;
  readonly examples: string[];
}

export interface CorruptOptions {
  readonly core: Core;
  readonly seed: number;
  /** Only each such flip and cut, from one that the seed tells on. */
  readonly stride?: number;
  /** Damages of some bytes of a file, for each kind. */
  readonly strewn?: number;
}

/** As few as get an index. */
const ROWS = 1024;
const EXAMPLES_MAX = 10;
const STREWN_BYTES_MAX = 16;
/** Bytes of a file that are one unit of the sweep. */
const UNIT_BYTES = 2000;

const COLLECTIONS = ['indexed', 'small'] as const;

/** What a database answers, as text: its collections, then to each question of each, '' where it refuses; and what it says of itself. */
interface Answers {
  readonly parts: readonly string[];
  readonly complaints: string;
  /** Of each log, by its key: the batches that were applied, as told by the report of the recovery. */
  readonly applied: ReadonlyMap<string, string>;
}

const NOT_ASKED = 'not asked';
const DATA = [0.25, -0.5];

type Question = (collection: Collection, database: SyncDatabase) => Promise<unknown>;

const QUESTIONS: readonly Question[] = [
  (collection) => collection.query(),
  (collection) => collection.count('id > 2'),
  async (collection) => (await collection.search({ data: DATA, limit: 8, recall: 1 })).hits,
  async (collection) => (await collection.search({ data: DATA, limit: 8, recall: 1, filter: 'id > 1' })).hits,
  async ({ name }, database) => {
    const { indexType, params } = await database.describeIndex(name, { fieldName: 'vector' });
    return [indexType, params];
  },
  // An index may be lost: then the search is exact. Its hits have their own scores, whichever they are.
  async (collection) => {
    const { hits } = await collection.search({ data: DATA, limit: 8, recall: 0.99 });
    const scores = new Map((await collection.search({ data: DATA, limit: 2000, recall: 1 })).hits.map(({ id, score }) => [id, score]));
    return [hits.length, hits.filter(({ id, score }) => Math.abs(score - (scores.get(id) ?? Infinity)) > 1e-5)];
  },
];

type Files = ReadonlyMap<string, Bytes>;

/** A database, its answers, and those with only some of the batches of its logs. */
interface Sound {
  /** Names of collections by id. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  readonly files: Files;
  readonly truth: Answers;
  /** Of the database without the segment that a file belongs to, by the file's name. */
  readonly withoutSegment: ReadonlyMap<string, Answers>;
  /** By log and the LSNs that are left. */
  readonly without: ReadonlyMap<string, Answers>;
}

/** All units of the sweep, in this process. */
export async function corruptSweep(options: CorruptOptions): Promise<Tally> {
  return swept(await corruptUnits(options));
}

/** A unit is some bytes of a file, each flipped and each the end of it; or the file overwritten or missing. Figures: those of a report. */
export async function corruptUnits({ core, seed, stride = 1, strewn = 200 }: CorruptOptions): Promise<Sweep> {
  const files = await build(core, random(seed));
  const truth = await ask(files, core);
  if (truth.complaints !== '') throw new Error(`the undamaged database complains: ${truth.complaints}`);
  const vaults = await vaultsOf(files, core);
  const owners = new Map([...vaults].map(([id, { name }]) => [id, [name]]));
  const sound: Sound = { owners, files, truth, withoutSegment: await withoutSegments(files, core, vaults), without: await someBatches(files, core, vaults) };
  const units = [...files].flatMap(([key, { length }]) => [{ key, from: -1 }, ...Array.from({ length: Math.ceil(length / UNIT_BYTES) }, (_, at) => ({ key, from: at * UNIT_BYTES }))]);
  const judgeUnit = async (unit: number): Promise<Tally> => {
    const next = random(seedAt(seed, unit));
    const { key, from } = units[unit] as (typeof units)[number];
    const bytes = files.get(key) as Bytes;
    const report: CorruptReport = { mutations: 0, detected: 0, harmless: 0, wrong: 0, crashed: 0, examples: [] };
    if (from < 0) await judgeWhole(sound, key, bytes, strewn, core, report, next);
    else await judgeBytes(sound, key, bytes, firstAt(from, seed, stride), Math.min(from + UNIT_BYTES, bytes.length), stride, core, report, next);
    const { examples, ...figures } = report;
    return { figures, examples };
  };
  return { units: units.length, run: judgeUnit };
}

/** The first place from `from` on that is one of every `stride`. */
function firstAt(from: number, seed: number, stride: number): number {
  return from + ((((seed - from) % stride) + stride) % stride);
}

async function judgeBytes(sound: Sound, key: string, bytes: Bytes, from: number, to: number, stride: number, core: Core, report: CorruptReport, next: Random): Promise<void> {
  for (let at = from; at < to; at += stride) {
    await judge(sound, key, flipped(bytes, at, randomInteger(next, 8)), core, report, `${key}: byte ${at} flipped`);
    await judge(sound, key, bytes.slice(0, at), core, report, `${key}: cut to ${at}`);
  }
}

async function judgeWhole(sound: Sound, key: string, bytes: Bytes, strewn: number, core: Core, report: CorruptReport, next: Random): Promise<void> {
  for (let i = 0; i < strewn; i++) await judge(sound, key, strewnOver(bytes, next), core, report, `${key}: strewn ${i}`);
  await judge(sound, key, undefined, core, report, `${key}: missing`);
}

/** A collection with two segments, one with an index and one with deletions, a log, and another collection. */
async function build(core: Core, next: Random): Promise<Files> {
  const disk = new SimDisk();
  const database = await openSim(simStorage(disk, next), core, next, { sealBytes: 1 << 20 });
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => ({ id: from + at, vector: [next() * 2 - 1, next() * 2 - 1] }));
  const indexed = await database.createCollection({ name: 'indexed', dimension: 2, metric: 'L2', indexParams: [{ fieldName: 'vector', indexType: 'IVF_FLAT', params: { nlist: 4 } }] });
  await indexed.insert(rows(0, ROWS));
  await indexed.flush();
  while ((await database.describeIndex('indexed', { fieldName: 'vector' })).state !== 'Finished') await undefined;
  const small = await database.createCollection({
    name: 'small',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'text', type: 'VarChar', maxLength: 20 },
      { name: 'truth', type: 'Bool' },
      { name: 'detail', type: 'JSON' },
      { name: 'vector', type: 'FloatVector', dim: 2, metric: 'IP' },
    ],
  });
  const smallRows = (from: number, count: number) => rows(from, count).map((row) => ({ ...row, text: `row ${row.id}`, truth: row.id % 2 === 0, detail: { id: row.id } }));
  await small.insert(smallRows(0, 12));
  await small.flush();
  await small.delete({ ids: [3, 5] });
  await small.flush();
  await small.insert(smallRows(20, 3));
  await small.delete({ ids: [21, 0] });
  await small.upsert(smallRows(1, 1));
  await database.close();
  return new Map([...disk.files].map(([key, { content }]) => [key, content]));
}

/** `names`: the collections that are asked; the others say nothing. */
async function ask(files: Files, core: Core, names: readonly string[] = COLLECTIONS): Promise<Answers> {
  const next = random(1);
  const complaints: string[] = [];
  const parts: string[] = [];
  const applied = new Map<string, string>();
  const complain = (error: unknown): undefined => {
    if (!(error instanceof ElanusError)) throw error;
    complaints.push(`${error.message} ${error.file ?? ''}`);
    return undefined;
  };
  const database = await openSim(simStorage(new SimDisk(durable(files)), next), core, next, { sealBytes: 1 << 20 }).catch(complain);
  if (database === undefined) return { parts: [], complaints: complaints.join('\n'), applied };
  try {
    parts.push(String(await database.listCollections()));
    for (const name of COLLECTIONS) parts.push(...(names.includes(name) ? await askCollection(database, name, complain) : QUESTIONS.map(() => NOT_ASKED)));
    for (const name of names) await noteRecovery(database, name, complaints, applied).catch(complain);
    complaints.push(...(await database.health()).warnings);
    return { parts, complaints: complaints.join('\n'), applied };
  } finally {
    await database.close();
  }
}

/** What the log of the database is told, and which batches the report says are there. */
async function noteRecovery(database: SyncDatabase, name: string, complaints: string[], applied: Map<string, string>): Promise<void> {
  const { recovery, manifest } = await database.opened(name);
  const notice = recoveryNotice(recovery);
  if (notice !== undefined) complaints.push(notice);
  const { nextLsn } = manifest.manifest;
  const lost = recovery.lost.flatMap(({ firstLsn, count }) => lsnsFrom(firstLsn, Number(count)));
  const all = lsnsFrom(nextLsn, recovery.batchesReplayed + lost.length);
  applied.set(name, all.filter((lsn) => !lost.includes(lsn)).join());
}

function lsnsFrom(first: bigint, count: number): readonly bigint[] {
  return Array.from({ length: count }, (_, at) => first + BigInt(at));
}

async function askCollection(database: SyncDatabase, name: string, complain: (error: unknown) => undefined): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const question of QUESTIONS) {
    try {
      answers.push(asText(await question(await database.collection(name), database)));
    } catch (error) {
      complain(error);
      answers.push('');
    }
  }
  return answers;
}

function asText(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value instanceof Float32Array ? [...value] : value));
}

async function judge(sound: Sound, key: string, damaged: Bytes | undefined, core: Core, report: CorruptReport, what: string): Promise<void> {
  const mutated = new Map(sound.files);
  if (damaged === undefined) mutated.delete(key);
  else mutated.set(key, damaged);
  report.mutations++;
  try {
    const owner = [...sound.owners].find(([id]) => key.startsWith(`c${id}/`))?.[1];
    const { parts, complaints, applied } = await finished(ask(mutated, core, owner));
    // Of a missing file the ones that depend on it may speak.
    const isNamed = complaints.includes(key.split('/').at(-1) as string) || (damaged === undefined && complaints !== '');
    // Of a damaged segment the rows are all there, or all left out.
    const rest = isNamed ? sound.withoutSegment.get(key.split('/').at(-1) as string) : undefined;
    // Of a damaged log exactly the batches that the report tells are left.
    const left = isNamed && key.endsWith('.log') ? sound.without.get(`${key} ${applied.get(owner?.[0] ?? '') ?? ''}`) : undefined;
    const isTrue = (left ?? sound.truth).parts.every((part, at) => part === parts[at] || parts[at] === NOT_ASKED || rest?.parts[at] === parts[at] || (isNamed && (parts[at] ?? '') === ''));
    if (!isTrue) bad(report, 'wrong', `${what}: answers differ; complaints: ${complaints || 'none'}`);
    else if (isNamed) report.detected++;
    else report.harmless++;
  } catch (error) {
    bad(report, 'crashed', `${what}: ${error instanceof Error ? String(error.stack) : String(error)}`);
  }
}

interface Owned {
  readonly name: string;
  readonly vault: Vault;
}

/** Name and vault of each collection, by id. */
async function vaultsOf(files: Files, core: Core): Promise<ReadonlyMap<string, Owned>> {
  const next = random(1);
  const keyring = await keyringOf({ ambient: simAmbient(next), encryption: encryptionOf(core, next) });
  const owned = new Map<string, Owned>();
  for (const [key, bytes] of files) {
    if (!key.startsWith(CATALOG_PREFIX)) continue;
    for (const entry of decodeCatalog(await keyring.openCatalog(bytes, key), key).collections) owned.set(entry.id, { name: entry.name, vault: await keyring.vaultOf(entry) });
  }
  return owned;
}

/** The answers without each segment, by the names of its files. */
async function withoutSegments(files: Files, core: Core, vaults: ReadonlyMap<string, Owned>): Promise<ReadonlyMap<string, Answers>> {
  const answers = new Map<string, Answers>();
  for (const [key, bytes] of files) {
    if (!key.includes('/manifest/')) continue;
    const id = key.slice(1, 17);
    const { vault } = vaults.get(id) as Owned;
    const manifest = await openManifest(vault, id, bytes, key);
    for (const segment of manifest.segments) {
      const rest = { ...manifest, segments: manifest.segments.filter((other) => other !== segment) };
      const { bytes: stored } = await vault.seal(encodeManifest(rest), manifestAbout(id));
      const left = await ask(new Map([...files, [key, stored as Bytes]]), core);
      // The newest manifest comes last, and counts.
      for (const name of [segment.rowsFile.name, segment.deletions?.name]) if (name !== undefined) answers.set(name, left);
    }
  }
  return answers;
}

/** The answers with only some of the batches of each log, for every choice of these. */
async function someBatches(files: Files, core: Core, vaults: ReadonlyMap<string, Owned>): Promise<ReadonlyMap<string, Answers>> {
  const answers = new Map<string, Answers>();
  for (const [key, bytes] of files) {
    if (!key.endsWith('.log')) continue;
    const { vault } = vaults.get(key.slice(1, 17)) as Owned;
    const { id, firstLsn, records } = readLog((await vault.openLog(bytes, key)).bytes, key);
    for (let choice = 0; choice < 1 << records.length; choice++) {
      const left = records.filter((_, at) => (choice >> at) % 2 === 1);
      const log = await logOf(vault, key, id, firstLsn, left);
      answers.set(`${key} ${left.map(({ lsn }) => lsn).join()}`, await ask(new Map([...files, [key, log]]), core));
    }
  }
  return answers;
}

async function logOf(vault: Vault, key: string, id: string, firstLsn: bigint, records: readonly LogRecord[]): Promise<Bytes> {
  const seed = 1;
  const storage = memoryStorage();
  const log = vault.log(await storage.openLog(key), key, undefined);
  const parts = records.flatMap(({ payload }, at) => [encodeRecordHeader(seed, firstLsn + BigInt(at), firstLsn, payload), payload]);
  for (const bytes of [encodeLogHeader(id, firstLsn, seed), concatBytes([...parts, encodeEndMark(seed, firstLsn + BigInt(records.length))])]) await log.append(bytes);
  return storage.read(key);
}

function bad(report: CorruptReport, how: 'wrong' | 'crashed', example: string): void {
  report[how]++;
  if (report.examples.length < EXAMPLES_MAX) report.examples.push(`${how}: ${example}`);
}

function flipped(bytes: Bytes, at: number, bit: number): Bytes {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ (1 << bit);
  return copy;
}

/** Some bytes overwritten, beside each other or anywhere. */
function strewnOver(bytes: Bytes, next: Random): Bytes {
  const copy = bytes.slice();
  const beside = next() < 0.5;
  const start = randomInteger(next, bytes.length);
  const count = 1 + randomInteger(next, STREWN_BYTES_MAX);
  for (let i = 0; i < count; i++) copy[beside ? Math.min(start + i, bytes.length - 1) : randomInteger(next, bytes.length)] = randomInteger(next, 256);
  return copy;
}
