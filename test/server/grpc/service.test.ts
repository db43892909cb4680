// The gRPC service as a whole: every remote procedure is there, and what goes wrong is said in-band.

import { credentials, makeGenericClientConstructor, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { connect, constants } from 'node:http2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOTHING_TO_TELL, type Gate } from '../../../src/server/access/gate.js';
import { milvusProtos, type Procedure } from '../../../src/server/grpc/protos.js';
import { VERBS } from '../../../src/server/grpc/table.js';
import { RefusedRequest } from '../../../src/server/status.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

let server: GrpcTestServer;
let raw: Client;

beforeAll(async () => {
  server = await startGrpcServer();
  raw = rawClient(server.address);
});

afterAll(async () => {
  raw.close();
  await server.close();
});

function rawClient(address: string): Client {
  return new (makeGenericClientConstructor({}, 'raw'))(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
}

/** The bytes of an answer; the call's own error otherwise. */
function call(path: string, bytes: Uint8Array, metadata = new Metadata(), client = raw): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, (content: Uint8Array) => Buffer.from(content), (content: Buffer): Uint8Array => content, bytes, metadata, (error: ServiceError | null, answer?: Uint8Array) => (error === null ? resolve(answer ?? new Uint8Array()) : reject(error)));
  });
}

interface Status {
  readonly error_code: string;
  readonly code: number;
  readonly reason: string;
}

function statusIn({ response, answersStatus }: Procedure, bytes: Uint8Array): Status | undefined {
  const content = response.decode(bytes) as Record<string, unknown>;
  return (answersStatus ? content : content[response.statusMembers[0] ?? '']) as Status | undefined;
}

const procedures = (): readonly Procedure[] => milvusProtos().procedures();
const procedure = (name: string): Procedure => procedures().find((one) => one.name === name) as Procedure;

test('every remote procedure of the service has an entry in the table, and the table has no other', () => {
  expect(Object.keys(VERBS).sort()).toEqual(procedures().map(({ name }) => name).sort());
  expect(procedures().length).toBeGreaterThanOrEqual(143);
});

test('what is not supported says so in-band, by a status in every type of answer', async () => {
  const unsupported = procedures().filter(({ name, requestStream, responseStream }) => 'unsupported' in (VERBS[name] as object) && !requestStream && !responseStream);
  expect(unsupported.length).toBeGreaterThan(40);
  for (const one of unsupported) {
    if (!one.answersStatus && one.response.statusMembers.length === 0) {
      await expect(call(one.path, new Uint8Array())).rejects.toMatchObject({ code: 3 });
      continue;
    }
    expect({ name: one.name, status: statusIn(one, await call(one.path, new Uint8Array())) }).toMatchObject({ name: one.name, status: { code: 10, error_code: 'UnexpectedError', reason: expect.stringContaining('not supported') as unknown } });
  }
});

test('an empty request to any procedure is answered, with a status', async () => {
  for (const one of procedures().filter(({ requestStream, responseStream }) => !requestStream && !responseStream)) {
    if (!one.answersStatus && one.response.statusMembers.length === 0) continue;
    expect(statusIn(one, await call(one.path, new Uint8Array())), one.name).toBeTypeOf('object');
  }
});

test('bytes that are no message are refused in-band, and the server goes on', async () => {
  const one = procedure('DescribeCollection');
  expect(statusIn(one, await call(one.path, Uint8Array.of(0xff, 0xff, 0xff)))).toMatchObject({ code: 1100, error_code: 'IllegalArgument' });
  expect(statusIn(one, await call(one.path, Uint8Array.of(0x12, 0x7f, 0x61)))).toMatchObject({ code: 1100 });
  expect(statusIn(procedure('GetVersion'), await call(procedure('GetVersion').path, new Uint8Array()))).toMatchObject({ code: 0 });
});

test('a procedure that the service does not have is unknown', async () => {
  await expect(call('/milvus.proto.milvus.MilvusService/MakeCoffee', new Uint8Array())).rejects.toMatchObject({ code: 12 });
});

test('a message that is longer than 64 MB is refused', async () => {
  await expect(call(procedure('Insert').path, new Uint8Array(64 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: 8 });
});

test('a message that comes while others fill the memory of bodies is refused in-band, by the code on which clients wait', async () => {
  const small = await startGrpcServer({ bodyBytesMax: 1_000_000 });
  const session = connect(`http://${small.address}`);
  const client = rawClient(small.address);
  try {
    const { path } = procedure('Insert');
    const slow = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    slow.on('error', () => undefined);
    slow.write(Buffer.concat([Buffer.from([0, 0x01, 0, 0, 0]), Buffer.alloc(800_000)]));
    const refused = async (): Promise<number | undefined> => statusIn(procedure('Insert'), await call(path, new Uint8Array(900_000), new Metadata(), client))?.code;
    await expect.poll(refused).toBe(8);
    slow.close(constants.NGHTTP2_CANCEL);
    await expect.poll(refused).toBe(1100);
  } finally {
    session.destroy();
    client.close();
    await small.close();
  }
});

test('a message that does not end is not waited for longer than a body of HTTP is', async () => {
  const hasty = await startGrpcServer({ bodyBytesMax: 1_000_000, limits: { headerMs: 100, requestMs: 100 } });
  const session = connect(`http://${hasty.address}`);
  const client = rawClient(hasty.address);
  try {
    const { path } = procedure('Insert');
    const slow = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    const headers = new Promise((resolve) => slow.on('response', resolve));
    const closed = new Promise((resolve) => slow.on('error', () => undefined).on('close', resolve).resume());
    slow.write(Buffer.concat([Buffer.from([0, 0x01, 0, 0, 0]), Buffer.alloc(800_000)]));
    expect(await headers).toMatchObject({ 'grpc-status': '4' });
    await closed;
    expect(statusIn(procedure('Insert'), await call(path, new Uint8Array(900_000), new Metadata(), client))?.code).toBe(1100);
  } finally {
    session.destroy();
    client.close();
    await hasty.close();
  }
});

test('an answer that is not taken is waited for no longer than the port is told', async () => {
  const hasty = await startGrpcServer({ limits: { writeMs: 100 } });
  const session = connect(`http://${hasty.address}`, { settings: { initialWindowSize: 0 } });
  try {
    const stuck = session.request({ ':method': 'POST', ':path': procedure('GetVersion').path, 'content-type': 'application/grpc' });
    const closed = new Promise((resolve) => stuck.on('error', () => undefined).on('close', resolve).resume());
    stuck.end(Buffer.alloc(5));
    await closed;
    expect(stuck.rstCode).toBe(constants.NGHTTP2_CANCEL);
  } finally {
    session.destroy();
    await hasty.close();
  }
});

test('credentials come to the gate in clear, and wrong ones fail the call with the words of the gate', async () => {
  const seen: (string | undefined)[] = [];
  const gate: Gate = {
    authenticate: async (authorization) => {
      seen.push(authorization);
      if (authorization === 'root:wrong') throw new RefusedRequest(1800, 'no', 401);
      return { user: 'root' };
    },
    admit: async () => NOTHING_TO_TELL,
  };
  const guarded = await startGrpcServer({ gate });
  const client = rawClient(guarded.address);
  try {
    const as = (authorization: string): Promise<Uint8Array> => {
      const metadata = new Metadata();
      metadata.set('authorization', authorization);
      return call(procedure('GetVersion').path, new Uint8Array(), metadata, client);
    };
    await as(Buffer.from('root:Milvus').toString('base64'));
    await as('Bearer a.b.c');
    await expect(as(Buffer.from('root:wrong').toString('base64'))).rejects.toMatchObject({ code: 16, details: 'no' });
    expect(seen).toEqual(['root:Milvus', 'a.b.c', 'root:wrong']);
  } finally {
    client.close();
    await guarded.close();
  }
});

test('a client may ping as often as it likes', async () => {
  const client = await server.client({ channelOptions: { 'grpc.keepalive_time_ms': 50, 'grpc.keepalive_permit_without_calls': 1 } });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect((await client.getVersion()).version).toMatch(/^v2/);
});

test('the client connects, and learns of the server', async () => {
  const client = await server.client();
  expect(client.serverInfo).toMatchObject({ build_tags: expect.stringMatching(/^v2\.6\./) as unknown, deploy_mode: 'STANDALONE' });
  expect((await client.getVersion()).version).toMatch(/^v2\.6\./);
  expect(await client.checkHealth()).toMatchObject({ isHealthy: true, status: { code: 0, error_code: 'Success' } });
});

test('a connection that names a database that is not there is refused', async () => {
  const one = procedure('Connect');
  const metadata = new Metadata();
  metadata.set('dbname', 'nowhere');
  expect(statusIn(one, await call(one.path, new Uint8Array(), metadata))).toMatchObject({ code: 800 });
});
