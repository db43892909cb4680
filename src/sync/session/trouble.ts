// Trouble: what an error means for a session: whether it goes away by itself, and whom it concerns.

import type { SessionError } from '../../engine/api/session.js';
import { ElanusError } from '../../model/errors.js';

export type Trouble =
  | { readonly kind: 'offline' | 'waiting' | 'full'; readonly error: ElanusError }
  /** Nothing is allowed to who asks: no collection goes on. */
  | { readonly kind: 'refused'; readonly error: ElanusError }
  /** This collection does not go on. */
  | { readonly kind: 'collection'; readonly error: ElanusError };

const BUSY: readonly number[] = [408, 425, 429];

/** Anything else than an `ElanusError` is our own fault and concerns the collection. */
export function troubleOf(thrown: unknown): Trouble {
  const error = thrown instanceof ElanusError ? thrown : new ElanusError('StorageFailed', `the session failed: ${String(thrown)}`, { cause: thrown });
  const { code, status } = error;
  if (code === 'QuotaExceeded') return { kind: 'full', error };
  if (code === 'Busy' || code === 'StorageFailed' || code === 'OutOfMemory') return { kind: 'waiting', error };
  if (code !== 'Network') return { kind: 'collection', error };
  if (status === undefined) return { kind: 'offline', error };
  if (status === 401) return { kind: 'refused', error };
  return { kind: status >= 500 || BUSY.includes(status) ? 'waiting' : 'collection', error };
}

export function toldOf({ code, message, status }: ElanusError): SessionError {
  return { code, message, ...(status === undefined ? {} : { status }) };
}
