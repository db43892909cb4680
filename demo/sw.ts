// Service worker: keeps the page itself, so that it opens with the network off; the data is the database's own.
// The list of files is put in at build time, so each build is a new version that is fetched whole before it is used, and waits until
// no page of the older is open: what such a page loads late is gone from the server then.

const scope = self as unknown as ServiceWorkerGlobalScope;
const VERSION = '__VERSION__';
const FILES: readonly string[] = JSON.parse('__FILES__') as readonly string[];
const CACHE = `elanus-demo-${VERSION}`;

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['./', ...FILES])));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches().then(() => scope.clients.claim()));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(scope.registration.scope)) event.respondWith(answer(request));
});

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('elanus-demo-') && name !== CACHE).map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}
