// Refusal: the error that a server's answer stands for, and for how long it asks not to be asked again.

import { ElanusError } from '../model/errors.js';
import type { TransportResponse } from '../ports/transport.js';

const RETRY_AFTER_MS_MAX = 3_600_000;

/** `what`: the request, in words; `file`: the one that was asked for. */
export function refusalOf(what: string, response: Pick<TransportResponse, 'status' | 'header'>, file?: string): ElanusError {
  const { status } = response;
  const retryAfterMs = retryAfterOf(response);
  return new ElanusError(status === 404 ? 'NotFound' : 'Network', `${what}: status ${status}`, { status, ...(file === undefined ? {} : { file }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

/** Seconds, or a date, which is taken by the server's own clock (RFC 9110, section 10.2.3). */
function retryAfterOf({ header }: Pick<TransportResponse, 'header'>): number | undefined {
  const given = header('retry-after');
  if (given === undefined) return undefined;
  const ms = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.parse(header('date') ?? '');
  return ms >= 0 ? Math.min(ms, RETRY_AFTER_MS_MAX) : undefined;
}
