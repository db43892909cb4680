// That users and roles survive a crash at any moment, and that what is damaged lets nobody in rather than somebody.

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addKey } from '../../../src/server/access/keys.js';
import { addGroup, addToGroup } from '../../../src/server/access/groups.js';
import { addGrant, addRole, grantByObject, grantByPlace } from '../../../src/server/access/roles.js';
import { INITIAL_STATE, type AccessState } from '../../../src/server/access/state.js';
import { decodeState, encodeState } from '../../../src/server/access/state-file.js';
import { StateStore } from '../../../src/server/access/state-store.js';
import { addUser, addUserToRole, dropUser } from '../../../src/server/access/users.js';
import type { Storage } from '../../../src/ports/storage.js';
import { openFsStorage } from '../../../src/storage/fs.js';
import { memoryStorage, type MemoryFiles } from '../../../src/storage/memory.js';
import { encodeEnvelope, type JsonObject } from '../../../src/format/envelope.js';

const PASSWORD = `$scrypt$ln=4,r=1,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;

function full(): AccessState {
  let state = addUser(INITIAL_STATE, { name: 'ada', password: PASSWORD, description: 'née Byron' });
  state = addToGroup(addGroup(state, 'readers'), 'readers', ['Query', 'Search']);
  state = addUserToRole(addRole(state, 'library', 'who reads'), 'ada', 'library');
  state = addGrant(state, 'library', grantByPlace(state, { privilege: 'readers', database: 'books', collection: '*' }, 'root'));
  state = addGrant(state, 'library', grantByObject(state, { object: 'User', name: 'ada', privilege: 'SelectUser' }, 'root'));
  return addKey(state, { user: 'ada', nowMs: 1, expiresMs: 2, description: 'cron' }).state;
}

const FULL = full();

const copy = (files: MemoryFiles): MemoryFiles => new Map([...files].map(([key, file]) => [key, { ...file, bytes: file.bytes.slice() }]));

test('what is stored is read again, all of it', async () => {
  const state = FULL;
  expect(decodeState(encodeState(state, 7), 7, 'x')).toEqual(state);
});

test('a change is there for the next opening, and what was before is gone from the storage', async () => {
  const files: MemoryFiles = new Map();
  const store = await StateStore.open(memoryStorage(files));
  await store.change(() => FULL);
  await store.change((state) => dropUser(state, 'ada'));
  expect((await StateStore.open(memoryStorage(files))).state).toEqual(dropUser(FULL, 'ada'));
  expect([...files.keys()].sort()).toEqual(['access/00000000000000000003.json', 'access/00000000000000000004.json']);
  expect([...files.values()].some(({ bytes }) => new TextDecoder().decode(bytes).includes('scrypt'))).toBe(false);
});

test('others have their turn between a change and what is stored of it', async () => {
  const events: string[] = [];
  const storage = memoryStorage(new Map());
  const store = await StateStore.open({ ...storage, list: (prefix) => storage.list(prefix), create: (key, bytes) => (events.push('stored'), storage.create(key, bytes)) } as Storage);
  const changed = store.change((state) => (setImmediate(() => events.push('another')), addUser(state, { name: 'ada', password: PASSWORD })));
  await changed;
  expect(events).toEqual(['another', 'stored', 'stored']);
});

test('changes made at once all happen, one after the other', async () => {
  const files: MemoryFiles = new Map();
  const store = await StateStore.open(memoryStorage(files));
  const names = Array.from({ length: 20 }, (_, i) => `user${i}`);
  await Promise.all(names.map((name) => store.change((state) => addUser(state, { name, password: PASSWORD }))));
  expect((await StateStore.open(memoryStorage(files))).state.users.map(({ name }) => name)).toEqual(['root', ...names]);
});

test('stopped at every call of the storage, it opens with the state before or after, and with the one after once that was said', async () => {
  for (let stopAfter = 0; ; stopAfter++) {
    const files: MemoryFiles = new Map();
    await (await StateStore.open(memoryStorage(files))).change(() => FULL);
    let calls = 0;
    const stopping = stoppedStorage(memoryStorage(files), () => calls++ >= stopAfter);
    const store = await StateStore.open(memoryStorage(copy(files)));
    const onto = await StateStore.open(stopping).catch(() => undefined);
    const said = await onto?.change((state) => dropUser(state, 'ada')).then(() => true, () => false);
    const { state } = await StateStore.open(memoryStorage(files));
    if (said === true) expect(state).toEqual(dropUser(FULL, 'ada'));
    else expect([store.state, dropUser(FULL, 'ada')]).toContainEqual(state);
    if (said === true && calls <= stopAfter) return;
  }
});

/** Every call fails once `stopped` says so, as where the process has ended. */
function stoppedStorage(storage: Storage, stopped: () => boolean): Storage {
  const orStop = <T>(work: () => Promise<T>): Promise<T> => (stopped() ? Promise.reject(new Error('stopped')) : work());
  return {
    kind: storage.kind,
    read: (key, range) => storage.read(key, range),
    size: (key) => storage.size(key),
    list: (prefix) => storage.list(prefix),
    create: (key, bytes) => orStop(() => storage.create(key, bytes)),
    remove: (key) => orStop(() => storage.remove(key)),
    openLog: (key) => orStop(() => storage.openLog(key)),
    usage: () => storage.usage(),
    close: () => storage.close(),
  };
}

test('a change that could not be stored did not happen, neither now nor for the next opening', async () => {
  const files: MemoryFiles = new Map();
  let fails = false;
  const storage = memoryStorage(files);
  let created = 0;
  const store = await StateStore.open(stoppedStorage(storage, () => fails && ++created === 2));
  await store.change(() => FULL);
  fails = true;
  await expect(store.change((state) => dropUser(state, 'ada'))).rejects.toThrow('stopped');
  expect(store.state).toEqual(FULL);
  expect((await StateStore.open(memoryStorage(files))).state).toEqual(FULL);
});

test('one damaged copy is nobody\'s loss; with both damaged the server does not start', async () => {
  const files: MemoryFiles = new Map();
  await (await StateStore.open(memoryStorage(files))).change(() => FULL);
  for (const key of files.keys()) {
    const damaged = copy(files);
    const file = damaged.get(key);
    if (file !== undefined) file.bytes[20] = (file.bytes[20] as number) ^ 1;
    expect((await StateStore.open(memoryStorage(damaged))).state).toEqual(FULL);
  }
  for (const file of files.values()) file.bytes[20] = (file.bytes[20] as number) ^ 1;
  await expect(StateStore.open(memoryStorage(files))).rejects.toMatchObject({ code: 'Corrupt' });
});

test('every bit and every length of a stored state is looked at', () => {
  const bytes = encodeState(FULL, 2);
  for (let length = 0; length < bytes.length; length++) expect(() => decodeState(bytes.subarray(0, length), 2, 'x')).toThrow();
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i] = (changed[i] as number) ^ (1 << i % 8);
    expect(() => decodeState(changed, 2, 'x'), `byte ${i}`).toThrow();
  }
});

const stored = (change: (content: Record<string, unknown>) => void): Uint8Array => {
  const { crc32c: _, formatVersion: __, ...content } = JSON.parse(new TextDecoder().decode(encodeState(FULL, 2))) as Record<string, unknown>;
  change(content);
  return encodeEnvelope(content as JsonObject, 1 << 20, 'x');
};

test.each<[string, (content: Record<string, unknown>) => void]>([
  ['another version than its name says', (content) => (content['version'] = 3)],
  ['a member that is unknown', (content) => (content['more'] = 1)],
  ['no root', (content) => (content['users'] = [])],
  ['no public role', (content) => (content['roles'] = [{ name: 'admin', grants: [] }])],
  ['a user twice', (content) => (content['users'] = [...(content['users'] as unknown[]), ...(content['users'] as unknown[])])],
  ['a user without a password', (content) => (content['users'] = [{ name: 'root', roles: [] }, { name: 'ada', roles: [] }])],
  ['a password in clear', (content) => (content['users'] = [{ name: 'root', roles: [], password: 'Milvus' }])],
  ['a role that is not there', (content) => (content['users'] = [{ name: 'root', roles: ['nobody'] }])],
  ['a key of nobody', (content) => (content['users'] = [{ name: 'root', roles: [] }])],
  ['a grant on an odd object', (content) => (content['roles'] = [{ name: 'admin', grants: [{ object: 'Planet', name: '*', database: '*', privilege: 'All', grantor: 'root' }] }, { name: 'public', grants: [] }])],
  ['a group of unknown privileges', (content) => (content['groups'] = [{ name: 'readers', privileges: ['Fly'] }])],
])('a stored state with %s is refused though its checksum is right', (_what, change) => {
  expect(() => decodeState(stored(change), 2, 'x')).toThrow(expect.objectContaining({ code: 'Corrupt' }));
});

test('on disk nobody but the owner can read it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'elanus-access-'));
  try {
    const storage = await openFsStorage(join(directory, 'server-state'), { isPrivate: true });
    await (await StateStore.open(storage)).change(() => FULL);
    await storage.close();
    const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    expect(await modeOf(join(directory, 'server-state'))).toBe(0o700);
    const folder = join(directory, 'server-state', 'access');
    expect(await modeOf(folder)).toBe(0o700);
    for (const name of await readdir(folder)) expect(await modeOf(join(folder, name))).toBe(0o600);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('the bytes are those of docs/format.md, 14', () => {
  const state: AccessState = { ...INITIAL_STATE, groups: [{ name: 'g', privileges: ['Search'] }], keys: [{ id: '0123456789abcdef', user: 'root', hash: 'ab'.repeat(32), createdMs: 5 }] };
  const grant = (privilege: string, object: string): string => `{"database":"*","grantor":"root","name":"*","object":"${object}","privilege":"${privilege}"}`;
  expect(new TextDecoder().decode(encodeState(state, 2)).replace(/"crc32c":"[0-9a-f]{8}"/, '"crc32c":"…"')).toBe(
    `{"formatVersion":1,"groups":[{"name":"g","privileges":["Search"]}],"keys":[{"createdMs":5,"hash":"${'ab'.repeat(32)}","id":"0123456789abcdef","user":"root"}],"roles":[{"grants":[],"name":"admin"},{"grants":[${grant('DescribeCollection', 'Global')},${grant('ListAliases', 'Global')},${grant('IndexDetail', 'Collection')}],"name":"public"}],"users":[{"name":"root","roles":["admin"]}],"version":2,"crc32c":"…"}`,
  );
});
