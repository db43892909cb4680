// A tab that writes until it is told to stop or ends, and notes outside the browser what was acknowledged. Every key is
// written by one tab alone: rows of their own keys, a version that goes up, rows that go again, rows with generated keys.

import { open } from '/dist/browser.js';

const DIMENSION = 8;
const LANES = 3;

/** What a row holds follows from its key. */
export const vectorOf = (id) => Array.from({ length: DIMENSION }, (_, at) => ((Number(id) * 31 + at * 17) % 1000) / 8);

const query = new URLSearchParams(location.search);
/** Each loading of a page has keys of its own. */
const loads = Number(sessionStorage.getItem('loads') ?? 0);
sessionStorage.setItem('loads', String(loads + 1));
const base = Number(query.get('base')) + loads * 50_000;
const state = { stopped: false, lanes: [], problems: [], interrupted: 0, next: base + 2 };
let db, rows, log;
let leaving = false;
addEventListener('pagehide', () => (leaving = true));

async function note(kind, began, value) {
  const body = JSON.stringify({ tab: base, kind, began, ended: Date.now(), value });
  try {
    await fetch('/note', { method: 'POST', body, keepalive: true });
  } catch (error) {
    // What a page that is being left could not note counts as not acknowledged.
    if (!leaving) throw error;
  }
}

async function ready(name) {
  db = await open(name, { gpu: false });
  rows = await collection({ name: 'rows', dimension: DIMENSION, metric: 'L2' });
  log = await collection({ name: 'log', dimension: 2, metric: 'L2', autoId: true });
}

/** Tabs may make it at the same time. */
async function collection(definition) {
  try {
    return await db.collection(definition.name);
  } catch (error) {
    if (error.code !== 'NotFound') throw error;
  }
  try {
    return await db.createCollection(definition);
  } catch (error) {
    if (error.code !== 'AlreadyExists' && error.code !== 'Interrupted') throw error;
    return await collection(definition);
  }
}

/** One write and its note; what is Interrupted is neither done nor not done. */
async function write(kind, value, work) {
  const began = Date.now();
  try {
    await work();
  } catch (error) {
    if (error.code !== 'Interrupted') throw error;
    state.interrupted++;
    await note('interrupted', began, { kind, value, message: error.message });
    return;
  }
  await note(kind, began, value);
}

async function lane(work) {
  try {
    while (!state.stopped) await work();
  } catch (error) {
    state.problems.push(`${error.code ?? error.name}: ${error.message}`);
    await note('problem', Date.now(), `${error.code ?? error.name}: ${error.message}`);
  }
}

const oneOf = (id) => ({ id, vector: vectorOf(id), tab: base });

async function insertSome() {
  const ids = Array.from({ length: 1 + (state.next % 4) }, () => state.next++);
  await write('rows', ids, () => rows.insert(ids.map(oneOf)));
}

async function comeAndGo() {
  const id = state.next++;
  await write('passing', [id], () => rows.upsert([oneOf(id)]));
  await write('gone', [id], () => rows.delete({ ids: [id] }));
}

/** `version` of the row with key `base`, and a row of the log with that number. */
async function goUp() {
  let version = 0;
  await lane(async () => {
    version++;
    await write('version', version, () => rows.upsert([{ ...oneOf(base), version }]));
    await write('logged', version, () => log.insert([{ vector: [1, version % 97], tab: base, version }]));
    if (version % 10 === 0) await rows.flush();
  });
}

function start() {
  state.stopped = false;
  state.lanes = [goUp(), ...Array.from({ length: LANES }, () => lane(insertSome)), lane(comeAndGo)];
}

async function stop() {
  state.stopped = true;
  await Promise.all(state.lanes);
  const { problems, interrupted } = state;
  return { problems, interrupted };
}

/** All that the database holds, and whether each row holds what it should. */
async function content() {
  const keys = Array.from(await rows.keys(), Number);
  const versions = {};
  let damaged = 0;
  for (let at = 0; at < keys.length; at += 1000) {
    for (const row of await rows.get({ ids: keys.slice(at, at + 1000) })) {
      if (vectorOf(row.id).some((value, i) => value !== row.vector[i])) damaged++;
      if (row.version !== undefined) versions[row.id] = Number(row.version);
    }
  }
  const logKeys = await log.keys();
  const logged = [];
  for (let at = 0; at < logKeys.length; at += 1000) {
    for (const row of await log.get({ ids: Array.from(logKeys.slice(at, at + 1000)) })) logged.push([Number(row.tab), Number(row.version)]);
  }
  return { keys, versions, logged, damaged, warnings: (await db.health()).warnings };
}

// Browsers that are started with nobody to drive them open one page; a frame is as good as a tab.
if (query.has('beside')) {
  const frame = document.createElement('iframe');
  frame.src = `?name=${query.get('name')}&base=${query.get('beside')}`;
  document.body.append(frame);
}

globalThis.tab = { base, stop, content, role: async () => (await db.health()).role, database: () => db };

try {
  await ready(query.get('name'));
  // A tab that nobody drives from outside tells what it finds.
  if (query.has('tell')) await fetch('/found', { method: 'POST', body: JSON.stringify({ tab: base, ...(await content()) }) });
  start();
} catch (error) {
  await note('problem', Date.now(), `${error.code ?? error.name}: ${error.message}`);
}
