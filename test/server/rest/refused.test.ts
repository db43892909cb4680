// What every route refuses, made of the table: what is no object, what lacks a parameter, what has one of the wrong type, who has
// not logged in, who may not; and that what is refused changes nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TSchema } from 'typebox';
import type { Gate } from '../../../src/server/access/gate.js';
import { open } from '../../../src/presets/node.js';
import { ROUTES } from '../../../src/server/rest/table.js';
import { RefusedRequest, STATUS } from '../../../src/server/status.js';
import { postText, startTestServer, type TestServer } from '../support.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.post('collections/create', { collectionName: 'a', dimension: 2 });
});
afterAll(async () => {
  expect((await server.post('collections/describe', { collectionName: 'a' })).code).toBe(0);
  expect((await server.post('collections/list', {})).data).toEqual(['a']);
  expect(server.events).toEqual([]);
  await server.close();
});

const LEVELS = 200;

interface Members {
  readonly properties: Readonly<Record<string, TSchema & { readonly type?: string | readonly string[] }>>;
  readonly required?: readonly string[];
}

/** A value of the type that the schema says, which fits nothing else that is there. */
function valueFor(schema: Members['properties'][string]): unknown {
  const [type] = [schema.type ?? 'object'].flat();
  return { string: 'none', integer: 1, number: 1, boolean: true, array: [], object: {} }[type as string];
}

const wrongFor = ({ type }: Members['properties'][string]): unknown => ([type].flat().includes('boolean') ? 7 : true);

describe.each(ROUTES.map((route) => [route.path, route.request as unknown as Members] as const))('%s', (path, { properties, required = [] }) => {
  const whole = Object.fromEntries(required.map((name) => [name, valueFor(properties[name] as Members['properties'][string])]));
  const post = async (body: unknown, headers = {}) => JSON.parse(await (await postText(server.url, path, typeof body === 'string' ? body : JSON.stringify(body), headers)).text()) as { code: number; message: string };

  test('refuses what is no object, and what is too deep, with 1801', async () => {
    for (const body of ['', '[]', '7', '{"a"', '{"a":1,"a":2}', `{"a":${'['.repeat(LEVELS)}${']'.repeat(LEVELS)}}`, '\u0000']) expect(await post(body), body.slice(0, 20)).toMatchObject({ code: 1801 });
  });

  test('refuses a body without one of its parameters, or with an empty name, with 1802', async () => {
    for (const name of required) {
      const { [name]: _, ...rest } = whole;
      for (const body of [rest, { ...rest, [name]: null }, ...((properties[name] as { minLength?: number }).minLength === 1 ? [{ ...rest, [name]: '' }] : [])]) {
        const { code, message } = await post(body);
        expect([code, message], JSON.stringify(body)).toEqual([1802, expect.stringContaining(name)]);
      }
    }
  });

  test('refuses each parameter of the wrong type with 1801', async () => {
    for (const [name, schema] of Object.entries(properties)) {
      if (schema.type === undefined) continue;
      const { code, message } = await post({ ...whole, [name]: wrongFor(schema) });
      expect([code, message], name).toEqual([1801, expect.stringContaining(name)]);
    }
  });

  test('is a POST alone', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) expect((await fetch(`${server.url}/v2/vectordb/${path}`, { method })).status).toBe(404);
  });
});

test.each(['soon', '0', '-1', '86401', '1e9', ' ', 'NaN'])('the header Request-Timeout that says %j is refused, or as good as none', async (timeout) => {
  const response = await postText(server.url, 'collections/list', '{}', { 'request-timeout': timeout });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ code: timeout === ' ' ? 0 : 1801 });
});

test('members that no schema knows are passed over', async () => {
  expect(await server.post('collections/has', { collectionName: 'a', whatever: [1], __proto__: 7, constructor: {} })).toEqual({ code: 0, data: { has: true } });
});

test('a caller who waits no longer than he said is told so, with HTTP 408', async () => {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  let resolve = (_: readonly string[]): void => undefined;
  const listed = new Promise<readonly string[]>((done) => (resolve = done));
  database.listCollections = () => listed;
  const slow = await startTestServer({ database });
  const response = await postText(slow.url, 'collections/list', '{}', { 'request-timeout': '0.05' });
  expect(response.status).toBe(408);
  expect(await response.json()).toMatchObject({ code: 10001, message: expect.stringContaining('50 ms') as string });
  resolve(['late']);
  expect((await slow.post('collections/list', {})).data).toEqual(['late']);
  await slow.close();
});

describe('a gate', () => {
  const gated = (gate: Partial<Gate>) => startTestServer({ gate: { authenticate: () => Promise.resolve(undefined), admit: () => Promise.resolve({ ended: () => undefined }), ...gate } });

  test('is asked before any route, with its path, what it is about and in which database, and told how the call ended', async () => {
    const asked: unknown[] = [];
    const ended: unknown[] = [];
    const guarded = await gated({
      authenticate: (authorization, from) => Promise.resolve({ user: `${String(authorization)} from ${from}` }),
      admit: (caller, need) => {
        asked.push([caller?.user, need.verb, need.object, need.privilege, need.database, need.names]);
        return Promise.resolve({ ended: (error) => void ended.push(error === undefined ? 'done' : (error as Error).name) });
      },
    });
    await postText(guarded.url, 'entities/search', '{"collectionName":"none","dbName":"default","data":[[1]]}', { authorization: 'Bearer me:secret' });
    await postText(guarded.url, 'aliases/drop', '{"aliasName":"x"}', { 'db-name': 'default' });
    await postText(guarded.url, 'databases/create', '{"dbName":"d"}');
    expect(asked).toEqual([
      ['Bearer me:secret from 127.0.0.1', 'entities/search', 'Collection', 'Search', 'default', ['none']],
      ['undefined from 127.0.0.1', 'aliases/drop', 'Collection', 'DropAlias', 'default', ['x']],
      ['undefined from 127.0.0.1', 'databases/create', 'Global', 'CreateDatabase', 'd', undefined],
    ]);
    expect(ended).toEqual(['ElanusError', 'done', 'done']);
    await guarded.close();
  });

  test.each([
    ['authenticate', 401, STATUS.needsLogin],
    ['admit', 403, STATUS.notPermitted],
    ['authenticate', 429, STATUS.rateLimited],
  ] as const)('that refuses at %s with HTTP %i lets nothing of the request be done', async (step, http, code) => {
    const refusing = await gated({ [step]: () => Promise.reject(new RefusedRequest(code, 'no', http)) });
    for (const { path } of ROUTES) {
      const response = await postText(refusing.url, path, JSON.stringify({ collectionName: 'a', dbName: 'default', aliasName: 'b', partitionName: 'p', indexName: 'i', jobId: '1', dimension: 2 }));
      // What is no request of this route is told first to who is known.
      if (step === 'admit' && response.status === 200) expect(['1801', '1802']).toContain(String(((await response.json()) as { code: number }).code));
      else expect([response.status, ((await response.json()) as { code: number }).code], path).toEqual([http, code]);
    }
    await refusing.close();
  });
});
