// Http2Frames: frames of HTTP/2 as bytes (RFC 9113), for a raw socket that sends what no client would.

import { connect, type Socket } from 'node:net';

export const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const CANCEL = 8;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const METHOD_PREFIX = '/milvus.proto.milvus.MilvusService/';

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const settings = (payload?: Uint8Array): Buffer => frame(TYPE.settings, 0, 0, payload);
export const ping = (): Buffer => frame(TYPE.ping, 0, 0, Buffer.alloc(8));
export const goaway = (): Buffer => frame(TYPE.goaway, 0, 0, Buffer.alloc(8));
export const reset = (stream: number, code = CANCEL): Buffer => frame(TYPE.reset, 0, stream, Buffer.from([0, 0, 0, code]));
export const data = (stream: number, bytes: Uint8Array, ends = true): Buffer => frame(TYPE.data, ends ? END_STREAM : 0, stream, bytes);

/** Of a POST of gRPC to `path`; `more` and `less` change its headers. */
export function headers(stream: number, path: string, { ends = false, more = {}, less = [] }: { readonly ends?: boolean; readonly more?: Readonly<Record<string, string>>; readonly less?: readonly string[] } = {}): Buffer {
  const all = Object.entries({ ':method': 'POST', ':scheme': 'http', ':path': path, ':authority': 'x', 'content-type': 'application/grpc', te: 'trailers', ...more }).filter(([name]) => !less.includes(name));
  return frame(TYPE.headers, END_HEADERS | (ends ? END_STREAM : 0), stream, Buffer.concat(all.map(([name, value]) => literal(name, value))));
}

/** A header that is not indexed (RFC 7541, 6.2.2), shorter than 127 bytes. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
}

/** Sends all of it in one segment, then a ping; resolves when that is answered, or the connection has ended. */
export async function sendAtOnce(address: string, frames: readonly Uint8Array[]): Promise<Socket> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  let came = Buffer.alloc(0);
  const over = new Promise<void>((resolve) => {
    socket.on('error', () => undefined).on('close', () => resolve());
    socket.on('data', (bytes: Buffer) => {
      came = Buffer.concat([came, bytes]);
      if (typesOf(came).some((type) => type === TYPE.ping || type === TYPE.goaway)) resolve();
    });
  });
  socket.write(Buffer.concat([...frames, ping()]));
  await over;
  return socket;
}

/** Of whole frames. */
export function typesOf(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes[at + 3] as number);
  return types;
}
