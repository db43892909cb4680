// Check: an opened database against what a History says it may be. Every row, count and score is looked at; what is found
// is told as one of the ways in which a database breaks its word.

import type { Collection } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import type { Random } from './bytes.js';
import type { Evictions } from './evictions.js';
import { isDone, possibleIndexes, possibleMeanings, presence, type History, type Life, type Rows } from './history.js';
import { shapeNamed } from './session.js';
import { versionIn, vectorOf, type Shape } from './shapes.js';
import { mayBe, statesOfCopy, sureRows, unsureRows, type Doubt } from './states.js';

export type Fault = 'lost' | 'phantom' | 'failedOpen' | 'wrong';

/** A broken word. */
export class Finding extends Error {
  constructor(readonly fault: Fault, message: string, cause?: unknown) {
    super(message, { cause });
  }
}

export interface Found {
  readonly life: Life;
  readonly rows: Rows;
  readonly index: string | undefined;
}

export interface Moment {
  readonly history: History;
  readonly time: number;
  /** Whether what was refused may be there: true if the faults went on, so that nothing could be taken back. */
  readonly doubtful: boolean;
}

/** Everything that is there. Throws a Finding. */
export async function check(database: SyncDatabase, moment: Moment, next: Random): Promise<readonly Found[]> {
  const names: string[] = [];
  for (const name of await database.listCollections()) if (!(await isUnfinishedPull(database, name))) names.push(name);
  const known = moment.history.namesAt(moment.time);
  for (const name of names) if (!known.includes(name)) throw new Finding('phantom', `collection "${name}" was never made`);
  const found: Found[] = [];
  for (const name of known) {
    const lives = livesOf(moment, name, names.includes(name));
    if (lives.length > 0) found.push(await checkLives(database, lives, moment, next));
  }
  await checkAliases(database, moment);
  return found;
}

async function checkAliases(database: SyncDatabase, { history, time, doubtful }: Moment): Promise<void> {
  for (const alias of new Set(history.aliasSteps.map((step) => step.alias))) {
    const meanings = possibleMeanings(history.aliasSteps.filter((step) => step.alias === alias), time, doubtful);
    if (meanings === undefined) continue;
    const found = (await database.describeAlias(alias).catch(() => undefined))?.collection;
    if (found === undefined || !meanings.includes(found)) throw new Finding('lost', `alias "${alias}": stands for ${String(found)}, expected ${meanings.join(' or ')}`);
  }
}

/** A pull that never completed is listed, so that the next goes on with it, and holds nothing. */
async function isUnfinishedPull(database: SyncDatabase, name: string): Promise<boolean> {
  try {
    await database.collection(name);
    return false;
  } catch (error) {
    return error instanceof ElanusError && error.code === 'NotFound' && error.message.includes('has not completed');
  }
}

/** The lives of which one is there. Whether a collection was made or dropped is not known to who was refused. */
function livesOf({ history, time }: Moment, name: string, isThere: boolean): readonly Life[] {
  const lives: Life[] = [];
  for (let life = history.lifeAt(name, time); life !== undefined; life = history.lifeBefore(life)) {
    const state = presence(life, time, true);
    if (state === 'there' && !isThere && lives.length === 0) throw new Finding('lost', `collection "${name}" is gone`);
    if (state !== 'gone' && isThere) lives.push(life);
    if (state === 'there') break;
  }
  if (isThere && lives.length === 0) throw new Finding('phantom', `collection "${name}" was dropped, and is there`);
  return lives;
}

async function checkLives(database: SyncDatabase, lives: readonly Life[], moment: Moment, next: Random): Promise<Found> {
  let first: unknown;
  for (const life of lives) {
    try {
      return await checkLife(database, life, moment, next);
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      first ??= error;
    }
  }
  throw first;
}

async function checkLife(database: SyncDatabase, life: Life, { history, time, doubtful }: Moment, next: Random): Promise<Found> {
  const { name } = life;
  const shape = shapeNamed(life.shape);
  const collection = await database.collection(name).catch((error: unknown) => {
    throw new Finding('failedOpen', `collection "${name}" does not open: ${String(error)}`, error);
  });
  const isOfShape = collection.schema.fields.some(({ dim }) => dim === shape.dim);
  if (!isOfShape) throw new Finding('phantom', `collection "${name}" has fields that it was not made with`);
  for (const step of life.fieldSteps) {
    const isThere = collection.schema.fields.some((field) => field.name === step.field);
    if (isDone(step, time, doubtful) === 'yes' && !isThere) throw new Finding('lost', `collection "${name}": field "${step.field}" is gone`);
  }
  const rows = await readRows(collection, shape);
  const lacking = await rowsGivenUp(database, life, history.evictions, time);
  const whole = lacking > 0 ? statesOfCopy(life, time).find((state) => state.size === rows.size + lacking && isWithin(rows, state)) : mayBe(life, time, { doubtful }, rows) ? rows : undefined;
  if (whole === undefined) throw difference(life, time, { doubtful }, rows, lacking);
  await checkAnswers(collection, shape, rows, next);
  const index = (await database.describeIndex(name, { fieldName: 'vector' })).indexType;
  const indexes = possibleIndexes(life, time, true).map((type) => type ?? 'AUTOINDEX');
  if (!indexes.includes(index)) throw new Finding('lost', `collection "${name}": index ${index}, expected ${indexes.join(' or ')}`);
  return { life, rows: whole, index: index === 'AUTOINDEX' ? undefined : index };
}

async function readRows(collection: Collection, shape: Shape): Promise<Rows> {
  const rows = new Map<number, number>();
  for (const found of await collection.query()) {
    const row = shape.numberOf(found['id'] as bigint | string);
    const version = versionIn(shape, row, found);
    if (version === undefined) throw new Finding('phantom', `collection "${collection.name}": row ${row} was never written as it is`);
    if (rows.has(row)) throw new Finding('phantom', `collection "${collection.name}": row ${row} is there twice`);
    rows.set(row, version);
  }
  return rows;
}

/** How many rows answers lack, as they say: of a copy alone, and only what was given up for room. */
async function rowsGivenUp(database: SyncDatabase, { name, isPulled }: Life, evictions: Evictions, time: number): Promise<number> {
  const { missing = [] } = await database.describeCollection(name);
  for (const { file, reason } of missing) {
    if (isPulled !== true || !evictions.explain(file, time)) throw new Finding('lost', `collection "${name}": ${file} is ${reason}`);
  }
  return missing.reduce((sum, { rows }) => sum + rows, 0);
}

function isWithin(part: Rows, whole: Rows): boolean {
  for (const [row, version] of part) if (whole.get(row) !== version) return false;
  return true;
}

function difference(life: Life, time: number, doubt: Doubt, found: Rows, lacking: number): Finding {
  const sure = sureRows(life, time, doubt);
  const unsure = unsureRows(life, time, doubt);
  const missing = [...sure].filter(([row]) => !found.has(row) && !unsure.has(row));
  const strange = [...found].filter(([row, version]) => sure.get(row) !== version && !life.steps.some(({ changes }) => changes.get(row) === version));
  const shown = (rows: readonly (readonly [number, number])[]): string => rows.slice(0, 5).map(([row, version]) => `${row}@${version}`).join(' ');
  const fault = missing.length > 0 ? 'lost' : 'phantom';
  return new Finding(fault, `collection "${life.name}": ${found.size} rows, ${lacking} given up, of which ${sure.size} and no others were sure; missing ${shown(missing)}; never written ${shown(strange)}`);
}

/** Counts, and searches by every metric, exact and not. */
async function checkAnswers(collection: Collection, shape: Shape, rows: Rows, next: Random): Promise<void> {
  const middle = [...rows.values()].sort((a, b) => a - b)[rows.size >> 1] ?? 0;
  const counts = [await collection.count(), await collection.count(`version < ${middle}`)];
  const expected = [rows.size, [...rows.values()].filter((version) => version < middle).length];
  if (counts.join() !== expected.join()) throw new Finding('wrong', `collection "${collection.name}": counts ${counts.join()}, expected ${expected.join()}`);
  const data = Float32Array.from({ length: shape.dim }, () => next() * 2 - 1);
  for (const recall of [1, 0.9]) {
    const limit = 5;
    const { hits } = await collection.search({ data, annsField: 'vector', limit, recall });
    const scores = new Map([...rows].map(([row, version]) => [row, scoreOf(shape, data, vectorOf(shape, row, version))]));
    const best = [...scores.values()].sort((a, b) => (shape.metric === 'L2' ? a - b : b - a)).slice(0, limit);
    if (hits.length !== best.length) throw new Finding('wrong', `collection "${collection.name}": ${hits.length} hits, expected ${best.length}`);
    hits.forEach(({ id, score }, at) => {
      const own = scores.get(shape.numberOf(id));
      const right = own !== undefined && near(score, own) && (recall < 1 || near(score, best[at] as number));
      if (!right) throw new Finding('wrong', `collection "${collection.name}": hit ${at} at recall ${recall} is ${String(id)} with ${score}, its score is ${own}, expected ${best[at]}`);
    });
  }
  await checkOthers(collection, shape, rows);
}

async function checkOthers(collection: Collection, shape: Shape, rows: Rows): Promise<void> {
  for (const { field, data, has } of shape.others ?? []) {
    const { hits } = await collection.search({ data, annsField: field, limit: 16_384, recall: 1 });
    const found = hits.map(({ id }) => shape.numberOf(id)).sort((a, b) => a - b);
    const expected = [...rows].flatMap(([row, version]) => (has(row, version) ? [row] : [])).sort((a, b) => a - b);
    if (found.join() !== expected.join()) throw new Finding('wrong', `collection "${collection.name}": by "${field}" rows ${found.join()} are found, expected ${expected.join()}`);
  }
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a), Math.abs(b));
}

function scoreOf({ metric }: Shape, a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += metric === 'L2' ? ((a[i] as number) - (b[i] as number)) ** 2 : (a[i] as number) * (b[i] as number);
  return sum;
}

/** Names of files, or of the collections whose files they are, that a warning may be about. */
export function unexplained(warnings: readonly string[], keys: Iterable<string>, names: readonly string[]): readonly string[] {
  const words = [...keys].flatMap((key) => [key, key.split('/').at(-1) as string]);
  return warnings.filter((warning) => !words.some((word) => warning.includes(word)) && !names.some((name) => warning.includes(name)));
}
