// Metadata: what clients of Milvus say beside a request. Names are as the clients send them.

import type { IncomingHttpHeaders } from 'node:http2';
import { DEFAULT_DATABASE } from '../../format/catalog.js';
import type { ClientMetadata } from './verb.js';

const BEARER = /^bearer\s+/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

export function clientMetadata(headers: IncomingHttpHeaders): ClientMetadata {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const authorization = text('authorization');
  return {
    credentials: authorization === undefined ? undefined : credentialsOf(authorization),
    database: text('dbname'),
    identifier: text('identifier'),
    requestId: text('client-request-id') ?? text('client_request_id'),
    trace: text('traceparent'),
  };
}

/** Milvus' clients send `user:password`, or a token, in base64 without a scheme; others a token as a bearer's. */
export function credentialsOf(authorization: string): string {
  if (BEARER.test(authorization)) return authorization.replace(BEARER, '');
  if (!BASE64.test(authorization)) return authorization;
  return Buffer.from(authorization, 'base64').toString('utf8');
}

/** The database that a call is in: what the request says wins over what the connection does. */
export function databaseNamed(request: { readonly db_name?: unknown; readonly dbName?: unknown }, { database }: ClientMetadata): string {
  const { dbName, db_name: named = dbName } = request;
  return typeof named === 'string' && named !== '' ? named : (database ?? DEFAULT_DATABASE);
}
