// App: the frame of every page: where one is, the databases, the collections, and the page that the address names. Where
// the server wants a log-in nothing else is shown.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { askDatabases, askOverview, askServer } from './data/api.js';
import { hashOf, usePlace, type Place } from './data/place.js';
import { logOut, useSession } from './data/session.js';
import { useAnswer } from './data/use-answer.js';
import { CollectionList } from './parts/collection-list.js';
import { Trouble, Waiting } from './parts/notice.js';
import { CollectionPage } from './pages/collection.js';
import { LogInPage } from './pages/log-in.js';
import { ServerPage } from './pages/server.js';

const LIST_EVERY_MS = 5000;

export function App(): JSX.Element {
  const session = useSession();
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      {session === 'needed' ? <LogInPage /> : <Frame key={session === 'in' ? 'in' : 'open'} />}
    </>
  );
}

// The hash of the address is the place: it is not to change.
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

function Frame(): JSX.Element {
  const place = usePlace();
  const session = useSession();
  const server = useAnswer('server', askServer);
  const overview = useAnswer(`overview of ${place.database}`, (signal) => askOverview(place.database, signal), LIST_EVERY_MS);
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [place]);
  const collections = overview.value?.collections;
  return (
    <div class="frame">
      <header class="top">
        <a class="brand" href={hashOf({ page: 'server', database: place.database })}>
          <Kite />
          <span>
            Elanus <span class="soft">console</span>
          </span>
        </a>
        <DatabasePicker place={place} />
        {session === 'in' && (
          <button type="button" onClick={logOut}>
            Log out
          </button>
        )}
      </header>
      <nav class="side" aria-label="Collections">
        <button type="button" class="unfold" aria-expanded={open} aria-controls="collections" onClick={() => setOpen(!open)}>
          Collections{collections !== undefined && ` (${overview.value?.total ?? 0})`}
        </button>
        <div id="collections" class={open ? 'open' : ''}>
          <a class="entry" href={hashOf({ page: 'server', database: place.database })} {...(place.page === 'server' ? { 'aria-current': 'page' } : {})}>
            Server
          </a>
          {collections !== undefined && <CollectionList place={place} collections={collections} total={overview.value?.total ?? 0} />}
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {server.failure !== undefined && overview.failure !== undefined && <Trouble failure={server.failure} again={() => (server.again(), overview.again())} />}
        {place.page === 'server' && !(server.failure !== undefined && overview.failure !== undefined) && <ServerPage database={place.database} server={server} overview={overview} />}
        {place.page === 'collection' && !(server.failure !== undefined && overview.failure !== undefined) && <CollectionPage key={`${place.database}/${place.collection}`} place={place} />}
        {server.loading && server.value === undefined && server.failure === undefined && <Waiting what="Asking the server…" />}
      </main>
    </div>
  );
}

function DatabasePicker({ place }: { readonly place: Place }): JSX.Element {
  const { value } = useAnswer('databases', askDatabases);
  const names = [...new Set([...(value ?? []), place.database])];
  return (
    <label class="picker">
      <span>Database</span>
      <select value={place.database} onChange={(event) => (location.hash = hashOf({ page: 'server', database: event.currentTarget.value }))}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Kite(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path d="M2 13c5-4 9-4 14 2 5-6 9-6 14-2-4-1-8 1-11 6l3 7-6-4-6 4 3-7c-3-5-7-7-11-6z" fill="currentColor" />
    </svg>
  );
}
