// Missing: what cannot be answered or done while rows of a collection are missing.

import { ElanusError } from '../../model/errors.js';
import type { PrimaryKey } from '../../model/row.js';
import type { CollectionState } from './collection-state.js';

/** Errors: `Corrupt` if rows are missing. */
export function requireWhole(state: CollectionState, reason: string): void {
  const [missing] = state.missing();
  if (missing === undefined) return;
  const file = missing.error.file ?? missing.entry.rowsFile.name;
  throw new ElanusError('Corrupt', `${missing.error.message}: ${missing.rows} rows are missing, and ${reason}`, { file });
}

/** What `read` finds in all rows. Errors: `Corrupt` if rows are missing, also where it finds out as it reads them. */
export async function findInAll<T>(state: CollectionState, reason: string, read: () => Promise<T>): Promise<T> {
  requireWhole(state, reason);
  const found = await read();
  requireWhole(state, reason);
  return found;
}

/**
 * Where a damaged file hides which keys it has, deleting one that nothing else has would not last, and an update of it in part
 * would take it for a new one. Errors: `Corrupt` if
 * that is so of one of `keys`.
 */
export function requireKeys(state: CollectionState, keys: readonly PrimaryKey[]): void {
  const [missing] = state.unknown;
  if (missing === undefined) return;
  const { keys: known } = state.table();
  const unknown = keys.find((key) => known.get(key) === undefined);
  if (unknown !== undefined) throw new ElanusError('Corrupt', `${missing.error.message}: whether it has the row ${String(unknown)} is not known, so that it can be neither deleted nor updated in part`, { file: missing.error.file ?? missing.entry.rowsFile.name });
}
