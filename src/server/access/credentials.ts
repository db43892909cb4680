// Credentials: what a client logs in with, read out of its header: `user:password` in clear or as HTTP's Basic, an API key, or
// a token of an identity provider (a JWT). None of it may appear in a message or a log.

import { RefusedRequest, STATUS } from '../status.js';

export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'key'; readonly id: string; readonly secret: string }
  | { readonly kind: 'token'; readonly token: string };

export const AUTHORIZATION_LENGTH_MAX = 16_384;

const BEARER = /^bearer +/i;
const BASIC = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i;
/** `elk_` so that scanners of source code and logs may know one. */
const API_KEY = /^elk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/;

export const WRONG_CREDENTIALS = 'auth check failure, please check username and password are correct';

export function wrongCredentials(message: string = WRONG_CREDENTIALS): RefusedRequest {
  return new RefusedRequest(STATUS.needsLogin, message, 401);
}

/** That a token could not be judged, which says nothing of who sent it. */
export class ProviderUnreachable extends RefusedRequest {}

/** Errors: 1800 (HTTP 401) if it is none of them, or too long. */
export function credentialsOf(authorization: string): Credentials {
  if (authorization.length > AUTHORIZATION_LENGTH_MAX) throw wrongCredentials(`auth check failure, credentials are longer than ${AUTHORIZATION_LENGTH_MAX} characters`);
  const basic = BASIC.exec(authorization);
  const text = basic === null ? authorization.replace(BEARER, '') : Buffer.from(basic[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon > 0) return { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1) };
  const key = API_KEY.exec(text);
  if (key !== null) return { kind: 'key', id: key[1] ?? '', secret: key[2] ?? '' };
  if (JWT.test(text)) return { kind: 'token', token: text };
  throw wrongCredentials();
}
