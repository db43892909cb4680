// Service worker: opens the page where there is no network, and has it send what is held up when the browser sees one again.
// FILES and VERSION are put in by the build.

import { answerBackgroundSync } from 'elanus/service-worker';

const CACHE = `notes-${VERSION}`;

answerBackgroundSync();

// A newer version waits until no page of the older is open: its files are gone then.
addEventListener('install', (event) => event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' }))))));

addEventListener('activate', (event) => event.waitUntil(dropOlder().then(() => clients.claim())));

addEventListener('fetch', (event) => {
  const { request } = event;
  // What the server of notes answers is never kept here: the database has it.
  const isOfPage = request.method === 'GET' && request.url.startsWith(registration.scope) && !new URL(request.url).pathname.startsWith('/v1/');
  if (isOfPage) event.respondWith(answer(request));
});

async function dropOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('notes-') && name !== CACHE).map((name) => caches.delete(name)));
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  // Some servers, vite's among them, say that an answer varies with the origin that asks: these do not.
  return (await cache.match(request.mode === 'navigate' ? './' : request, { ignoreVary: true })) ?? fetch(request);
}
