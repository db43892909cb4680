// CollectionPage: one collection: what it is, a search in it, its rows; each under an address of its own.

import type { JSX } from 'preact';
import { askCollection } from '../data/api.js';
import { hashOf, type CollectionPlace, type Tab } from '../data/place.js';
import { useAnswer } from '../data/use-answer.js';
import { Badge } from '../parts/badge.js';
import { Heading } from '../parts/heading.js';
import { Trouble, Waiting } from '../parts/notice.js';
import { CollectionOverview } from './collection-overview.js';
import { RowsPage } from './rows.js';
import { SearchPage } from './search.js';

const TITLES: Readonly<Record<Tab, string>> = { overview: 'Overview', search: 'Search', rows: 'Rows' };
const EVERY_MS = 4000;

export function CollectionPage({ place }: { readonly place: CollectionPlace }): JSX.Element {
  const target = { dbName: place.database, collectionName: place.collection };
  const { value, failure, again } = useAnswer(`${place.database}/${place.collection}`, (signal) => askCollection(target, signal), EVERY_MS);
  return (
    <>
      <Heading title={`${place.collection}: ${TITLES[place.tab]}`}>{place.collection}</Heading>
      {value !== undefined && (
        <p class="soft">
          {value.loadState === 'LoadStateNotLoad' && <Badge text="released" />} {value.description.origin !== undefined && <Badge text={`copy of ${value.description.origin}`} />} {value.description.schema.description}
        </p>
      )}
      <nav class="tabs" aria-label={`Pages of ${place.collection}`}>
        {(Object.keys(TITLES) as Tab[]).map((tab) => (
          <a key={tab} href={hashOf({ page: 'collection', database: place.database, collection: place.collection, tab })} {...(tab === place.tab ? { 'aria-current': 'page' } : {})}>
            {TITLES[tab]}
          </a>
        ))}
      </nav>
      {failure !== undefined && <Trouble failure={failure} again={again} />}
      {value === undefined && failure === undefined && <Waiting what="Asking about the collection…" />}
      {value !== undefined && place.tab === 'overview' && <CollectionOverview answer={value} />}
      {value !== undefined && place.tab === 'search' && <SearchPage key={place.id ?? ''} target={target} schema={value.description.schema} {...(place.id === undefined ? {} : { id: place.id })} />}
      {value !== undefined && place.tab === 'rows' && <RowsPage target={target} schema={value.description.schema} database={place.database} />}
    </>
  );
}
