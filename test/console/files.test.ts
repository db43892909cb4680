// The console over HTTP: its page and its policy, and its own routes with what they refuse.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gate } from '../../src/server/access/gate.js';
import { CONSOLE_ROUTES } from '../../src/server/console/table.js';
import { getRaw } from '../server/support.js';
import { BOOKS, fillDatabase, startConsole, type ConsoleServer } from './support.js';

let server: ConsoleServer;

beforeAll(async () => {
  server = await startConsole();
  await fillDatabase(server.database);
});

afterAll(() => server.close());

interface Answer {
  readonly code: number;
  readonly message?: string;
  readonly data?: Record<string, unknown>;
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${server.url}/console/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'Accept-Type-Allow-Int64': 'false', ...headers } });
  return (await response.json()) as Answer;
}

describe('the page', () => {
  test('is at /, is asked for anew each time, and may load and ask nothing but the server', async () => {
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>Elanus console</title>');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('has files whose names carry their hash, cached for ever', async () => {
    const page = await (await fetch(server.url)).text();
    const files = [...page.matchAll(/(?:src|href)="\.\/(console\/[^"]+)"/g)].map(([, file]) => file as string);
    expect(files.length).toBeGreaterThanOrEqual(3);
    expect(page).not.toMatch(/(?:src|href)="(?!\.\/)/);
    for (const file of files) {
      const response = await fetch(`${server.url}/${file}`);
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test.each(['/console/../index.html.map', '/console/..%2f..%2fpackage.json', '/console/%2e%2e/%2e%2e/package.json', '/console/..\\..\\package.json', '/console/%00', '/console/none.js'])('%s is nothing', async (path) => {
    const { status, body } = await getRaw(server.url, path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('devDependencies');
  });
});

describe('its own routes', () => {
  test('server and overview tell what there is', async () => {
    expect((await post('server', {})).data).toMatchObject({ version: expect.stringMatching(/^\d/), health: { storage: 'memory', core: 'wasm' } });
    expect((await post('overview', {})).data).toMatchObject({
      total: 2,
      collections: [{ name: 'books', rows: BOOKS, sealedSegments: 1, loadState: 'LoadStateLoaded' }, { name: 'empty', rows: 0 }],
      tasks: [],
    });
  });

  test('collection tells schema, indexes and every segment', async () => {
    const { data } = await post('collection', { collectionName: 'books' });
    expect(data).toMatchObject({
      description: { name: 'books', schema: { fields: [{ name: 'id' }, {}, {}, {}, {}] } },
      stats: { rows: { live: BOOKS }, segmentList: [{ state: 'Sealed', liveRows: BOOKS / 2 }, { state: 'Growing', liveRows: BOOKS / 2 }] },
      indexes: [{ fieldName: 'meaning', totalRows: BOOKS }, { fieldName: 'words' }],
    });
  });

  test('search takes vectors, ids and texts, and explains itself', async () => {
    const id = '9007199254740995';
    const byId = await post('search', { collectionName: 'books', annsField: 'meaning', ids: [id], limit: 3, explain: true });
    expect(byId.data).toMatchObject({ hits: [{ id, fields: { year: 1962, shelf: 'S2' } }, {}, {}], recall: 1, explain: { searches: [{ annsField: 'meaning' }] } });
    expect(JSON.stringify(byId.data)).not.toContain('"meaning":');
    const byVector = await post('search', { collectionName: 'books', annsField: 'meaning', data: [[1, 0, 0, 0, 0, 0, 0, 0]], filter: 'year < 1970', limit: 20 });
    expect(byVector.data?.['hits']).toHaveLength(9);
    expect(byVector.data?.['explain']).toBeUndefined();
    const byText = await post('search', { collectionName: 'books', annsField: 'words', data: ['falcon'], limit: 1 });
    expect((byText.data?.['hits'] as { fields: { title: string } }[])[0]?.fields.title).toContain('falcon');
  });

  test('rows gives a page, how many there are, and the way to them', async () => {
    const { data } = await post('rows', { collectionName: 'books', filter: 'shelf == "S1"', limit: 4, offset: 4, explain: true });
    expect(data?.['rows']).toHaveLength(4);
    expect(data).toMatchObject({ total: BOOKS / 4, explain: { rows: BOOKS / 4 } });
    expect(Object.keys((data?.['rows'] as object[])[0] as object).sort()).toEqual(['id', 'shelf', 'title', 'year']);
  });

  test.each([
    ['overview', { dbName: 'none' }, 800],
    ['collection', {}, 1802],
    ['collection', { collectionName: 'none' }, 100],
    ['collection', { collectionName: 7 }, 1801],
    ['search', { collectionName: 'books' }, 1802],
    ['search', { collectionName: 'books', annsField: 'title', data: ['a'] }, 1100],
    ['search', { collectionName: 'books', annsField: 'meaning', data: [[1, 2]] }, 1100],
    ['search', { collectionName: 'books', annsField: 'meaning', data: [[1]], ids: [1] }, 1100],
    ['search', { collectionName: 'books', annsField: 'meaning', ids: ['17'] }, 1100],
    ['search', { collectionName: 'books', annsField: 'words', ids: ['9007199254740993'] }, 1100],
    ['rows', { collectionName: 'books', filter: 'year >' }, 1100],
    ['rows', { collectionName: 'books', limit: 0 }, 1100],
  ])('%s of %j is refused with %i', async (path, body, code) => {
    const answer = await post(path, body);
    expect(answer.code, answer.message).toBe(code);
    expect(answer.message).not.toBe('');
  });

  test('what is no JSON is refused, and so is a page of another origin', async () => {
    const broken = await fetch(`${server.url}/console/server`, { method: 'POST', body: '{' });
    expect(((await broken.json()) as Answer).code).toBe(1801);
    const foreign = await fetch(`${server.url}/console/server`, { method: 'POST', body: '{}', headers: { origin: 'https://elsewhere.example' } });
    expect(foreign.status).toBe(403);
  });

  test('the gate is asked about each of them, by its rule, before it is answered', async () => {
    const asked: unknown[] = [];
    const gate: Gate = {
      authenticate: (authorization) => Promise.resolve({ user: authorization ?? 'nobody', sees: (_, collection) => collection !== 'empty' }),
      admit: (caller, { privilege, object, names }) => {
        asked.push([caller?.user, privilege, object, names]);
        return Promise.resolve({ ended: () => undefined });
      },
    };
    const guarded = await startConsole({ gate });
    try {
      await fillDatabase(guarded.database);
      const call = async (path: string): Promise<Answer> => (await (await fetch(`${guarded.url}/console/${path}`, { method: 'POST', body: '{"collectionName":"books"}', headers: { Authorization: 'Bearer a:b' } })).json()) as Answer;
      expect((await call('overview')).data).toMatchObject({ total: 1, collections: [{ name: 'books' }] });
      for (const { path } of CONSOLE_ROUTES) await call(path.replace('console/', ''));
      expect(asked.slice(1)).toEqual([
        ['Bearer a:b', 'LoggedIn', 'Global', undefined],
        ['Bearer a:b', 'LoggedIn', 'Global', undefined],
        ['Bearer a:b', 'DescribeCollection', 'Collection', ['books']],
        ['Bearer a:b', 'Query', 'Collection', ['books']],
        ['Bearer a:b', 'Search', 'Collection', ['books']],
      ]);
    } finally {
      await guarded.close();
    }
  });
});
