// Transport over fetch: what is an answer, what is an error, and how much is held.

import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { fetchTransport, type Fetch } from '../../src/platform/transport.js';
import type { Waking } from '../../src/ports/waking.js';
import { refusal, text } from '../storage/samples.js';

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

test('an answer has its status, headers and body; headers of the request arrive', async () => {
  const url = await serve((request, response) => response.writeHead(206, { ETag: '"x"' }).end(`asked ${request.headers.range}`));
  const answer = await fetchTransport().get({ url, headers: { Range: 'bytes=0-1' } });
  expect(answer.status).toBe(206);
  expect(answer.header('etag')).toBe('"x"');
  expect(answer.header('x-absent')).toBeUndefined();
  expect(await answer.bytes(100)).toEqual(text('asked bytes=0-1'));
});

test('an HTTP error is an answer, and an empty body is empty', async () => {
  const url = await serve((_, response) => response.writeHead(404).end());
  const answer = await fetchTransport().get({ url });
  expect(answer.status).toBe(404);
  expect(await answer.bytes(0)).toEqual(new Uint8Array(0));
});

test('a body of just the limit is read, one byte more is refused', async () => {
  const url = await serve((_, response) => response.end(Buffer.alloc(100_000, 1)));
  const transport = fetchTransport();
  expect((await (await transport.get({ url })).bytes(100_000)).length).toBe(100_000);
  await refusal('InvalidArgument', async () => (await transport.get({ url })).bytes(99_999));
});

test('an endless body is cut off at the limit, without waiting for its end', async () => {
  let cut: () => void;
  const closed = new Promise<void>((resolve) => (cut = resolve));
  const url = await serve((_, response) => {
    const send = (): void => {
      if (response.write(Buffer.alloc(65_536))) setImmediate(send);
      else response.once('drain', send);
    };
    response.on('close', () => {
      response.removeAllListeners('drain');
      cut();
    });
    send();
  });
  await refusal('InvalidArgument', async () => (await fetchTransport().get({ url })).bytes(1_000_000));
  await closed;
});

test('a body cut off by the server is Network', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('half', () => response.destroy());
  });
  await refusal('Network', async () => (await fetchTransport().get({ url })).bytes(1_000));
});

test('a server that is not there is Network, with the address and the reason', async () => {
  const url = await serve(() => {});
  await new Promise((resolve) => server?.close(resolve));
  const error = await refusal('Network', () => fetchTransport().get({ url }));
  expect(error.message).toContain(url);
  expect(error.message).toContain('ECONNREFUSED');
});

test('an abort is Closed, before the answer and in the middle of the body', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/body') response.writeHead(200).write('begun');
  });
  const transport = fetchTransport();
  await refusal('Closed', () => transport.get({ url, signal: AbortSignal.abort() }));
  const waiting = new AbortController();
  const unanswered = transport.get({ url, signal: waiting.signal });
  waiting.abort();
  await refusal('Closed', () => unanswered);
  const reading = new AbortController();
  const answer = await transport.get({ url: `${url}body`, signal: reading.signal });
  const body = answer.bytes(1_000);
  reading.abort();
  await refusal('Closed', () => body);
});

test('what takes longer than it may is Network, before the answer and in the middle of the body', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/body') response.writeHead(200).write('begun');
  });
  const transport = fetchTransport();
  const { signal } = new AbortController();
  await refusal('Network', () => transport.get({ url, timeoutMs: 20 }));
  await refusal('Network', () => transport.get({ url, timeoutMs: 20, signal }));
  await refusal('Network', async () => (await transport.get({ url: `${url}body`, timeoutMs: 500 })).bytes(1_000));
  await refusal('Closed', () => transport.get({ url, timeoutMs: 10_000, signal: AbortSignal.abort() }));
});

/** Timers that run out when they are told. */
function timers(): { readonly after: Waking['after']; readonly lengths: () => readonly number[]; readonly runOut: () => void } {
  const running = new Map<() => void, number>();
  return {
    after: (ms, work) => {
      running.set(work, ms);
      return () => void running.delete(work);
    },
    lengths: () => [...running.values()],
    runOut: () => {
      for (const work of [...running.keys()]) work();
    },
  };
}

test('where nothing comes for as long as it may be silent it is Network, before the answer and in the middle of the body, which begins the time anew', async () => {
  let more = (_: string): void => {};
  const url = await serve((request, response) => {
    if (request.url !== '/body') return;
    response.writeHead(200).write('begun');
    more = (part) => void response.write(part);
  });
  const { after, lengths, runOut } = timers();
  let begun = 0;
  const transport = fetchTransport(undefined, (ms, work) => {
    begun++;
    return after(ms, work);
  });
  const unanswered = transport.get({ url, idleMs: 1000 });
  expect(lengths()).toEqual([1000]);
  runOut();
  expect((await refusal('Network', () => unanswered)).message).toContain('nothing came for 1000 ms');
  const answer = await transport.get({ url: `${url}body`, idleMs: 1000 });
  expect(lengths()).toEqual([]);
  const body = answer.bytes(1_000);
  for (let parts = 1; parts < 4; parts++) {
    await vi.waitFor(() => expect(begun).toBe(3 + parts));
    more('more');
  }
  await vi.waitFor(() => expect(begun).toBe(7));
  runOut();
  await refusal('Network', () => body);
  expect(lengths()).toEqual([]);
});

test('a body that is sent has more time, by its size, and who gives no time waits for ever', async () => {
  const { after, lengths, runOut } = timers();
  const never: Fetch = (_, { signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  const transport = fetchTransport(never, after);
  const sent = transport.post({ url: 'http://x/', body: new Uint8Array(80_000), idleMs: 1000 });
  expect(lengths()).toEqual([11_000]);
  runOut();
  await refusal('Network', () => sent);
  expect(lengths()).toEqual([]);
  void transport.post({ url: 'http://x/', body: new Uint8Array(8) });
  expect(lengths()).toEqual([]);
});

test('a body is given once', async () => {
  const url = await serve((_, response) => response.end('x'));
  const answer = await fetchTransport().get({ url });
  await answer.bytes(1);
  await refusal('InvalidArgument', () => answer.bytes(1));
});

test('what only reads is asked once more where the connection ends without an answer, what is sent is not', async () => {
  let ends = 1;
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.method as string);
    if (ends-- > 0) request.socket.destroy();
    else response.end('here');
  });
  const transport = fetchTransport();
  expect(await (await transport.get({ url })).bytes(100)).toEqual(text('here'));
  expect(asked).toEqual(['GET', 'GET']);
  ends = 2;
  await refusal('Network', () => transport.get({ url }));
  ends = 1;
  await refusal('Network', () => transport.post({ url, body: text('x') }));
  expect(asked).toEqual(['GET', 'GET', 'GET', 'GET', 'POST']);
});
