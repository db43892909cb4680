// LoadConnection: a client of the load, with a connection and rows of its own. It inserts, upserts, deletes, reads and searches
// by chance, one call after another, and holds every answer against its ledger.

import { MilvusClient, type ResStatus } from '@zilliz/milvus2-sdk-node';
import { mixed } from '../filtered/random.js';
import { ABSENT, Ledger } from './ledger.js';

export const COLLECTION = 'load';
/** Rows that one connection writes at most, over all time. */
export const KEYS_EACH = 400;
const BATCH_ROWS = 10;
const LIMIT = 10;
const EXAMPLES_MAX = 20;

export type Operation = 'insert' | 'upsert' | 'delete' | 'query' | 'search';

export interface LoadCounts {
  readonly done: Record<Operation, number>;
  readonly timesMs: Record<Operation, number[]>;
  /** Calls that were refused or failed. */
  errors: number;
  /** Rows that were acknowledged and are not as they were written. */
  wrong: number;
  rowsWritten: number;
  readonly examples: string[];
}

export function noCounts(): LoadCounts {
  return { done: { insert: 0, upsert: 0, delete: 0, query: 0, search: 0 }, timesMs: { insert: [], upsert: [], delete: [], query: [], search: [] }, errors: 0, wrong: 0, rowsWritten: 0, examples: [] };
}

export class LoadConnection {
  readonly ledger = new Ledger();
  readonly #number: number;
  readonly #dim: number;
  readonly #counts: LoadCounts;
  #client: MilvusClient | undefined;
  #turn: number;
  #version = ABSENT;

  constructor(number: number, dim: number, seed: number, counts: LoadCounts) {
    this.#number = number;
    this.#dim = dim;
    this.#turn = seed;
    this.#counts = counts;
  }

  async connect(address: string, credentials: { readonly username?: string; readonly password?: string }): Promise<void> {
    await this.#client?.closeConnection();
    this.#client = new MilvusClient({ address, ...credentials, logLevel: 'error', maxRetries: 0, pool: { min: 1, max: 1 } });
    await this.#client.connectPromise;
  }

  async close(): Promise<void> {
    await this.#client?.closeConnection();
    this.#client = undefined;
  }

  /** Until `going` says no. A call that fails then is no error if the server was `killed`: nobody knows how it ended. */
  async run(going: () => boolean, killed: boolean): Promise<void> {
    while (going()) {
      this.#turn++;
      const operation = this.#choose();
      const began = performance.now();
      try {
        await this[operation]();
      } catch (error) {
        if (killed && !going()) return;
        this.#counts.errors++;
        this.#note(`${operation}: ${error instanceof Error ? error.message : String(error)}`);
        continue;
      }
      this.#counts.done[operation]++;
      this.#counts.timesMs[operation].push(performance.now() - began);
    }
  }

  /** Reads back every row that was ever written; counts what is wrong. */
  async readBack(): Promise<number> {
    const keys = this.ledger.keys();
    for (let at = 0; at < keys.length; at += 500) await this.#check(keys.slice(at, at + 500));
    return keys.length;
  }

  #choose(): Operation {
    const chance = mixed(this.#turn, this.#number * 8) % 100;
    return chance < 40 ? 'search' : chance < 60 ? 'query' : chance < 80 ? 'upsert' : chance < 92 ? 'insert' : 'delete';
  }

  #keys(count: number, wanted: (key: number) => boolean): readonly number[] {
    const found = new Set<number>();
    for (let i = 0; found.size < count && i < count * 8; i++) {
      const key = this.#number * KEYS_EACH + (mixed(this.#turn, 17 + i) % KEYS_EACH);
      if (this.ledger.sure(key) && wanted(key)) found.add(key);
    }
    return [...found];
  }

  async insert(): Promise<void> {
    await this.#write('insert', this.#keys(BATCH_ROWS, (key) => this.ledger.version(key) === ABSENT));
  }

  async upsert(): Promise<void> {
    await this.#write('upsert', this.#keys(BATCH_ROWS, () => true));
  }

  async #write(verb: 'insert' | 'upsert', keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return;
    const version = ++this.#version;
    const writes = new Map(keys.map((key) => [key, version]));
    this.ledger.begin(writes);
    const data = keys.map((id) => ({ id, version, part: id % 10, vector: vectorOf(id * 31 + version, this.#dim) }));
    const { status } = await this.#open()[verb]({ collection_name: COLLECTION, data });
    fine(status);
    this.ledger.done(writes);
    this.#counts.rowsWritten += keys.length;
  }

  async delete(): Promise<void> {
    const keys = this.#keys(BATCH_ROWS / 2, (key) => this.ledger.version(key) !== ABSENT);
    if (keys.length === 0) return;
    const writes = new Map(keys.map((key) => [key, ABSENT]));
    this.ledger.begin(writes);
    fine((await this.#open().delete({ collection_name: COLLECTION, filter: `id in [${keys.join(',')}]` })).status);
    this.ledger.done(writes);
    this.#counts.rowsWritten += keys.length;
  }

  async query(): Promise<void> {
    await this.#check(this.#keys(20, () => true));
  }

  async #check(keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return;
    const { status, data } = await this.#open().query({ collection_name: COLLECTION, filter: `id in [${keys.join(',')}]`, output_fields: ['version'] });
    fine(status);
    const versions = new Map(data.map((row) => [Number(row['id']), Number(row['version'])]));
    for (const key of keys) this.#judge(key, versions.get(key) ?? ABSENT);
  }

  async search(): Promise<void> {
    const filter = this.#turn % 3 === 0 ? { filter: `part == ${this.#turn % 10}` } : {};
    const { status, results } = await this.#open().search({ collection_name: COLLECTION, data: vectorOf(this.#turn, this.#dim), anns_field: 'vector', limit: LIMIT, output_fields: ['version'], ...filter });
    fine(status);
    for (const hit of results) {
      const key = Number(hit.id);
      if (Math.floor(key / KEYS_EACH) === this.#number) this.#judge(key, Number(hit['version']));
    }
  }

  #judge(key: number, version: number): void {
    const wrong = this.ledger.wrong(key, version);
    if (wrong === undefined) return;
    this.#counts.wrong++;
    this.#note(wrong);
  }

  #note(what: string): void {
    if (this.#counts.examples.length < EXAMPLES_MAX) this.#counts.examples.push(`connection ${this.#number}: ${what}`);
  }

  #open(): MilvusClient {
    if (this.#client === undefined) throw new TypeError('not connected');
    return this.#client;
  }
}

function fine({ error_code, reason }: ResStatus): void {
  if (error_code !== 'Success') throw new Error(reason);
}

export function vectorOf(salt: number, dim: number): number[] {
  return Array.from({ length: dim }, (_, at) => Math.fround(mixed(salt, at) / 2 ** 31 - 1));
}
