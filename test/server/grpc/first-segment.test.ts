// What a stranger may send in the first segment of a connection of HTTP/2, before a client would have read anything: the process goes on,
// whatever it is, and others are answered.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { data, frame, goaway, headers, METHOD_PREFIX, PREFACE, reset, sendAtOnce, settings, TYPE } from './http2-frames.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

let server: GrpcTestServer;
const uncaught = vi.fn();
beforeAll(async () => {
  server = await startGrpcServer();
});
afterAll(() => server.close());
beforeEach(() => {
  uncaught.mockClear();
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
});
afterEach(() => process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught));

const VERSION = `${METHOD_PREFIX}GetVersion`;
const EMPTY = Buffer.alloc(5);
const BROKEN = settings(Buffer.alloc(5));
const START = [PREFACE, settings()];
const streams = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
const each = (of: (stream: number) => readonly Uint8Array[]): readonly Uint8Array[] => streams.flatMap(of);

const SHAPES: Readonly<Record<string, readonly Uint8Array[]>> = {
  'an unknown path': each((id) => [headers(id, '/nope'), reset(id)]),
  'an unknown path, with a message': each((id) => [headers(id, '/nope'), data(id, EMPTY), reset(id)]),
  'another method': each((id) => [headers(id, VERSION, { more: { ':method': 'GET' } }), reset(id)]),
  'another content type': each((id) => [headers(id, VERSION, { more: { 'content-type': 'text/html' } }), reset(id)]),
  'no content type': each((id) => [headers(id, VERSION, { less: ['content-type'] }), reset(id)]),
  'a stream of requests': each((id) => [headers(id, `${METHOD_PREFIX}CreateReplicateStream`), reset(id)]),
  'a stream of answers': each((id) => [headers(id, `${METHOD_PREFIX}DumpMessages`), data(id, EMPTY), reset(id)]),
  'a call': each((id) => [headers(id, VERSION), reset(id)]),
  'a call, with its message': each((id) => [headers(id, VERSION), data(id, EMPTY), reset(id)]),
  'a call that has ended': each((id) => [headers(id, VERSION, { ends: true }), reset(id)]),
  'a message that is too long': each((id) => [headers(id, VERSION), data(id, Buffer.from([0, 255, 255, 255, 255]), false), reset(id)]),
  'a deadline that is over': each((id) => [headers(id, VERSION, { more: { 'grpc-timeout': '0n' } }), data(id, EMPTY), reset(id)]),
  'a deadline that is none': each((id) => [headers(id, VERSION, { more: { 'grpc-timeout': 'x' } }), reset(id)]),
  'an answer that cannot be reset to': each((id) => [headers(id, '/nope'), reset(id, 0)]),
  CONNECT: [headers(1, '/', { more: { ':method': 'CONNECT' }, less: [':scheme', ':path'] }), reset(1)],
  'a farewell behind a call': [headers(1, VERSION, { ends: true }), goaway()],
  'a farewell behind an unknown path': [headers(1, '/nope'), goaway()],
  'broken settings behind a call': [headers(1, VERSION), BROKEN],
  'broken settings behind an unknown path': [headers(1, '/nope'), BROKEN],
  'broken settings behind a message that is too long': [headers(1, VERSION), data(1, Buffer.from([0, 255, 255, 255, 255, 1])), BROKEN],
  'the same stream twice': [headers(1, VERSION, { ends: true }), headers(1, VERSION, { ends: true })],
  'a window that overflows behind an unknown path': [headers(1, '/nope'), frame(TYPE.windowUpdate, 0, 1, Buffer.from([0x7f, 0xff, 0xff, 0xff]))],
};

test.each(Object.entries(SHAPES))('%s, and the connection or its calls broken off: nobody else is harmed', async (_what, frames) => {
  for (const isReset of [false, true]) {
    const socket = await sendAtOnce(server.address, [...START, ...frames]);
    if (isReset) socket.resetAndDestroy();
    else socket.destroy();
  }
  expect(await server.call('GetVersion', {})).toMatchObject({ status: { code: 0 } });
  expect(uncaught.mock.calls).toEqual([]);
  expect(server.events).toEqual([]);
});
