// The served side of a database, as the server has it, without a network.

import type { Transport, TransportResponse } from '../../src/ports/transport.js';
import type { SyncDatabase } from '../../src/sync/database.js';

export interface Wire {
  readonly requests: string[];
  /** Ranges that were asked for. */
  readonly ranges?: string[];
  /** Changes an answer's bytes on the way. */
  spoil: (path: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

export function transportTo(server: () => SyncDatabase, wire: Wire = { requests: [], spoil: (_, bytes) => bytes }): Transport {
  return {
    async get({ url, headers = {} }) {
      const [, , , collection = '', kind, sha256 = ''] = new URL(url).pathname.split('/');
      wire.requests.push(kind === 'files' ? 'file' : 'manifest');
      const { status, body } = await answer(server(), collection, kind === 'files' ? sha256 : undefined, headers['if-none-match']);
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
      if (wire.ranges === undefined || first === undefined || status !== 200) return response(status, wire.spoil(kind ?? '', body));
      wire.ranges.push(`${first}-${last}`);
      return response(206, wire.spoil(kind ?? '', body.slice(Number(first), Number(last) + 1)));
    },
  };
}

async function answer(server: SyncDatabase, collection: string, sha256: string | undefined, known: string | undefined): Promise<{ readonly status: number; readonly body: Uint8Array<ArrayBuffer> }> {
  const none = new Uint8Array(0);
  if (!(await server.hasCollection(collection))) return { status: 404, body: none };
  if (sha256 !== undefined) {
    const file = await server.servedFile(collection, sha256);
    return file === undefined ? { status: 404, body: none } : { status: 200, body: await file.read() };
  }
  const { bytes, etag } = await server.servedManifest(collection);
  return etag === known ? { status: 304, body: none } : { status: 200, body: bytes };
}

function response(status: number, body: Uint8Array<ArrayBuffer>): TransportResponse {
  return { status, header: () => undefined, bytes: async () => body };
}
