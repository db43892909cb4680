// gRPC over HTTP/2 as its documentation has it, spoken by node:http2 alone: pieces, compression, deadlines, limits, resets.

import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { connect as connectTcp, createServer, type AddressInfo, type Server } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AnswerMemory } from '../../../src/server/answer-memory.js';
import { CallRefused, CODE } from '../../../src/server/grpc/http2/code.js';
import { framed, MessageReader } from '../../../src/server/grpc/http2/frame.js';
import { isGrpc, refusalHeaders, timeoutMs } from '../../../src/server/grpc/http2/headers.js';
import { Sessions } from '../../../src/server/grpc/http2/sessions.js';
import { answerCall, type Asked, type CallOptions } from '../../../src/server/grpc/http2/unary-call.js';
import { RefusedRequest } from '../../../src/server/status.js';

const BYTES_MAX = 1_000_000;

interface Answer {
  readonly status: number;
  /** Of gRPC, from the trailers or, where there is no message, the headers. */
  readonly code: number;
  readonly message: string;
  readonly body: Buffer;
  readonly rstCode: number;
}

let tcp: Server;
let sessions: Sessions;
let session: ClientHttp2Session;
let options: CallOptions;
let held = 0;
/** By the listener. */
let thrown: unknown[] = [];
let failed: unknown[] = [];
let peer: string | undefined;
/** The newest stream, of the server. */
let served: ServerHttp2Stream | undefined;
let seen: Asked | undefined;

beforeEach(async () => {
  held = 0;
  [thrown, failed] = [[], []];
  seen = undefined;
  options = {
    bytesMax: BYTES_MAX,
    bodyMs: 60_000,
    writeMs: 60_000,
    untaken: new AnswerMemory(),
    holdBody: () => {
      let own = 0;
      return { add: (bytes) => void ((own += bytes), (held += bytes)), release: () => void ((held -= own), (own = 0)) };
    },
    answer: async (asked) => {
      const bytes = await asked.message();
      seen = asked;
      return bytes;
    },
    failed: (error) => failed.push(error),
  };
  sessions = new Sessions((stream, headers, from) => {
    [peer, served] = [from, stream];
    if (headers[':path'] === '/throws') throw new Error('thrown');
    answerCall(stream, headers, options);
  }, (error) => thrown.push(error));
  tcp = createServer((socket) => sessions.accept(socket));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  session = connect(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}`);
  session.on('error', () => undefined);
});

afterEach(async () => {
  session.destroy();
  await sessions.close(100);
  await new Promise((resolve) => tcp.close(resolve));
});

/** Sends `pieces` one by one; without `ends` the stream stays open. */
function call(pieces: readonly Uint8Array[], headers: OutgoingHttpHeaders = {}, ends = true): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = session.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc', ...headers });
    const chunks: Buffer[] = [];
    let found: IncomingHttpHeaders = {};
    stream.on('response', (given) => (found = { ...found, ...given }));
    stream.on('trailers', (given) => (found = { ...found, ...given }));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ status: Number(found[':status']), code: Number(found['grpc-status']), message: String(found['grpc-message'] ?? ''), body: Buffer.concat(chunks), rstCode: stream.rstCode ?? 0 }));
    for (const piece of pieces) stream.write(piece);
    if (ends) stream.end();
  });
}

const frame = (bytes: Uint8Array, compressed = 0): Buffer => Buffer.concat([Buffer.from([compressed]), Buffer.from(new Uint32Array([bytes.length]).buffer).reverse(), bytes]);
const bytesOf = (count: number): Buffer => Buffer.from(Array.from({ length: count }, (_, at) => (at * 31 + (at >> 8)) & 255));

/** Of HTTP/2: types of frames, and those of whole ones. */
const [SETTINGS, PING] = [4, 6];
function frameTypes(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes[at + 3] as number);
  return types;
}

/** With no timer, as those stand still. */
async function turnsUntil(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a call', () => {
  test.each([0, 1, 4, 5, 100, 65_536, 70_000, BYTES_MAX])('of %d bytes is answered by its message, whatever its pieces', async (count) => {
    const message = bytesOf(count);
    const whole = frame(message);
    const cuts = [[whole], [whole.subarray(0, 1), whole.subarray(1, 5), whole.subarray(5)], [whole.subarray(0, 3), whole.subarray(3, 6), whole.subarray(6, 40_000), whole.subarray(40_000)]];
    for (const pieces of cuts) {
      const { status, code, body } = await call(pieces);
      expect({ status, code }).toEqual({ status: 200, code: 0 });
      expect(body.equals(frame(message))).toBe(true);
    }
  });

  test.each([0, 100, 500_000])('of %d bytes counts with all that came of it, and with what it is decompressed to, until it is answered', async (count) => {
    let most = 0;
    options = { ...options, answer: async (asked) => { const bytes = await asked.message(); most = held; return bytes; } };
    await call([frame(bytesOf(count))]);
    expect(most).toBe(count + 5);
    await expect.poll(() => held).toBe(0);
    const packed = frame(gzipSync(bytesOf(count)), 1);
    await call([packed], { 'grpc-encoding': 'gzip' });
    expect(most).toBe(packed.length + count);
    await expect.poll(() => held).toBe(0);
  });

  test('whose message is begun counts from its first piece on', async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.write(frame(bytesOf(1000)).subarray(0, 600));
    await expect.poll(() => held).toBe(600);
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => held).toBe(0);
  });

  test('that is refused by its headers is answered before anything of its message is read, which is not waited for', async () => {
    options = { ...options, answer: () => Promise.reject(new CallRefused(CODE.unauthenticated, 'who are you?')) };
    expect(await call([frame(bytesOf(100)).subarray(0, 50)], {}, false)).toMatchObject({ code: CODE.unauthenticated, message: 'who are you?', rstCode: 0 });
    options = { ...options, answer: () => Promise.resolve(bytesOf(7)) };
    expect(await call([frame(bytesOf(100)).subarray(0, 50)], {}, false)).toMatchObject({ code: 0, body: frame(bytesOf(7)), rstCode: 0 });
    expect(held).toBe(0);
  });

  test('that is refused or answered in the middle of its message keeps nothing of it', async () => {
    const inBand = options.answer;
    options = { ...options, holdBody: () => ({ add: () => { throw new RefusedRequest(8, 'too much'); }, release: () => undefined }), answer: (asked) => inBand(asked).catch(() => bytesOf(3)) };
    expect(await call([frame(bytesOf(100)).subarray(0, 50)], {}, false)).toMatchObject({ code: 0, body: frame(bytesOf(3)), rstCode: 0 });
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
  });

  test('whose message is not whole in time fails, whatever else its connection does', async () => {
    options = { ...options, bodyMs: 50 };
    const slow = call([frame(bytesOf(100)).subarray(0, 50)], {}, false);
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
    expect(await slow).toMatchObject({ code: CODE.deadlineExceeded, message: 'expected the whole message within 50 ms', rstCode: 0 });
    await expect.poll(() => held).toBe(0);
    // One that is whole has the time that it takes.
    options = { ...options, bodyMs: 20, answer: async (asked) => { const bytes = await asked.message(); await new Promise((resolve) => setTimeout(resolve, 60)); return bytes; } };
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
  });

  test.each([['gzip', gzipSync], ['deflate', deflateSync]] as const)('is decompressed by %s', async (encoding, pack) => {
    const message = bytesOf(300_000);
    expect((await call([frame(pack(message), 1)], { 'grpc-encoding': encoding })).body.equals(frame(message))).toBe(true);
    expect((await call([frame(message)], { 'grpc-encoding': encoding })).body.equals(frame(message))).toBe(true);
  });

  test('that grows beyond the limit when it is decompressed is refused, as one that does not decompress', async () => {
    expect(await call([frame(gzipSync(Buffer.alloc(BYTES_MAX + 1)), 1)], { 'grpc-encoding': 'gzip' })).toMatchObject({ status: 200, code: CODE.resourceExhausted, body: Buffer.alloc(0) });
    expect((await call([frame(gzipSync(Buffer.alloc(BYTES_MAX)), 1)], { 'grpc-encoding': 'gzip' })).code).toBe(0);
    expect((await call([frame(bytesOf(20), 1)], { 'grpc-encoding': 'gzip' })).code).toBe(CODE.internal);
    expect((await call([frame(bytesOf(20), 1)], { 'grpc-encoding': 'snappy' })).code).toBe(CODE.unimplemented);
  });

  test.each([
    ['a length beyond the limit, by its head alone', [Buffer.from([0, 0xff, 0xff, 0xff, 0xff])], CODE.resourceExhausted, false],
    ['bytes behind the message', [frame(bytesOf(3)), Buffer.from([0])], CODE.unimplemented, true],
    ['two messages', [Buffer.concat([frame(bytesOf(3)), frame(bytesOf(3))])], CODE.unimplemented, true],
    ['no message', [], CODE.internal, true],
    ['half a head', [Buffer.from([0, 0])], CODE.internal, true],
    ['half a message', [frame(bytesOf(100)).subarray(0, 60)], CODE.internal, true],
    ['a first byte that is neither 0 nor 1', [Buffer.from([2, 0, 0, 0, 0])], CODE.internal, true],
  ] as const)('with %s is refused', async (_what, pieces, code, ends) => {
    const answer = await call(pieces, {}, ends);
    expect(answer).toMatchObject({ status: 200, code, body: Buffer.alloc(0), rstCode: 0 });
    expect(seen).toBeUndefined();
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
  });

  test('that fails is answered by the code of the refusal, with any words, or by one that tells nothing', async () => {
    options = { ...options, answer: () => Promise.reject(new Error('odd')) };
    expect(await call([frame(bytesOf(3))])).toMatchObject({ status: 200, code: CODE.internal, message: 'unexpected error; the log of the server has the details' });
    expect(failed).toEqual([new Error('odd')]);
    options = { ...options, answer: () => Promise.reject(new CallRefused(CODE.internal, '100 % wrong: \n"ü" \ud800')) };
    expect(await call([frame(bytesOf(3))])).toMatchObject({ status: 200, code: CODE.internal, message: '100 %25 wrong: %0A"%C3%BC" %EF%BF%BD' });
  });

  test('that is not answered by its deadline fails, and whoever works for it is told', async () => {
    let aborted: Promise<void> | undefined;
    options = { ...options, answer: ({ signal }) => new Promise(() => void (aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve())))) };
    expect((await call([frame(bytesOf(3))], { 'grpc-timeout': '20m' })).code).toBe(CODE.deadlineExceeded);
    await aborted;
    expect((await call([frame(bytesOf(3))], { 'grpc-timeout': '20x' })).code).toBe(CODE.internal);
    expect((await call([], { 'grpc-timeout': '5m' }, false)).code).toBe(CODE.deadlineExceeded);
  });

  test('whose client goes away is told to whoever works for it, also if he asks only then', async () => {
    let abort = (): void => {};
    const aborted = new Promise<void>((resolve) => (abort = resolve));
    let asked: Asked | undefined;
    options = { ...options, answer: (given) => new Promise(() => ((asked = given), given.signal.addEventListener('abort', abort))) };
    const stream = session.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.end(frame(bytesOf(3)));
    await expect.poll(() => asked).toBeDefined();
    stream.close(constants.NGHTTP2_CANCEL);
    await aborted;
    let late: Asked | undefined;
    options = { ...options, answer: (given) => new Promise(() => (late = given)) };
    const other = session.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc' });
    other.on('error', () => undefined);
    other.end(frame(bytesOf(3)));
    await expect.poll(() => late).toBeDefined();
    other.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => served?.destroyed).toBe(true);
    expect(late?.signal.aborted).toBe(true);
  });
});

describe('a session', () => {
  test('whose listener throws ends that stream alone, and the error is told', async () => {
    const odd = await call([frame(bytesOf(3))], { ':path': '/throws' });
    expect(odd).toMatchObject({ body: Buffer.alloc(0) });
    expect(odd.code).toBeNaN();
    expect(thrown).toEqual([new Error('thrown')]);
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
  });

  test('whose client breaks a call off by an error, or sends what is no frame, goes on for others', async () => {
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    let asked: Asked | undefined;
    options = { ...options, answer: (given) => new Promise(() => (asked = given)) };
    const stream = session.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.end(frame(bytesOf(3)));
    await expect.poll(() => asked).toBeDefined();
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    await expect.poll(() => served?.destroyed).toBe(true);
    const broken = connectTcp((tcp.address() as AddressInfo).port, '127.0.0.1');
    const over = new Promise((resolve) => broken.on('error', () => undefined).on('close', resolve));
    broken.resume();
    broken.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    broken.write(Buffer.alloc(100, 0xff));
    await over;
    options = { ...options, answer: (asked) => asked.message() };
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
  });


  test('says how many calls it takes at once, has room for their messages, and knows who calls', async () => {
    expect((await call([frame(bytesOf(3))])).code).toBe(0);
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 128, initialWindowSize: 1024 * 1024 });
    await expect.poll(() => session.state.remoteWindowSize).toBeGreaterThan(7 * 1024 * 1024);
    expect(peer).toBe('127.0.0.1');
  });

  test('answers many large calls at once', async () => {
    const whole = frame(bytesOf(BYTES_MAX));
    const answers = await Promise.all(Array.from({ length: 30 }, () => call([whole])));
    expect(answers.map(({ code, body }) => [code, body.length])).toEqual(answers.map(() => [0, whole.length]));
  });

  test('that says nothing for a minute is asked whether it lives, and ended where it does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const living = connect(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}`);
    const dead = connectTcp((tcp.address() as AddressInfo).port, '127.0.0.1');
    try {
      // It begins as HTTP/2 has it, with settings that say nothing, and answers no ping.
      dead.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      dead.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
      let isClosed = false;
      dead.on('error', () => undefined).on('close', () => (isClosed = true));
      let came = Buffer.alloc(0);
      dead.on('data', (data: Buffer) => (came = Buffer.concat([came, data])));
      await new Promise((resolve) => living.once('remoteSettings', resolve));
      await turnsUntil(() => frameTypes(came).includes(SETTINGS));
      living.request({ ':method': 'POST', ':path': '/any', 'content-type': 'application/grpc' }).on('error', () => undefined).end(frame(bytesOf(3)));
      await turnsUntil(() => seen !== undefined);
      const asking = served?.session;
      const listeners = asking?.listenerCount('close');
      const pinged = new Promise((resolve) => living.once('ping', resolve));
      vi.advanceTimersByTime(60_000);
      await pinged;
      await turnsUntil(() => frameTypes(came).includes(PING));
      // Its answer has come when that to a ping of its own has.
      await new Promise((resolve) => living.ping(resolve));
      expect(isClosed).toBe(false);
      // Nothing stays of a ping that was answered.
      expect(asking?.listenerCount('close')).toBe(listeners);
      expect(listeners).toBeGreaterThan(0);
      vi.advanceTimersByTime(20_000);
      await turnsUntil(() => isClosed);
      expect(living.destroyed).toBe(false);
    } finally {
      vi.useRealTimers();
      living.destroy();
      dead.destroy();
    }
  });
});

describe('sessions that close', () => {
  test('end with the calls that run, and take no others', async () => {
    let answer: ((bytes: Uint8Array) => void) | undefined;
    options = { ...options, answer: () => new Promise((resolve) => (answer = resolve)) };
    const running = call([frame(bytesOf(3))]);
    await expect.poll(() => answer).toBeDefined();
    const closed = sessions.close(5000);
    await expect.poll(() => session.closed).toBe(true);
    answer?.(bytesOf(7));
    expect(await running).toMatchObject({ code: 0, body: frame(bytesOf(7)) });
    await closed;
    const late = connect(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}`);
    await new Promise((resolve) => late.on('error', resolve).on('close', resolve));
    expect(late.destroyed).toBe(true);
  });

  test('do not wait longer than they are told', async () => {
    let isBegun = false;
    options = { ...options, answer: () => new Promise(() => void (isBegun = true)) };
    const running = call([frame(bytesOf(3))]);
    await expect.poll(() => isBegun).toBe(true);
    await sessions.close(20);
    expect((await running).code).toBeNaN();
  });
});

describe('the parts', () => {
  test('a message that is announced as large takes memory as it comes', () => {
    const reader = new MessageReader(64 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    reader.push(Buffer.from([0, 3, 0xff, 0xff, 0xff]));
    reader.push(Buffer.alloc(1000));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  test('of a message that comes in pieces no more than a megabyte is copied again', () => {
    const pieces = Array.from({ length: 80 }, (_, at) => Buffer.alloc(100_000, at));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(8_000_000, 1);
    const set = vi.spyOn(Buffer.prototype, 'set');
    const reader = new MessageReader(64 * 1024 * 1024);
    for (const piece of [head, ...pieces]) reader.push(piece);
    const copied = set.mock.calls.reduce((sum, [bytes]) => sum + (bytes as Uint8Array).length, 0);
    set.mockRestore();
    expect(copied).toBeLessThan(8_000_000 + 1024 * 1024);
    expect(reader.end().bytes.equals(Buffer.concat(pieces))).toBe(true);
  });

  test('a long message is not copied behind its head', () => {
    const message = new Uint8Array(100_000);
    expect(framed(message)[1]).toBe(message);
    expect(framed(message.subarray(0, 10))).toHaveLength(1);
  });

  test('timeouts have their units', () => {
    expect(['1H', '2M', '3S', '4m', '5000u', '6000000n', '99999999H'].map(timeoutMs)).toEqual([3_600_000, 120_000, 3000, 4, 5, 6, 2 ** 31 - 1]);
    for (const odd of ['', '1', 'S', '123456789S', '-1S', '1.5S']) expect(() => timeoutMs(odd)).toThrow('grpc-timeout');
  });

  test('content types are those of gRPC alone', () => {
    expect(['application/grpc', 'application/grpc+proto', 'application/grpc;charset=utf-8'].map(isGrpc)).toEqual([true, true, true]);
    expect([undefined, '', 'application/grpc-web', 'application/grpcx', 'text/application/grpc', 'application/json'].map(isGrpc)).toEqual([false, false, false, false, false, false]);
  });

  test('words of a refusal are percent-encoded UTF-8', () => {
    expect(refusalHeaders(CODE.internal, 'a%b\tç€')).toMatchObject({ 'grpc-status': 13, 'grpc-message': 'a%25b%09%C3%A7%E2%82%AC' });
  });
});
