// Notes that are kept and found on the device, with or without a network, and go to the server when there is one.

import { open } from 'elanus';
import { syncInBackground } from 'elanus/service-worker';

const SAID = { pulling: 'Fetching', pushing: 'Sending', idle: 'Up to date', offline: 'Offline', waiting: 'The server is busy', full: 'No room left here', paused: 'Paused', error: 'Not synced', stopped: 'Not synced' };
const SHOWN = 100;
const element = (id) => document.getElementById(id);
let listed = '';

const db = await open('notes_pwa');
const session = await db.syncSession({ url: location.origin, collections: ['notes'], onStatus: show });
element('find').addEventListener('input', () => void list());
element('write').addEventListener('submit', (event) => {
  event.preventDefault();
  void keep();
});
await list();
// Vite's own server has no service worker; there the page works as long as the network does.
if (import.meta.env.PROD) {
  await navigator.serviceWorker.register('./sw.js');
  await syncInBackground(session);
}

function show({ state, unsent, error, syncedMs }) {
  element('status').textContent = [SAID[state], unsent > 0 && `${unsent} not sent yet`, state === 'error' && error?.message].filter(Boolean).join(', ');
  // What another tab has written, and what came from elsewhere.
  const told = `${syncedMs} ${unsent}`;
  if (told !== listed) void list();
  listed = told;
}

/** On a first visit there is nothing before the server has answered once. */
async function notesIfHere() {
  return (await db.hasCollection('notes')) ? db.collection('notes') : undefined;
}

async function list() {
  const notes = await notesIfHere();
  if (notes === undefined) return;
  const text = element('find').value;
  const fields = text.trim() === '' ? await newest(notes) : (await notes.search({ annsField: 'words', data: text, limit: SHOWN, outputFields: ['text'] })).hits.map((hit) => hit.fields);
  // A slower answer to earlier letters is not shown over that to later ones.
  if (text !== element('find').value) return;
  element('notes').replaceChildren(...fields.map((each) => Object.assign(document.createElement('li'), { textContent: each.text })));
  element('write').querySelector('button').disabled = false;
}

function newest(notes) {
  return notes.query({ outputFields: ['text'], orderBy: [{ field: 'writtenMs', desc: true }], limit: SHOWN });
}

async function keep() {
  const notes = await notesIfHere();
  await notes.insert([{ id: crypto.randomUUID(), text: element('text').value, writtenMs: Date.now() }]);
  element('text').value = '';
  await list();
}
