// Place: what of the console is shown, as the hash of its address: so that it can be linked to, and Back goes back.

import { useEffect, useState } from 'preact/hooks';

export const TABS = ['overview', 'search', 'rows'] as const;
export type Tab = (typeof TABS)[number];

export interface CollectionPlace {
  readonly page: 'collection';
  readonly database: string;
  readonly collection: string;
  readonly tab: Tab;
  /** What a search starts from. */
  readonly id?: string;
}

export type Place = CollectionPlace | { readonly page: 'server'; readonly database: string };

export const DEFAULT_DATABASE = 'default';

export function hashOf(place: Place): string {
  const database = encodeURIComponent(place.database);
  if (place.page === 'server') return `#/${database}`;
  const id = place.id === undefined ? '' : `?id=${encodeURIComponent(place.id)}`;
  return `#/${database}/${encodeURIComponent(place.collection)}/${place.tab}${id}`;
}

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [database = '', collection, tab] = path.split('/').map(decoded);
  const name = database === '' ? DEFAULT_DATABASE : database;
  if (collection === undefined || collection === '') return { page: 'server', database: name };
  const id = new URLSearchParams(query).get('id');
  return { page: 'collection', database: name, collection, tab: TABS.find((one) => one === tab) ?? 'overview', ...(id === null ? {} : { id }) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const changed = (): void => setPlace(placeOf(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return place;
}
