// A change beside many grants: what takes long of it is done a few grants at a time, before it counts.

import { expect, test } from 'vitest';
import { Decisions, prepareDecisions } from '../../../src/server/access/decision.js';
import { addGrant, addRole, grantByObject } from '../../../src/server/access/roles.js';
import { INITIAL_STATE, type AccessState, type Grant } from '../../../src/server/access/state.js';
import { decodeState, encodeInTurns, encodeState } from '../../../src/server/access/state-file.js';
import { StateStore } from '../../../src/server/access/state-store.js';
import { memoryStorage } from '../../../src/storage/memory.js';

const GRANTS = 3_500;
const TURN = 1_000;

const grantOn = (name: string): Grant => grantByObject(INITIAL_STATE, { object: 'Collection', name, privilege: 'Query' }, 'root');

/** `read` is called for each grant of the role whose name is looked at. */
function many(read: () => void): AccessState {
  const grants = Array.from({ length: GRANTS }, (_, at) => {
    const { name, ...grant } = grantOn(`c${at}`);
    return Object.defineProperty(grant, 'name', { enumerable: true, get: () => (read(), name) }) as Grant;
  });
  const state = addRole(INITIAL_STATE, 'many');
  return { ...state, roles: state.roles.map((role) => (role.name === 'many' ? { ...role, grants } : role)) };
}

const may = (state: AccessState, name: string): boolean => new Decisions(state).may({ user: 'ada', roles: ['many'] }, { privilege: 'Query', object: 'Collection', database: 'default', names: [name] });

test('grants are laid out in turns, and then no longer looked at one by one', async () => {
  const read: number[] = [0];
  const state = many(() => void (read[read.length - 1] = (read.at(-1) as number) + 1));
  await prepareDecisions(state, () => (read.push(0), Promise.resolve()));
  expect(read.map((count) => Math.ceil(count / TURN)).every((turns) => turns <= 2)).toBe(true);
  expect(read).toHaveLength(Math.ceil(GRANTS / TURN));
  read.push(0);
  expect([may(state, 'c0'), may(state, `c${GRANTS - 1}`), may(state, 'c')]).toEqual([true, true, false]);
  // Those that were found, of each no more than a few times.
  expect(read.at(-1)).toBeLessThan(10);
  let pauses = 0;
  await prepareDecisions({ ...state, users: [...state.users] }, () => (pauses++, Promise.resolve()));
  expect(pauses).toBe(0);
});

test('a state is encoded in turns to the bytes that it has at once', async () => {
  const state = many(() => undefined);
  const atOnce = encodeState(structuredClone({ ...state }), 2);
  let pauses = 0;
  const pause = (): Promise<void> => (pauses++, Promise.resolve());
  expect(Buffer.from(await encodeInTurns(state, 2, pause)).equals(atOnce)).toBe(true);
  // After each thousand grants, and after the first piece of bytes, which has that role.
  const rendering = Math.ceil(GRANTS / TURN) - 1;
  expect(pauses).toBe(rendering + 1);
  expect(Buffer.from(await encodeInTurns({ ...state, users: [...state.users] }, 2, pause)).equals(atOnce)).toBe(true);
  expect(pauses).toBe(rendering + 2);
  const more = addGrant(state, 'many', grantOn('last'));
  expect(decodeState(await encodeInTurns(more, 4, pause), 4, 'x')).toEqual(structuredClone({ ...more }));
});

test('each state is prepared before it counts, the first and what follows', async () => {
  const prepared: [AccessState, AccessState | undefined][] = [];
  let store: StateStore | undefined;
  store = await StateStore.open(memoryStorage(new Map()), (state) => (prepared.push([state, store?.state]), Promise.resolve()));
  const next = await store.change((state) => addRole(state, 'many'));
  expect(prepared).toEqual([[INITIAL_STATE, undefined], [next, INITIAL_STATE]]);
  expect(store.state).toBe(next);
});
