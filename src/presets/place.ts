// Place: how a page's calls name a collection.

import { DEFAULT_DATABASE } from '../format/catalog.js';

/** A collection by its name, or one of another database than the default as `database/name`. */
export type CollectionPlace = string;

export function placeOf(database: string, name: string): CollectionPlace {
  return database === DEFAULT_DATABASE && !String(name).includes('/') ? name : `${database}/${name}`;
}

/** Of a place. */
export function partsOf(place: CollectionPlace): { readonly database: string; readonly name: string } {
  const at = typeof place === 'string' ? place.indexOf('/') : -1;
  return at < 0 ? { database: DEFAULT_DATABASE, name: place } : { database: place.slice(0, at), name: place.slice(at + 1) };
}
