// Answers over HTTP/2 that clients do not take, or take slowly: what is not taken counts, and does not stay.

import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AnswerMemory } from '../../../src/server/answer-memory.js';
import { Sessions } from '../../../src/server/grpc/http2/sessions.js';
import { answerCall, type CallOptions } from '../../../src/server/grpc/http2/unary-call.js';

const EMPTY = Buffer.alloc(5);
const LONG = Buffer.alloc(2_000_000, 7);

let tcp: Server;
let sessions: Sessions;
let options: CallOptions;
let untaken: AnswerMemory;
const clients: ClientHttp2Session[] = [];

beforeEach(async () => {
  untaken = new AnswerMemory(5_000_000);
  options = { bytesMax: 1000, bodyMs: 60_000, writeMs: 60_000, untaken, holdBody: () => ({ add: () => undefined, release: () => undefined }), answer: async (asked) => (await asked.message(), LONG), failed: (error) => expect.unreachable(String(error)) };
  sessions = new Sessions((stream, headers) => answerCall(stream, headers, options), (error) => expect.unreachable(String(error)));
  tcp = createServer((socket) => sessions.accept(socket));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await sessions.close(100);
  await new Promise((resolve) => tcp.close(resolve));
});

/** What it is sent on one stream before it has taken anything. */
function client(initialWindowSize?: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}`, initialWindowSize === undefined ? {} : { settings: { initialWindowSize } });
  session.on('error', () => undefined);
  clients.push(session);
  return session;
}

function call(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc' });
  stream.on('error', () => undefined).end(EMPTY);
  return stream;
}

const closed = (stream: ClientHttp2Stream): Promise<number | undefined> => new Promise((resolve) => stream.resume().on('close', () => resolve(stream.rstCode)));
const lengthOf = async (stream: ClientHttp2Stream): Promise<number> => {
  let length = 0;
  stream.on('data', (piece: Buffer) => (length += piece.length));
  await new Promise((resolve) => stream.on('close', resolve));
  return length;
};
const CANCEL = 8;

async function turnsUntil(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

describe('an answer', () => {
  test.each([['short', Buffer.alloc(10)], ['long', LONG]])('that is %s and not taken counts, and is broken off in time', async (_length, answer) => {
    options = { ...options, writeMs: 100, answer: async (asked) => (await asked.message(), answer) };
    const stuck = call(client(0));
    const over = closed(stuck);
    await expect.poll(() => untaken.bytes).toBe(answer.length + 5);
    expect(await lengthOf(call(client()))).toBe(answer.length + 5);
    expect(await over).toBe(CANCEL);
    await expect.poll(() => untaken.bytes).toBe(0);
  });

  test('that is taken piece by piece, each in time, comes whole, however long all of it takes', async () => {
    const stream = call(client());
    const over = lengthOf(stream);
    stream.pause();
    await expect.poll(() => untaken.bytes).toBeGreaterThan(0);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      while (untaken.bytes > 0) {
        vi.advanceTimersByTime(50_000);
        const before = untaken.bytes;
        stream.resume();
        await turnsUntil(() => untaken.bytes < before);
        stream.pause();
      }
    } finally {
      vi.useRealTimers();
    }
    stream.resume();
    expect(await over).toBe(LONG.length + 5);
  });

  test('of which nothing was taken for the longest makes room for others', async () => {
    const slow = client(0);
    const [first, second] = [call(slow), call(slow)];
    const over = closed(first);
    await expect.poll(() => untaken.bytes).toBe(2 * (LONG.length + 5));
    const third = call(slow);
    expect(await over).toBe(CANCEL);
    await expect.poll(() => untaken.bytes).toBe(2 * (LONG.length + 5));
    expect([second.closed, third.closed]).toEqual([false, false]);
  });
});

describe('the memory of answers', () => {
  test('gives back what is taken, released, or ended, once', () => {
    const memory = new AnswerMemory(100);
    const ends = [vi.fn(), vi.fn(), vi.fn(), vi.fn()] as const;
    const [a, b] = [memory.hold(40, ends[0]), memory.hold(50, ends[1])];
    a.taken(10);
    expect(memory.bytes).toBe(80);
    // Something was taken of the first after the second came.
    memory.hold(60, ends[2]);
    expect(ends.map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0, 0]);
    expect(memory.bytes).toBe(90);
    b.taken(50);
    b.release();
    a.release();
    a.release();
    expect(memory.bytes).toBe(60);
    // One alone may be longer.
    const last = memory.hold(1000, ends[3]);
    expect(ends.map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1, 0]);
    last.release();
    expect(memory.bytes).toBe(0);
  });
});
