// There: what a collection has under the keys that somebody writes: where it is, and when it was written or deleted.

import { CLIENT_FIELD, STAMP_FIELD } from '../../model/hidden-field.js';
import type { Field } from '../../model/field.js';
import { ElanusError } from '../../model/errors.js';
import type { PrimaryKey } from '../../model/row.js';
import type { Stamp } from '../../model/stamp.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { RowPlace } from '../read/fetch.js';
import { valuesAt } from '../search/place-values.js';
import type { Pushes } from '../table/pushes.js';

export interface PlaceThere extends RowPlace {
  /** Which of the keys it has. */
  readonly at: number;
}

/** Of the keys that are there. Errors: `StorageFailed` where a damaged file hides one. */
export function placesThere(state: CollectionState, keys: readonly PrimaryKey[]): readonly PlaceThere[] {
  const table = state.table();
  return keys.flatMap((key, at): PlaceThere[] => {
    const place = table.keys.get(key);
    if (place === undefined) return [];
    const segment = table.segment(place.ordinal);
    if (segment.damage !== undefined) throw hidden(key, segment.damage);
    return [{ at, segment, row: place.row }];
  });
}

/** When what is there of each key was written or deleted. Errors: `StorageFailed` where a damaged file hides it. */
export async function stampsThere(state: CollectionState, keys: readonly PrimaryKey[], pushes: Pushes): Promise<readonly Stamp[]> {
  const stamps = keys.map((key) => pushes.deletedAt(key));
  await whileHeld(placesThere(state, keys), async (places) => {
    const [times, clients] = [await valuesAt(state, places, pathTo(STAMP_FIELD)), await valuesAt(state, places, pathTo(CLIENT_FIELD))];
    places.forEach(({ at }, place) => {
      const [time, client] = [times[place], clients[place]];
      if (time === undefined || client === undefined) throw hidden(keys[at] as PrimaryKey);
      stamps[at] = { time: BigInt(time as bigint), client: BigInt(client as bigint) };
    });
  });
  return stamps;
}

/** Runs `work` while the segments of `places` stay. */
export async function whileHeld<P extends RowPlace, T>(places: readonly P[], work: (places: readonly P[]) => Promise<T>): Promise<T> {
  for (const { segment } of places) segment.retain();
  try {
    return await work(places);
  } finally {
    for (const { segment } of places) segment.release();
  }
}

/** What to say where a row cannot be read: nobody's fault who writes it. */
export function hidden(key: PrimaryKey, cause?: unknown): ElanusError {
  return new ElanusError('StorageFailed', `the row ${String(key)} is in a file that is damaged or missing`, { cause });
}

function pathTo({ name, type }: Field): Parameters<typeof valuesAt>[2] {
  return { name, column: name, type, keys: [] };
}
