// Document server: notes as documents of a database that replicates them, a batch a request. Every answer is encoded and
// compressed before anybody asks, so that what is measured is the client and the network, never this server.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Vectors } from '../target.js';
import type { Note } from './prepared.js';

/** How a document has its vector: base64 of its f32, or an array of numbers with as many digits as an f32 has. */
export const VECTOR_FORMS = ['base64', 'array'] as const;
export type VectorForm = (typeof VECTOR_FORMS)[number];

/** Digits that every f32 keeps its value with. */
const F32_DIGITS = 9;

export interface DocumentServer {
  /** `<url>/<batch number>` gives `{ documents, checkpoint }`; one beyond the last has no documents. */
  readonly url: string;
  /** Of all bodies, as they are and compressed. */
  readonly bytes: number;
  readonly compressedBytes: number;
  close(): Promise<void>;
}

/** `origin` is that of the page. */
export async function serveDocuments(notes: readonly Note[], base: Vectors, form: VectorForm, batchRows: number, origin: string): Promise<DocumentServer> {
  const bodies: Buffer[] = [];
  let bytes = 0;
  for (let first = 0; ; first += batchRows) {
    const documents = notes.slice(first, first + batchRows).map(({ id, folder, text }) => `{"id":"${id}","folder":${JSON.stringify(folder)},"text":${JSON.stringify(text)},"meaning":${encoded(base, id, form)},"_deleted":false}`);
    const body = Buffer.from(`{"documents":[${documents.join(',')}],"checkpoint":{"next":${bodies.length + 1}}}`);
    bytes += body.length;
    bodies.push(gzipSync(body));
    if (documents.length < batchRows) break;
  }
  const headers = { 'access-control-allow-origin': origin, 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const server = createServer(({ url = '/' }, response) => {
    const body = bodies[Number(url.slice(1))];
    if (body === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes,
    compressedBytes: bodies.reduce((sum, { length }) => sum + length, 0),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As JSON. */
function encoded({ d, values }: Vectors, row: number, form: VectorForm): string {
  const vector = (values as Float32Array).subarray(row * d, (row + 1) * d);
  if (form === 'base64') return `"${Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')}"`;
  return JSON.stringify(Array.from(vector, (value) => Number(value.toPrecision(F32_DIGITS))));
}
