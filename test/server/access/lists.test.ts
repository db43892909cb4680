// What is told of the whole server: warnings, tasks, lists of collections. Names of what a caller may not see are in none of them.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { open } from '../../../src/presets/node.js';
import { createServices } from '../../../src/server/services.js';
import { removeGrant } from '../../../src/server/access/roles.js';
import { startGrpcServer, type GrpcTestServer } from '../grpc/support.js';
import { basic, testAccess } from './support.js';

let server: GrpcTestServer;

beforeAll(async () => {
  const access = await testAccess({ audit: false });
  access.clock.ms = Date.now();
  await access.user('eve', 'CollectionReadOnly@default.c');
  await access.user('ops', 'SelectOwnership@*.*');
  // As who takes it from everybody sets it up.
  await access.change((state) => {
    const grant = state.roles.find(({ name }) => name === 'public')?.grants.find(({ privilege }) => privilege === 'DescribeCollection');
    return grant === undefined ? state : removeGrant(state, 'public', grant);
  });
  const database = await open('told', { storage: 'memory', core: 'wasm' });
  await database.createDatabase('hidden');
  const hidden = await database.useDatabase('hidden');
  for (const within of [database, hidden]) await within.createCollection({ name: 'c', dimension: 2 });
  await database.createCollection({ name: 'merger', dimension: 2 });
  const ids = await Promise.all([database, hidden].map(async (within) => (await within.describeCollection('c')).id));
  const [health, stats] = [await database.health(), await database.stats()];
  Object.assign(database, {
    health: async () => ({ ...health, warnings: ['collection "merger": a file is damaged', 'wal/7: cut'] }),
    stats: async () => ({ ...stats, tasks: ids.map((collectionId, id) => ({ id, collection: 'c', collectionId, task: 'seal', state: 'started', done: 0, total: id })) }),
  });
  server = await startGrpcServer({ database, services: createServices(() => undefined, { access }) });
});
afterAll(() => server.close());

const told = async (user: string, path: string, method: 'GET' | 'POST'): Promise<string> =>
  (await fetch(`${server.url}/${path}`, { method, headers: { authorization: `Bearer ${user}` }, ...(method === 'GET' ? {} : { body: '{}' }) })).text();

const WAYS: readonly (readonly [string, (user: string) => Promise<string>])[] = [
  ['console/server', (user) => told(user, 'console/server', 'POST')],
  ['/health', (user) => told(user, 'health', 'GET')],
  ['CheckHealth', async (user) => JSON.stringify(await server.call('CheckHealth', {}, user))],
];

test.each(WAYS)('%s tells who runs the server its warnings, and others how many there are', async (_what, ask) => {
  for (const user of ['root:Milvus', basic('ops')]) expect(await ask(user)).toContain('merger');
  const seen = await ask(basic('eve'));
  expect(seen).not.toContain('merger');
  expect(seen).toContain('2 that name what is stored');
});

test('the overview has tasks of the collections that it shows, not of like-named ones elsewhere', async () => {
  const { data } = JSON.parse(await told(basic('eve'), 'console/overview', 'POST')) as { data: { collections: { name: string }[]; tasks: { total: number }[] } };
  expect(data.collections.map(({ name }) => name)).toEqual(['c']);
  expect(data.tasks).toMatchObject([{ id: 0 }]);
});

test('ShowCollections of a name that the caller may not see answers as of one that is not there', async () => {
  const [hidden, none] = await Promise.all(['merger', 'nothing'].map((name) => server.call('ShowCollections', { type: 'InMemory', collection_names: [name] }, basic('eve'))));
  expect(JSON.stringify(hidden).replaceAll('merger', 'nothing')).toBe(JSON.stringify(none));
  expect(await server.call('ShowCollections', { type: 'InMemory', collection_names: ['c'] }, basic('eve'))).toMatchObject({ collection_names: ['c'] });
});
