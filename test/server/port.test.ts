// The port: which protocol a client speaks, how long it may take to say so, how many may be connected, and TLS.

import { copyFile } from 'node:fs/promises';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createServer as createHttp2Server } from 'node:http2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { PORT_LIMITS, type PortLimits } from '../../src/server/port/limits.js';
import { openPort, type Http2Acceptor, type Port } from '../../src/server/port/port.js';
import { protocolOf } from '../../src/server/port/sniff.js';
import type { TlsFiles } from '../../src/server/port/tls.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const opened: Port[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((port) => port.close()));
});

async function open(limits: Partial<PortLimits> = {}, tls?: TlsFiles, http2: Http2Acceptor | null = http2Acceptor()): Promise<{ readonly port: Port; readonly number: number; readonly http: HttpServer }> {
  const all = { ...PORT_LIMITS, stopMs: 200, ...limits };
  const http = createHttpServer({ headersTimeout: all.headerMs, requestTimeout: all.requestMs, keepAliveTimeout: all.idleMs, connectionsCheckingInterval: 50, maxHeaderSize: all.headerBytesMax }, (request, response) => {
    request.resume().on('end', () => response.end(`http1 ${request.url ?? ''}`));
  });
  const port = await openPort({ host: '127.0.0.1', port: 0, limits: all, http, log: () => {}, ...(tls === undefined ? {} : { tls }) });
  if (http2 !== null) port.useHttp2(http2);
  opened.push(port);
  return { port, number: Number(new URL(port.url).port), http };
}

function http2Acceptor(): Http2Acceptor {
  const http2 = createHttp2Server((_request, response) => response.end('http2'));
  const sessions = new Set<{ close(): void }>();
  http2.on('session', (session) => sessions.add(session));
  return {
    accept: (socket) => void http2.emit('connection', socket),
    close: async () => sessions.forEach((session) => session.close()),
  };
}

/** What comes back for these bytes until the server closes. */
function answerTo(number: number, ...parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(number, '127.0.0.1');
    let got = '';
    socket.on('data', (bytes: Buffer) => (got += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
    for (const part of parts) socket.write(part, 'latin1');
  });
}

function http2Get(url: string, options: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(url, options);
    session.on('error', reject);
    const stream = session.request({ ':path': '/' });
    let text = '';
    stream.on('error', reject);
    stream.on('data', (bytes: Buffer) => (text += bytes.toString())).on('end', () => {
      session.close();
      resolve(text);
    });
  });
}

describe('the protocol', () => {
  test('is HTTP/1.1 or HTTP/2 by the first bytes, on one port', async () => {
    const { port } = await open();
    expect(await (await fetch(`${port.url}/a`)).text()).toBe('http1 /a');
    expect(await http2Get(port.url)).toBe('http2');
  });

  test.each([['byte by byte', PREFACE.length], ['in two halves', 2]])('is known of a preface that comes %s', async (_how, pieces) => {
    const sniffed = new Promise<readonly [string | undefined, string]>((resolve) => {
      const server = createServer((socket) => {
        void protocolOf(socket, 10_000).then((protocol) => {
          const again = (socket.read() as Buffer | null)?.toString('latin1') ?? '';
          socket.destroy();
          server.close();
          resolve([protocol, again]);
        });
      }).listen(0, '127.0.0.1', () => {
        const address = server.address();
        const socket = connect(typeof address === 'object' ? address?.port ?? 0 : 0, '127.0.0.1');
        socket.setNoDelay(true).on('error', () => {});
        void send(socket, pieces);
      });
    });
    expect(await sniffed).toEqual(['http2', PREFACE]);
  });

  test('of a method that begins as the preface does is HTTP/1.1', async () => {
    const { number } = await open();
    expect(await answerTo(number, 'P', 'UT /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('http1 /b');
  });
});

async function send(socket: Socket, pieces: number): Promise<void> {
  const size = PREFACE.length / pieces;
  for (let at = 0; at < pieces; at++) {
    socket.write(PREFACE.slice(Math.round(at * size), Math.round((at + 1) * size)), 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a client', () => {
  test('that sends nothing, or half a preface, is closed when its time is over, and counted', async () => {
    const { port, number } = await open({ firstBytesMs: 100 });
    expect(await Promise.all([answerTo(number), answerTo(number, PREFACE.slice(0, 10))])).toEqual(['', '']);
    expect(port.counts()).toMatchObject({ open: { unknown: 0, http1: 0, http2: 0 }, refused: { silent: 2 } });
  });

  test('that sends garbage, or a preface that goes wrong, is refused by the parser of HTTP/1.1', async () => {
    const { number } = await open();
    expect(await answerTo(number, '\x16\x03\x01\x02\x00 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await answerTo(number, 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('whose preface is right and whose frames are garbage is closed', async () => {
    const { number } = await open();
    expect(await answerTo(number, PREFACE, 'x'.repeat(64))).not.toContain('http');
  });

  test('that never ends its headers, or lets its body drip, is cut off', async () => {
    const { number } = await open({ headerMs: 200, requestMs: 400 });
    const headers = answerTo(number, 'GET / HTTP/1.1\r\nHost: a\r\nX: ');
    const body = answerTo(number, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc');
    expect(await headers).toMatch(/^HTTP\/1\.1 408 /);
    expect(await body).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('whose headers are too long is refused', async () => {
    const { number } = await open({ headerBytesMax: 1024 });
    expect(await answerTo(number, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('that is idle between requests is closed after a while', async () => {
    const { number } = await open({ idleMs: 100 });
    expect(await answerTo(number, 'GET /c HTTP/1.1\r\nHost: a\r\n\r\n')).toContain('http1 /c');
  });

  test('beyond the limit of connections is closed at once, and a place that is free is given again', async () => {
    const { port, number } = await open({ connectionsMax: 1 });
    const first = connect(number, '127.0.0.1');
    await new Promise((resolve) => first.once('connect', resolve));
    await expect.poll(() => port.counts().open.unknown).toBe(1);
    expect(await answerTo(number)).toBe('');
    expect(port.counts().refused.limit).toBe(1);
    first.destroy();
    await expect.poll(() => port.counts().open.unknown).toBe(0);
    await expect.poll(async () => (await fetch(port.url).catch(() => undefined))?.status).toBe(200);
  });
});

test('a connection of HTTP/2 waits until there is who answers it', async () => {
  const { port } = await open({}, undefined, null);
  const answered = http2Get(port.url);
  await expect.poll(() => port.counts().open.http2).toBe(1);
  port.useHttp2(http2Acceptor());
  expect(await answered).toBe('http2');
});

test('closing ends what does not end by itself', async () => {
  const { port, number } = await open();
  const silent = answerTo(number);
  const unfinished = answerTo(number, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc');
  await expect.poll(() => port.counts().open).toEqual({ unknown: 1, http1: 1, http2: 0 });
  await Promise.all([port.close(), silent, unfinished]);
  opened.length = 0;
});

test('a request that is answered in the tick in which it comes is answered also while the port closes', async () => {
  const { port, number, http } = await open();
  http.removeAllListeners('request').on('request', (_request, response) => response.end('at once'));
  const socket = connect(number, '127.0.0.1');
  let got = '';
  const over = new Promise((resolve) => socket.on('data', (bytes: Buffer) => (got += bytes.toString('latin1'))).on('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
  await expect.poll(() => port.counts().open.http1).toBe(1);
  const closed = port.close();
  socket.write('\r\n');
  await Promise.all([over, closed]);
  expect(got).toMatch(/^HTTP\/1\.1 200 [^]*at once$/);
  expect(got).toContain('Connection: close');
  opened.length = 0;
});

describe('TLS', () => {
  let certificates: Certificates;
  beforeAll(() => void (certificates = makeCertificates()));
  afterAll(() => certificates.remove());
  const at = (name: string): string => certificates.at(name);

  const files = (extra: Partial<TlsFiles> = {}): TlsFiles => ({ cert: at('server.pem'), key: at('server.key'), ...extra });
  const read = (name: string): Buffer => readFileSync(at(name));

  function get(url: string, options: RequestOptions = {}): Promise<{ readonly text: string; readonly name: string }> {
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(url, { ca: read('ca.pem'), agent: false, ...options }, (response) => {
        const { subject } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate();
        let text = '';
        response.on('data', (bytes: Buffer) => (text += bytes.toString())).on('end', () => resolve({ text, name: String(subject.CN) }));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  test('carries both protocols, chosen by ALPN', async () => {
    const { port, number } = await open({}, files());
    expect(port.url).toMatch(/^https:/);
    expect((await get(`${port.url}/a`)).text).toBe('http1 /a');
    expect(await http2Get(port.url, { ca: read('ca.pem') })).toBe('http2');
    const socket = connectTls({ port: number, host: '127.0.0.1', ca: read('ca.pem'), ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect(socket.alpnProtocol).toBe('h2');
    socket.destroy();
  });

  test('is all that the port speaks then, and takes no version before 1.2', async () => {
    const { port, number } = await open({}, files());
    expect(await answerTo(number, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).not.toContain('http1');
    await expect(get(port.url, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow();
    expect(port.counts().refused.handshake).toBeGreaterThan(0);
  });

  test('gives a handshake no more time than the first bytes', async () => {
    const { number } = await open({ firstBytesMs: 100 }, files());
    expect(await answerTo(number)).toBe('');
  });

  test('with client authorities lets only clients of theirs in', async () => {
    const { port } = await open({}, files({ clientCa: at('ca.pem') }));
    expect((await get(`${port.url}/m`, { cert: read('client.pem'), key: read('client.key') })).text).toBe('http1 /m');
    await expect(get(port.url)).rejects.toThrow();
    await expect(get(port.url, { cert: read('stranger.pem'), key: read('stranger.key') })).rejects.toThrow();
    await expect(http2Get(port.url, { ca: read('ca.pem') })).rejects.toThrow();
  });

  test('takes new files for connections to come, and keeps those before if they do not fit', async () => {
    await copyFile(at('server.pem'), at('live.pem'));
    await copyFile(at('server.key'), at('live.key'));
    const { port } = await open({}, { cert: at('live.pem'), key: at('live.key') });
    expect((await get(port.url)).name).toBe('server');
    await copyFile(at('second.pem'), at('live.pem'));
    await expect(port.reloadTls()).rejects.toThrow('no certificate and its key');
    expect((await get(port.url)).name).toBe('server');
    await copyFile(at('second.key'), at('live.key'));
    await port.reloadTls();
    expect((await get(port.url)).name).toBe('second');
  });

  test.each([
    ['a file that is not there', () => files({ cert: at('no.pem') }), 'no.pem'],
    ['a file that is no PEM', () => files({ key: at('server.der') }), 'server.der'],
    ['a key of another certificate', () => files({ key: at('client.key') }), 'no certificate and its key'],
  ])('refuses to start with %s', async (_what, given, named) => {
    await expect(open({}, given())).rejects.toThrow(named);
  });
});
