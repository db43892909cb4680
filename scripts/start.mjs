// npm start: installs and builds what is missing, starts the server on a data directory of its own, fills it with the
// sample images, searches for the first time and serves the demo page until Ctrl-C.
// Options: --port N (default 19530), --check (end after the first search and one request to the page).

import { parseArgs } from 'node:util';
import { build } from './build/build.mjs';
import { fail, hush, say, step } from './lib/log.mjs';
import { StepError } from './lib/run.mjs';
import { setUp } from './setup/setup.mjs';
import { searchAll } from './start/first-search.mjs';
import { freePort } from './start/port.mjs';
import { showProgress } from './start/progress.mjs';
import { restClient } from './start/rest.mjs';
import { classNames, ingest, readImages, readQueries } from './start/sample.mjs';
import { serverLog, startServer } from './start/server.mjs';

// What a search asks for unless told otherwise.
const recallMin = 0.95;

const flags = { check: { type: 'boolean', default: false }, port: { type: 'string', default: '19530' } };

function readFlags() {
  try {
    const { check, port } = parseArgs({ options: flags }).values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new StepError(`--port: expected 0 to 65535, found "${port}"`);
    return { check, port: Number(port) };
  } catch (error) {
    if (error.code?.startsWith('ERR_PARSE_ARGS_')) throw new StepError(`${error.message}\nUsage: npm start [-- [--check] [--port N]]`);
    throw error;
  }
}

function printSearch({ hits, recall, firstMs, medianMs }, queries) {
  say(`\nFirst search: the 10 images nearest to one of class "${classNames[queries.labels[0]]}" that the collection has never seen`);
  for (const { id, name, distance } of hits) say(`  image ${String(id).padEnd(6)} ${name.padEnd(12)} distance ${Math.sqrt(distance).toFixed(1)}`);
  say(`\n  recall@10     ${recall.toFixed(4)} over ${queries.vectors.length} searches, against the exact answer`);
  say(`  time          ${medianMs.toFixed(1)} ms a search over HTTP (median); the first took ${firstMs.toFixed(1)} ms\n`);
}

async function tryIt(url) {
  const post = restClient(url);
  const images = readImages();
  const queries = readQueries();
  await step('sample data', async () => {
    const sent = await ingest(post, images, showProgress);
    return sent === 0 ? 'as it was' : `${sent} images ingested`;
  });
  const answer = await searchAll(post, images, queries);
  printSearch(answer, queries);
  if (answer.recall < recallMin) throw new StepError(`recall@10 is ${answer.recall}; expected at least ${recallMin}`);
}

async function checkPage(page) {
  const response = await fetch(page);
  const text = await response.text();
  if (response.status !== 200) throw new StepError(`${page}: expected status 200, found ${response.status}`);
  const title = /<title>([^<]*)<\/title>/.exec(text)?.[1] ?? '';
  if (!title.includes('Elanus')) throw new StepError(`${page}: expected a title that names Elanus, found "${title}"`);
  return `${response.status} "${title}"`;
}

async function serve({ check, port: wanted }, interrupted) {
  say('\nServer');
  const port = await freePort(wanted);
  if (wanted !== 0 && port !== wanted) say(`  port ${wanted} is taken, using ${port}`);
  let server;
  await step('elanus serve', async () => {
    server = await startServer(port);
    return server.url;
  });
  const page = `${server.url}/demo/`;
  try {
    const work = async () => {
      await tryIt(server.url);
      await step('demo page', () => checkPage(page));
      await step('console', () => checkPage(`${server.url}/`));
      if (check) return;
      say(`\nThe demo page is at ${page}, the console at ${server.url}/ (Ctrl-C ends the server; its log is ${serverLog}).`);
      await server.exited;
      throw new StepError(`The server ended by itself; see ${serverLog}`);
    };
    const stop = async () => {
      await interrupted;
      say('\nStopping');
      hush();
    };
    await Promise.race([work(), stop()]);
  } finally {
    await server.stop();
  }
}

/** Resolves at the first Ctrl-C. Later ones are ignored: the server is being stopped. */
const interruption = () =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, resolve);
  });

try {
  const chosen = readFlags();
  await setUp();
  await build();
  await serve(chosen, interruption());
} catch (error) {
  fail(error);
}
process.exit(); // what an interrupted search left under way is of no more use
