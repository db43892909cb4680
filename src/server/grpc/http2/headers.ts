// Headers: what calls of gRPC say in those of HTTP/2 ("gRPC over HTTP2" of its documentation).

import type { OutgoingHttpHeaders } from 'node:http2';
import { CallRefused, CODE, type Code } from './code.js';

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };
const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
/** The longest that a timer waits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Of an answer, before its message: no more than must be, as each costs both sides time. */
export const ANSWER_HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };

export const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': CODE.ok };

/** Of a call that fails without a message. */
export function refusalHeaders(code: Code, message: string): OutgoingHttpHeaders {
  return { ...ANSWER_HEADERS, 'grpc-status': code, 'grpc-message': percentEncoded(message) };
}

export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:$|[+;])/.test(contentType);
}

/** How long the client waits, from now on. Errors: `CallRefused` if it cannot be read. */
export function timeoutMs(header: string): number {
  const [, count, unit = ''] = TIMEOUT.exec(header) ?? [];
  if (count === undefined) throw new CallRefused(CODE.internal, `grpc-timeout: expected up to 8 digits and one of H, M, S, m, u, n, found "${header.slice(0, 32)}"`);
  return Math.min(Number(count) * (UNIT_MS[unit] as number), TIMER_MS_MAX);
}

/** UTF-8, with what is not printable ASCII, and percent itself, as %XX. */
function percentEncoded(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) encoded += byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
}
