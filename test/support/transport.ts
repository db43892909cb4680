// The served side of a database, as the server has it, without a network.

import type { Transport, TransportResponse } from '../../src/ports/transport.js';
import type { AskedRule } from '../../src/engine/scoped/scoped-views.js';
import { ruleOf, type AnyScope } from '../../src/model/row-scope.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { scopeOfQuery } from '../../src/sync/scope-query.js';

export interface Wire {
  readonly requests: string[];
  /** Ranges that were asked for. */
  readonly ranges?: string[];
  /** The rows that who asks was granted, where these are not all. */
  granted?: AnyScope;
  /** Changes an answer's bytes on the way. */
  spoil: (path: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

export function transportTo(server: () => SyncDatabase, wire: Wire = { requests: [], spoil: (_, bytes) => bytes }): Transport {
  return {
    async get({ url, headers = {} }) {
      const { pathname, searchParams } = new URL(url);
      const [, , , collection = '', kind, sha256 = ''] = pathname.split('/');
      const asked = scopeOfQuery((name) => searchParams.get(name) ?? undefined);
      wire.requests.push(kind === 'files' ? 'file' : 'manifest');
      const { status, body } = await answer(server(), collection, { sha256: kind === 'files' ? sha256 : undefined, known: headers['if-none-match'], rows: { asked, rule: ruleOf(asked, wire.granted) } });
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
      if (wire.ranges === undefined || first === undefined || status !== 200) return response(status, wire.spoil(kind ?? '', body));
      wire.ranges.push(`${first}-${last}`);
      return response(206, wire.spoil(kind ?? '', body.slice(Number(first), Number(last) + 1)));
    },
  };
}

interface Asked {
  readonly sha256: string | undefined;
  readonly known: string | undefined;
  readonly rows: AskedRule;
}

async function answer(server: SyncDatabase, collection: string, { sha256, known, rows }: Asked): Promise<{ readonly status: number; readonly body: Uint8Array<ArrayBuffer> }> {
  const none = new Uint8Array(0);
  if (!(await server.hasCollection(collection))) return { status: 404, body: none };
  if (sha256 !== undefined) {
    const file = await server.servedFile(collection, sha256, rows);
    return file === undefined ? { status: 404, body: none } : { status: 200, body: await file.read() };
  }
  const { bytes, etag } = await server.servedManifest(collection, rows);
  return etag === known ? { status: 304, body: none } : { status: 200, body: bytes };
}

function response(status: number, body: Uint8Array<ArrayBuffer>): TransportResponse {
  return { status, header: () => undefined, bytes: async () => body };
}
