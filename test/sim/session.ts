// Session: the verbs of a scripted history. Each is done on the database and noted in the History; a refusal is noted and
// not thrown, unless it is one that nothing in the simulation explains.

import { createHash } from 'node:crypto';
import type { Collection } from '../../src/engine/api.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { encodeRows } from '../../src/format/rows-file.js';
import type { Ack } from '../../src/model/ack.js';
import { ElanusError, type ErrorCode } from '../../src/model/errors.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { randomInteger } from '../support/random.js';
import type { Random } from './bytes.js';
import { History, type AliasStep, type FieldStep, type IndexStep, type Life, type Rows, type RowStep } from './history.js';
import { SERVER_URL, type SimServer } from './server.js';
import { ADDED_VALUE, rowOf, SHAPES, type Shape } from './shapes.js';
import { sureRows } from './states.js';

/** What the faults of a simulation may lead to. */
const EXPECTED: readonly ErrorCode[] = ['QuotaExceeded', 'StorageFailed', 'OutOfMemory', 'ReadOnly', 'Closed', 'NotFound'];

export interface SessionOptions {
  /** What is pulled from. */
  readonly server: () => SimServer;
  readonly open: () => Promise<SyncDatabase>;
  readonly history: History;
  readonly next: Random;
}

export class Session {
  readonly next: Random;
  readonly history: History;
  readonly #server: () => SimServer;
  readonly #openDatabase: () => Promise<SyncDatabase>;
  #opening: Promise<SyncDatabase | undefined> | undefined;

  constructor({ open, history, next, server }: SessionOptions) {
    this.#server = server;
    this.#openDatabase = open;
    this.history = history;
    this.next = next;
  }

  integer(below: number): number {
    return randomInteger(this.next, below);
  }

  /** `count` numbers from `from` on. */
  range(from: number, count: number): readonly number[] {
    return Array.from({ length: count }, (_, at) => from + at);
  }

  /** `count` numbers below `below`, with repetitions. */
  some(count: number, below: number): readonly number[] {
    return Array.from({ length: count }, () => this.integer(below));
  }

  /** The database, opened if it is not open; undefined if it could not be. */
  async open(): Promise<SyncDatabase | undefined> {
    this.#opening ??= this.#openDatabase().catch(expected);
    const opening = this.#opening;
    const database = await opening;
    if (database === undefined && this.#opening === opening) this.#opening = undefined;
    return database;
  }

  /** What was acknowledged in memory is durable when a close succeeded. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    const database = await opening;
    if (database === undefined) return;
    const step: RowStep = { ...this.history.begin(), changes: new Map() };
    for (const life of this.history.lives) if (life.isPulled !== true) life.steps.push(step);
    await this.history.settle(step, database.close()).catch(expected);
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async create(name: string, shape: keyof typeof SHAPES = 'numbered'): Promise<void> {
    const database = await this.open();
    if (database === undefined) return;
    const made = this.history.begin();
    const life: Life = { name, shape, made, rows: new Map(), index: undefined, drops: [], steps: [], indexSteps: [], fieldSteps: [] };
    this.history.lives.push(life);
    await this.history.settle(made, database.createCollection(shapeNamed(shape).definition(name))).catch((error: unknown) => {
      if (isThereAlready(error)) this.history.lives.splice(this.history.lives.indexOf(life), 1);
      else expected(error);
    });
  }

  async drop(name: string): Promise<void> {
    const database = await this.open();
    const life = this.#life(name);
    if (life === undefined || database === undefined) return;
    const dropped = this.history.begin();
    life.drops.push(dropped);
    await this.history.settle(dropped, database.dropCollection(name)).catch(expected);
  }

  /** Writes these rows in one batch; the call is made at once. */
  write(name: string, rows: readonly number[], ack: Ack = 'flushed'): Promise<void> {
    const version = this.history.nextVersion();
    const changes = new Map(rows.map((row) => [row, version]));
    return this.#change(name, { changes, inMemory: ack === 'memory' }, (collection, shape) => collection.upsert(rows.map((row) => rowOf(shape, row, version)), { ack }));
  }

  /** Sends these rows as a file, which becomes a segment. REQUIRES: no other change of rows of the collection is under way. */
  async adopt(name: string, rows: readonly number[]): Promise<void> {
    const version = this.history.nextVersion();
    const numbers = [...new Set(rows)];
    await this.#change(name, { changes: new Map(numbers.map((row) => [row, version])) }, async (_, shape) => {
      const collection = await ((await this.open()) as SyncDatabase).opened(name);
      const { schema } = collection.manifest.manifest;
      const { bytes } = encodeRows(rowsToBatch(numbers.map((row) => rowOf(shape, row, version)), schema, undefined).columns, schema, 4);
      await collection.adopt({ bytes, sha256: createHash('sha256').update(bytes).digest('hex') }, { subject: new Uint8Array(8), hasRule: false });
    });
  }

  remove(name: string, rows: readonly number[], ack: Ack = 'flushed'): Promise<void> {
    const changes = new Map(rows.map((row) => [row, undefined]));
    return this.#change(name, { changes, inMemory: ack === 'memory' }, (collection, shape) => collection.delete({ ids: rows.map(shape.keyOf) }, { ack }));
  }

  /** Deletes by filter. REQUIRES: no change of the collection is under way. */
  async removeOlder(name: string, version: number): Promise<void> {
    const life = this.#life(name);
    if (life === undefined) return;
    const rows = sureRows(life, this.history.now, { doubtful: false });
    const older = [...rows].flatMap(([row, found]) => (found < version ? [row] : []));
    await this.#change(name, { changes: new Map(older.map((row) => [row, undefined])) }, (collection) => collection.delete({ filter: `version < ${version}` }));
  }

  /** Seals. What was acknowledged in memory before is durable then. */
  async flush(name: string): Promise<void> {
    await this.#change(name, { changes: new Map() }, (collection) => collection.flush());
  }

  /** Merges segments; no row changes. */
  async compact(name: string): Promise<void> {
    await (await this.#collection(name))?.compact().catch(expected);
  }

  /** A collection on the server, made anew if it is there. */
  async serve(name: string): Promise<void> {
    await this.#server().create(name);
  }

  async serverWrite(name: string, rows: readonly number[]): Promise<void> {
    await this.#server().write(name, rows, this.history.nextVersion());
  }

  async serverRemove(name: string, rows: readonly number[]): Promise<void> {
    await this.#server().remove(name, rows);
  }

  async serverFlush(name: string): Promise<void> {
    await this.#server().flush(name);
  }

  /** Copies a collection of the server. `anew`: it was made anew there, so that the copy before is dropped first. */
  async pull(name: string, anew = false): Promise<void> {
    const database = await this.open();
    if (database === undefined) return;
    const step: RowStep = { ...this.history.begin(), changes: this.#server().sealed(name), isWhole: true };
    const before = this.#life(name);
    if (anew) before?.drops.push(step);
    if (anew || before === undefined) this.history.lives.push({ name, shape: 'numbered', made: step, rows: step.changes as Rows, isPulled: true, index: undefined, drops: [], steps: [], indexSteps: [], fieldSteps: [] });
    else before.steps.push(step);
    await this.history.settle(step, database.pull(SERVER_URL, name)).catch(expected);
  }

  async addField(name: string, field: string): Promise<void> {
    const database = await this.open();
    const life = this.#life(name);
    if (life === undefined || database === undefined) return;
    const step: FieldStep = { ...this.history.begin(), field };
    life.fieldSteps.push(step);
    await this.history.settle(step, database.addField(name, { name: field, type: 'Int32', defaultValue: ADDED_VALUE })).catch((error: unknown) => {
      if (isThereAlready(error)) life.fieldSteps.splice(life.fieldSteps.indexOf(step), 1);
      else expected(error);
    });
  }

  /** The alias stands for that collection from now on. */
  async alias(alias: string, collection: string): Promise<void> {
    const database = await this.open();
    if (database === undefined) return;
    const step: AliasStep = { ...this.history.begin(), alias, collection };
    this.history.aliasSteps.push(step);
    const known = (await database.listAliases()).includes(alias);
    await this.history.settle(step, known ? database.alterAlias(collection, alias) : database.createAlias(collection, alias)).catch(expected);
  }

  /** REQUIRES: no change of the collection is under way. */
  async rename(name: string, newName: string): Promise<void> {
    const database = await this.open();
    const life = this.#life(name);
    if (life === undefined || database === undefined) return;
    const step = this.history.begin();
    const renamed: Life = { ...life, name: newName, made: step, drops: [], steps: [...life.steps], indexSteps: [...life.indexSteps], fieldSteps: [...life.fieldSteps] };
    life.drops.push(step);
    this.history.lives.push(renamed);
    await this.history.settle(step, database.renameCollection(name, newName)).catch((error: unknown) => {
      if (!isThereAlready(error)) return expected(error);
      this.history.lives.splice(this.history.lives.indexOf(renamed), 1);
      life.drops.splice(life.drops.indexOf(step), 1);
    });
  }

  /** REQUIRES: no change of the collection is under way. */
  async truncate(name: string): Promise<void> {
    const database = await this.open();
    const life = this.#life(name);
    if (life === undefined || database === undefined) return;
    await this.#change(name, { changes: new Map(this.#known(life).map((row) => [row, undefined])) }, () => database.truncateCollection(name));
  }

  async createPartition(name: string, partition: string): Promise<void> {
    await (await this.open())?.createPartition(name, partition).catch(expected);
  }

  writeInto(name: string, partitionName: string, rows: readonly number[]): Promise<void> {
    const version = this.history.nextVersion();
    return this.#change(name, { changes: new Map(rows.map((row) => [row, version])) }, (collection, shape) => collection.upsert(rows.map((row) => rowOf(shape, row, version)), { partitionName }));
  }

  /** REQUIRES: no change of the collection is under way; these are its rows. One that is refused may be left empty. */
  async dropPartition(name: string, partition: string, rows: readonly number[]): Promise<void> {
    const database = await this.open();
    const life = this.#life(name);
    if (life === undefined || database === undefined) return;
    await this.#change(name, { changes: new Map(rows.map((row) => [row, undefined])) }, () => database.dropPartition(name, partition));
    const step = life.steps.at(-1);
    if (step?.refused === undefined) return;
    step.isHalfDone = true;
    delete step.isUntried;
  }

  async createIndex(name: string, type: 'HNSW' | 'IVF_FLAT' | 'FLAT'): Promise<void> {
    const params = type === 'HNSW' ? { M: 8, efConstruction: 32 } : type === 'IVF_FLAT' ? { nlist: 4 } : {};
    await this.#changeIndex(name, type, (database) => database.createIndex(name, { fieldName: 'vector', indexType: type, ...(type === 'FLAT' ? {} : { params }) }));
  }

  async dropIndex(name: string): Promise<void> {
    await this.#changeIndex(name, undefined, (database) => database.dropIndex(name, { fieldName: 'vector' }));
  }

  async search(name: string): Promise<void> {
    const life = this.#life(name);
    if (life === undefined) return;
    const data = Float32Array.from({ length: shapeNamed(life.shape).dim }, () => this.next());
    await (await this.#collection(name))?.search({ data, annsField: 'vector', limit: 3, recall: 0.9 }).catch(expected);
  }

  /** Lets what runs in the background run on for a while. */
  async idle(turns = 400): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await undefined;
  }

  async #changeIndex(name: string, type: string | undefined, work: (database: SyncDatabase) => Promise<void>): Promise<void> {
    const database = await this.open();
    const life = this.#life(name);
    if (life === undefined || database === undefined) return;
    const step: IndexStep = { ...this.history.begin(), type };
    life.indexSteps.push(step);
    await this.history.settle(step, work(database)).catch((error: unknown) => {
      if (isThereAlready(error)) life.indexSteps.splice(life.indexSteps.indexOf(step), 1);
      else expected(error);
    });
  }

  async #change(name: string, what: Pick<RowStep, 'changes' | 'inMemory'>, work: (collection: Collection, shape: Shape) => Promise<unknown>): Promise<void> {
    const collection = await this.#collection(name);
    const life = this.#life(name);
    if (life === undefined || collection === undefined) return;
    const step: RowStep = { ...this.history.begin(), ...what };
    life.steps.push(step);
    await this.history.settle(step, work(collection, shapeNamed(life.shape))).catch(expected);
  }

  async #collection(name: string): Promise<Collection | undefined> {
    const collection = await (await this.open())?.collection(name).catch(expected);
    const life = this.#life(name);
    if (collection !== undefined && life !== undefined) life.opened ??= this.history.begin().began;
    return collection;
  }

  /** Rows that a collection has or may have. */
  #known(life: Life): readonly number[] {
    return [...new Set([...life.rows.keys(), ...life.steps.flatMap(({ changes }) => [...changes.keys()])])];
  }

  #life(name: string): Life | undefined {
    return this.history.lifeAt(name, this.history.now);
  }
}

export function shapeNamed(name: string): Shape {
  const shape = SHAPES[name];
  if (shape === undefined) throw new Error(`no shape ${name}`);
  return shape;
}

/** What was to be removed before was not: an earlier refusal. */
function isThereAlready(error: unknown): boolean {
  return error instanceof ElanusError && error.code === 'AlreadyExists';
}

function expected(error: unknown): undefined {
  if (!(error instanceof ElanusError) || !EXPECTED.includes(error.code)) throw error;
  return undefined;
}
