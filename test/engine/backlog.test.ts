// Writes and merges that are behind: a merge is held at a step, rows are deleted until it is behind, and who writes then waits
// for as much as is promised: not at all, for some pieces, for the whole merge; and for nothing that has ended or failed.

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import { memoryStorage } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testAmbient, testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 64;
/** Vector, key, and the empty dynamic fields. */
const ROW_BYTES = DIM * 4 + 8 + 2;
/** One less than seals a segment by itself. */
const SEGMENT_ROWS = 255;
const SEGMENTS = 4;
const TURNS = 200;

/** What waits at a step until it is let go. */
class Gate {
  isShut = false;
  readonly #waiting: (() => void)[] = [];

  async pass(): Promise<void> {
    if (this.isShut) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  letOne(): void {
    this.#waiting.shift()?.();
  }

  open(): void {
    this.isShut = false;
    while (this.waiting > 0) this.letOne();
  }
}

interface Held {
  readonly db: SyncDatabase;
  readonly collection: Collection;
  /** Before the file of merged rows is stored. */
  readonly storing: Gate;
  /** At every pause of the work in the background. */
  readonly pauses: Gate;
  /** The next merge is held, too. */
  isHeld: boolean;
  /** Once: the file of merged rows cannot be stored. */
  failure: ElanusError | undefined;
}

/** Four full segments; the merge of them waits at `at`. */
async function held(at: 'storing' | 'pauses'): Promise<Held> {
  const [storing, pauses] = [new Gate(), new Gate()];
  const gate = at === 'storing' ? storing : pauses;
  const storage = memoryStorage(new Map());
  const store = storage.create.bind(storage);
  const ambient = testAmbient(1);
  const state: Pick<Held, 'failure' | 'isHeld'> = { failure: undefined, isHeld: true };
  storage.create = async (key, bytes) => {
    if (key.includes('/rows-')) await storing.pass();
    const { failure } = state;
    state.failure = undefined;
    if (failure !== undefined) throw failure;
    return store(key, bytes);
  };
  const pause = async (): Promise<void> => {
    await pauses.pass();
    await ambient.pause();
  };
  const db = await testDatabase({ storage, ambient: { ...ambient, pause }, sealBytes: (SEGMENT_ROWS + 1) * ROW_BYTES });
  db.subscribe(({ task, state: step }) => {
    if (task !== 'compact' || step !== 'started' || !state.isHeld) return;
    state.isHeld = false;
    gate.isShut = true;
  });
  const collection = await db.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
  const next = random(5);
  for (let segment = 0; segment < SEGMENTS; segment++) {
    await collection.insert(Array.from({ length: SEGMENT_ROWS }, (_, row) => ({ id: segment * SEGMENT_ROWS + row, vector: randomVector(next, DIM) })));
    await collection.flush();
  }
  await until(() => gate.waiting > 0);
  // Files of seals are stored meanwhile.
  storing.isShut = false;
  return Object.assign(state, { db, collection, storing, pauses }) as Held;
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Deletes rows until so many are left, of all segments alike, and has that in the manifest: what is in the log alone no merge drops. */
async function leave({ collection }: Held, rows: number): Promise<void> {
  const order = Array.from({ length: SEGMENTS * SEGMENT_ROWS }, (_, at) => (at % SEGMENTS) * SEGMENT_ROWS + Math.floor(at / SEGMENTS));
  await collection.delete({ ids: order.slice(0, order.length - rows) });
  await collection.flush();
}

const backlogOf = async ({ db }: Held): Promise<number> => (await db.stats()).collections[0]?.backlog ?? NaN;
const write = ({ collection }: Held): Promise<unknown> => collection.insert([{ id: 9999, vector: new Float32Array(DIM) }]);

/** Whether it has not ended after some turns. */
async function waits(work: Promise<unknown>): Promise<boolean> {
  let over = false;
  void work.then(() => (over = true), () => (over = true));
  for (let at = 0; at < TURNS && !over; at++) await turn();
  return !over;
}

test('who writes while merges are far behind waits for the merge, and only then', async () => {
  const state = await held('storing');
  const { db, storing } = state;
  expect(await waits(write(state))).toBe(false);
  await leave(state, 150);
  expect(await backlogOf(state)).toBeGreaterThan(2);
  const writing = write(state);
  expect(await waits(writing)).toBe(true);
  expect((await db.stats()).collections[0]?.writes).toEqual({ waiting: 1, waited: 1 });
  expect((await db.health()).waitingWrites).toBe(1);
  storing.open();
  await writing;
  await until(() => storing.waiting === 0);
  expect((await db.health()).waitingWrites).toBe(0);
  expect(await state.collection.count()).toBe(151);
  await db.close();
});

test('between the bounds a write waits for pieces of the merge, the more the further it is behind', async () => {
  const waited: number[] = [];
  // By rows that are left: 2.1, 3 and 3.7 dead ones for each.
  for (const left of [330, 256, 218]) {
    const state = await held('pauses');
    const { db, pauses } = state;
    await leave(state, left);
    const backlog = await backlogOf(state);
    expect(backlog).toBeGreaterThan(1);
    expect(backlog).toBeLessThan(2);
    const writing = write(state);
    expect(await waits(writing)).toBe(true);
    let pieces = 0;
    for (; await waits(writing); pieces++) pauses.letOne();
    waited.push(pieces);
    pauses.open();
    await db.close();
  }
  const [few = NaN, some = NaN, many = NaN] = waited;
  expect(few).toBeGreaterThanOrEqual(1);
  expect(some).toBeGreaterThan(few);
  expect(many).toBeGreaterThan(some);
  expect(many).toBeLessThanOrEqual(9);
});

test('a write between the bounds does not wait where no rows are being encoded', async () => {
  const state = await held('storing');
  await leave(state, 256);
  expect(await backlogOf(state)).toBeGreaterThan(1);
  expect(await waits(write(state))).toBe(false);
  state.storing.open();
  await state.db.close();
});

test('a merge that fails lets writers go', async () => {
  const state = await held('storing');
  await leave(state, 150);
  const writing = write(state);
  expect(await waits(writing)).toBe(true);
  state.failure = new ElanusError('StorageFailed', 'no');
  state.storing.open();
  await writing;
  expect((await state.db.health()).warnings).toEqual([expect.stringContaining('segments could not be merged')]);
  // Nothing is under way any more that would be worth waiting for.
  expect(await backlogOf(state)).toBe(0);
  expect(await waits(write(state))).toBe(false);
  await state.db.close();
});

test('a close and a drop let writers go', async () => {
  for (const end of [(state: Held) => state.db.close(), (state: Held) => state.db.dropCollection('c')]) {
    const state = await held('storing');
    await leave(state, 150);
    const writing = write(state).then(() => 'written', (error: ElanusError) => error.code);
    expect(await waits(writing)).toBe(true);
    const ending = end(state);
    expect(await waits(ending)).toBe(true);
    state.storing.open();
    await ending;
    expect(await writing).toBe('Closed');
    await state.db.close();
  }
});

test('an abort of what is merged on request lets writers go', async () => {
  const state = await held('pauses');
  const { db, collection, pauses } = state;
  pauses.open();
  while ((await db.stats()).tasks.length > 0) await turn();
  const abort = new AbortController();
  await leave(state, 900);
  state.isHeld = true;
  const compacting = collection.compact({ signal: abort.signal }).catch((error: ElanusError) => error.code);
  await until(() => pauses.waiting > 0);
  await leave(state, 150);
  expect(await backlogOf(state)).toBeGreaterThan(2);
  const writing = write(state);
  expect(await waits(writing)).toBe(true);
  abort.abort();
  pauses.open();
  expect(await compacting).toBe('Closed');
  await writing;
  await db.close();
});

test('an index of what is to be merged is given up for writers that wait, and built over what comes of it', async () => {
  const pauses = new Gate();
  const ambient = testAmbient(2);
  const pause = async (): Promise<void> => {
    await pauses.pass();
    await ambient.pause();
  };
  const db = await testDatabase({ ambient: { ...ambient, pause }, sealBytes: (SEGMENT_ROWS + 1) * ROW_BYTES });
  const told: string[] = [];
  db.subscribe(({ task, state }) => {
    if (state !== 'progress' && task !== 'seal') told.push(`${task} ${state}`);
    if (task === 'index' && told.length === 1) pauses.isShut = true;
  });
  const collection = await db.createCollection({ name: 'c', dimension: DIM, metric: 'L2', indexParams: [{ fieldName: 'vector', indexType: 'IVF_FLAT', params: { nlist: 4 } }] });
  const next = random(6);
  await collection.insert(Array.from({ length: 5700 }, (_, id) => ({ id, vector: randomVector(next, DIM) })));
  await collection.flush();
  await until(() => pauses.waiting > 0);
  await collection.delete({ ids: Array.from({ length: 4600 }, (_, id) => id) });
  // There is nothing to encode: this waits for no pause.
  await collection.flush();
  expect((await db.stats()).collections[0]?.backlog).toBeGreaterThan(2);
  const writing = collection.insert([{ id: 9999, vector: new Float32Array(DIM) }]);
  expect(await waits(writing)).toBe(true);
  pauses.open();
  await writing;
  while ((await db.stats()).tasks.length > 0) await turn();
  expect(told).toEqual(['index started', 'index aborted', 'compact started', 'compact finished', 'index started', 'index finished']);
  expect((await db.stats()).collections[0]).toMatchObject({ segments: { sealed: 1, indexed: 1 }, rows: { live: 1101, deleted: 0 } });
  await db.close();
});
