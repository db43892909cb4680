// What who runs a server sees of it: /health, /ready, /metrics, and its log.

import { describe, expect, test } from 'vitest';
import { createLog } from '../../src/cli/log.js';
import { open } from '../../src/presets/node.js';
import { outcomeOf } from '../../src/server/metrics/metrics.js';
import { requestIdOf } from '../../src/server/requests.js';
import { startServer, type ServerOptions } from '../../src/server/index.js';
import { createServices } from '../../src/server/services.js';
import { testAccess } from './access/support.js';
import { startTestServer } from './support.js';

/** Lines of an exposition by their name and labels. */
async function metricsOf(url: string): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

const FILE = 'a'.repeat(64);
const COPY_VERBS = [
  ['head', 'GET', 'head'], ['changes', 'GET', 'changes?since=1000'], ['search', 'POST', 'search'], ['push', 'POST', 'push'],
  ['manifest', 'GET', 'manifest'], ['key', 'GET', 'key'], ['files', 'GET', `files/${FILE}`],
  ['segments/describe', 'GET', `segments/${FILE}`], ['segments/part', 'PUT', `segments/${FILE}`], ['segments/take', 'POST', 'segments'],
] as const;

describe('metrics', () => {
  test('count requests by protocol, verb and outcome, and say what there is', async () => {
    const server = await startTestServer();
    try {
      await server.post('collections/create', { collectionName: 'secret_name', dimension: 2 });
      await server.post('entities/insert', { collectionName: 'secret_name', data: [{ id: 1, vector: [0, 1] }, { id: 2, vector: [1, 0] }] });
      await server.post('entities/search', { collectionName: 'absent_name', data: [[1, 0]] });
      await fetch(`${server.url}/v2/vectordb/no/such/path`, { method: 'POST', body: '{}' });
      for (const [, method, path] of COPY_VERBS) await (await fetch(`${server.url}/v1/collections/secret_name/${path}`, { method, ...(method === 'GET' ? {} : { body: 'x' }) })).arrayBuffer();
      const metrics = await metricsOf(server.url);
      for (const [verb] of COPY_VERBS) expect([...metrics.keys()].filter((key) => key.startsWith(`elanus_request_seconds_count{protocol="copies",verb="${verb}",outcome=`)), verb).toHaveLength(1);
      expect(metrics.get('elanus_request_seconds_count{protocol="copies",verb="head",outcome="ok"}')).toBe(1);
      expect(metrics.get('elanus_request_seconds_count{protocol="copies",verb="push",outcome="refused"}')).toBe(1);
      expect(metrics.get('elanus_request_seconds_count{protocol="rest",verb="entities/insert",outcome="ok"}')).toBe(1);
      expect(metrics.get('elanus_request_seconds_count{protocol="rest",verb="entities/search",outcome="refused"}')).toBe(1);
      expect(metrics.get('elanus_rows{state="live"}')).toBe(2);
      expect(metrics.get('elanus_rows{state="growing"}')).toBe(2);
      expect(metrics.get('elanus_segments{state="growing"}')).toBe(1);
      expect(metrics.get('elanus_collections')).toBe(1);
      expect(metrics.get('elanus_connections{protocol="http1"}')).toBeGreaterThan(0);
      expect(metrics.get('elanus_requests_running')).toBe(0);
      expect(metrics.get('elanus_core_memory_bytes{core="wasm"}')).toBeGreaterThan(0);
      for (const name of ['elanus_file_bytes{kind="logs"}', 'elanus_tasks{task="seal"}', 'elanus_writes_waiting', 'elanus_storage_bytes', 'elanus_written_bytes_total{purpose="log"}', 'nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes', 'elanus_connections_refused_total{reason="limit"}']) {
        expect(metrics.get(name), name).toBeGreaterThanOrEqual(0);
      }
      expect([...metrics.keys()].join('\n')).not.toMatch(/secret_name|absent_name|no\/such/);
    } finally {
      await server.close();
    }
  });

  test('tell what became of a request by its code', () => {
    expect([0, 8, 1400, 1800, 1100, 100, 65535, 1, 3].map(outcomeOf)).toEqual(['ok', 'limited', 'denied', 'denied', 'refused', 'refused', 'failed', 'failed', 'failed']);
  });
});

describe('a server', () => {
  const options = { host: '127.0.0.1', port: 0, log: () => {} } satisfies Partial<ServerOptions>;

  test('listens before its database is open, says so, and is ready when it is', async () => {
    let give = (): void => {};
    const database = await open('test', { storage: 'memory', core: 'wasm' });
    const server = await startServer({ ...options, database: new Promise((resolve) => (give = () => resolve(database))) });
    const list = () => fetch(`${server.url}/v2/vectordb/collections/list`, { method: 'POST', body: '{}' });
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
    for (const answer of [await fetch(`${server.url}/ready`), await list()]) expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    give();
    await server.ready;
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect(await (await list()).json()).toEqual({ code: 0, data: [] });
    await server.close();
    await database.close();
  });

  test('tells who has not logged in so also while its database is being opened', async () => {
    const access = await testAccess({ audit: false });
    const events: string[] = [];
    const server = await startServer({ ...options, log: (level, message) => void events.push(`${level} ${message}`), services: createServices(() => undefined, { access }), database: new Promise(() => undefined) });
    const answer = await fetch(`${server.url}/metrics`);
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 1800 }]);
    expect(events).toEqual([]);
    await server.close();
  });

  test('whose database does not open goes on saying that it is not ready', async () => {
    const server = await startServer({ ...options, database: Promise.reject(new Error('no')) });
    await expect(server.ready).rejects.toThrow('no');
    expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    await server.close();
  });

  test('that stops says so to who is still connected, and begins nothing more', async () => {
    const database = await open('test', { storage: 'memory', core: 'wasm' });
    let release = (): void => {};
    const list = database.listCollections.bind(database);
    const arrived = new Promise<void>((arrive) => {
      database.listCollections = async () => {
        arrive();
        await new Promise<void>((resolve) => (release = resolve));
        return list();
      };
    });
    const server = await startServer({ ...options, database });
    const running = fetch(`${server.url}/v2/vectordb/collections/list`, { method: 'POST', body: '{}' });
    await arrived;
    const closed = server.close();
    await expect(fetch(`${server.url}/ready`)).rejects.toThrow();
    release();
    expect((await running).status).toBe(200);
    await closed;
    await database.close();
  });
});

describe('the log', () => {
  test('has a line for every request at level debug, by the id that the client gave, and no word of its content', async () => {
    const server = await startTestServer();
    try {
      await fetch(`${server.url}/v2/vectordb/collections/has`, { method: 'POST', body: '{"collectionName":"hidden"}', headers: { 'client-request-id': 'abc-1' } });
      expect(server.debugEvents).toMatchObject([{ level: 'debug', message: 'answered', fields: { request: 'abc-1', protocol: 'rest', verb: 'collections/has', code: 0 } }]);
      expect(JSON.stringify(server.debugEvents)).not.toContain('hidden');
    } finally {
      await server.close();
    }
  });

  test('takes a request id over only if it is a plain word; else that of the trace, else a new one', () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(requestIdOf('a-1', trace)).toBe('a-1');
    expect(requestIdOf(undefined, trace)).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(requestIdOf('a b\n', undefined)).toMatch(/^[0-9a-f-]{36}$/);
    expect(requestIdOf('x'.repeat(65), 'nonsense')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('writes one line an event, whatever is in it, from the level that is asked for', () => {
    const lines: string[] = [];
    const log = createLog('text', (line) => lines.push(line), 'warn');
    log('info', 'not written');
    log('warn', 'first\nsecond', { name: 'a\nb', plain: 'c', count: 1n });
    expect(lines).toEqual(['warn: first second name="a\\nb" plain=c count="1"\n']);
    const json: string[] = [];
    createLog('json', (line) => json.push(line))('error', 'a\nb', { error: new Error('why') });
    expect(json).toHaveLength(1);
    expect(JSON.parse(json[0] ?? '')).toMatchObject({ level: 'error', message: 'a\nb', error: expect.stringContaining('why') as string });
  });
});
