// What a relay passes on to its origin and back. With all that it serves by itself, in workerd: test/edge/relay.test.ts.

import { afterEach, expect, test, vi } from 'vitest';
import { fetchTransport } from '../../src/platform/transport.js';
import { Relay, type RelayBucket } from '../../src/presets/relay.js';
import { refusalOf } from '../../src/sync/refusal.js';

const PAGE = 'https://page.example';
const URL = 'https://relay.example/v1/collections/notes/push?database=d';
const relay = new Relay({ bucket: {} as RelayBucket, origin: 'https://origin.example/', cors: [PAGE] });
const asked = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

afterEach(() => void vi.unstubAllGlobals());

function originSays(response: Response): void {
  asked.mockReset().mockResolvedValue(response);
  vi.stubGlobal('fetch', asked);
}

const push = (headers: Readonly<Record<string, string>> = {}): Promise<Response> => relay.fetch(new Request(URL, { method: 'POST', headers, body: 'a push' }));

test('a request goes to the origin with who sends it, and nothing else of it', async () => {
  originSays(new Response('taken', { headers: { 'content-type': 'application/json', 'x-inner': 'secret', 'set-cookie': 'a=b' } }));
  const answer = await push({ authorization: 'Bearer x', 'content-type': 'application/octet-stream', cookie: 'a=b' });
  expect(asked.mock.calls[0]?.[0]).toBe('https://origin.example/v1/collections/notes/push?database=d');
  expect(Object.keys(asked.mock.calls[0]?.[1].headers ?? {}).sort()).toEqual(['authorization', 'content-type']);
  expect(await answer.text()).toBe('taken');
  expect([...answer.headers.keys()].sort()).toEqual(['cache-control', 'content-type', 'vary']);
});

test('for how long the origin asks not to be asked again comes back, in seconds and as a date, also to a page', async () => {
  const transport = fetchTransport((url, init) => relay.fetch(new Request(url, { ...init, headers: { ...init.headers, origin: PAGE } })));
  const told = async (): Promise<unknown> => {
    const response = await transport.post({ url: URL, body: new Uint8Array(1) });
    expect(response.header('access-control-expose-headers')?.split(', ')).toEqual(expect.arrayContaining(['retry-after', 'date']));
    return refusalOf('POST', response);
  };
  originSays(new Response('', { status: 503, headers: { 'retry-after': '120' } }));
  expect(await told()).toMatchObject({ status: 503, retryAfterMs: 120_000 });
  originSays(new Response('', { status: 429, headers: { 'retry-after': 'Tue, 01 Dec 2026 12:00:30 GMT', date: 'Tue, 01 Dec 2026 12:00:00 GMT' } }));
  expect(await told()).toMatchObject({ status: 429, retryAfterMs: 30_000 });
});
