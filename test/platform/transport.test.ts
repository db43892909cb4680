// Transport over fetch: what is an answer, what is an error, and how much is held.

import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { fetchTransport } from '../../src/platform/transport.js';
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
