// CollectionList: links to the collections of a database; where there are many, with a box to find one by its name.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CollectionSummary } from '../../src/server/console/answers.js';
import { whole } from '../data/format.js';
import { hashOf, type Place } from '../data/place.js';

const MANY = 8;

interface CollectionListProps {
  readonly place: Place;
  readonly collections: readonly CollectionSummary[];
  /** With those that are not listed. */
  readonly total: number;
}

export function CollectionList({ place, collections, total }: CollectionListProps): JSX.Element {
  const [part, setPart] = useState('');
  const found = collections.filter(({ name }) => name.toLowerCase().includes(part.toLowerCase()));
  return (
    <>
      <p class="side-title">Collections</p>
      {collections.length > MANY && (
        <label class="find">
          <span class="quiet">Find a collection by name</span>
          <input type="search" placeholder="Find by name" value={part} onInput={(event) => setPart(event.currentTarget.value)} />
        </label>
      )}
      <ul>
        {found.map(({ name, rows, trouble }) => (
          <li key={name}>
            <a class="entry" href={hashOf({ page: 'collection', database: place.database, collection: name, tab: 'overview' })} {...(place.page === 'collection' && place.collection === name ? { 'aria-current': 'page' } : {})}>
              <span class="name">{name}</span>
              <span class="soft digits">{trouble === undefined ? whole(rows) : 'damaged'}</span>
              <span class="quiet">{trouble === undefined ? ' rows' : ''}</span>
            </a>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="soft side-note">{collections.length === 0 ? 'None yet.' : 'None of that name.'}</p>}
      {total > collections.length && <p class="soft side-note">{whole(total - collections.length)} more are not listed.</p>}
    </>
  );
}
