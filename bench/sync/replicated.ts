// Replicated: the notes as documents in RxDB, in a page of its own behind the same network, once for each form that a document
// can have a vector in.

import { rounded } from '../log.js';
import type { Chromium } from '../storage/chromium.js';
import type { Vectors } from '../target.js';
import { serveDocuments, VECTOR_FORMS, type VectorForm } from './document-server.js';
import type { Note } from './prepared.js';
import { replicateInPage, type PageReplicated } from './rxdb-in-page.js';
import { judgedAnswers, K } from './search-lines.js';
import { throttle, type Network } from './throttle.js';

/** Brute force in a page is slow: this many queries tell whether it has all rows. */
const QUERIES = 5;
/** How far the browser's count of bytes may be from the server's. */
const COUNT_OFF_MAX = 0.01;

export interface Replication extends PageReplicated {
  readonly form: VectorForm;
  /** As they came over the network, and with heads. */
  readonly bodyBytes: number;
  readonly bytes: number;
  /** Before they were compressed. */
  readonly uncompressedBytes: number;
}

export interface ReplicationOptions {
  readonly browser: Chromium;
  readonly notes: readonly Note[];
  readonly base: Vectors;
  readonly asked: Vectors;
  readonly network: Network;
  readonly batchRows: number;
}

/** `rxdb.js` must be among the browser's files. */
export async function replicated(options: ReplicationOptions): Promise<readonly Replication[]> {
  const done: Replication[] = [];
  for (const form of VECTOR_FORMS) done.push(await replicate(form, options));
  return done;
}

async function replicate(form: VectorForm, { browser, notes, base, asked, network, batchRows }: ReplicationOptions): Promise<Replication> {
  const page = await browser.page();
  const server = await serveDocuments(notes, base, form, batchRows, new URL(page.url()).origin);
  try {
    const queries = Array.from({ length: Math.min(QUERIES, asked.n) }, (_, q) => [...(asked.values as Float32Array).subarray(q * asked.d, (q + 1) * asked.d)]);
    const throttled = await throttle(page, network);
    const found = await page.evaluate(replicateInPage, { name: `rxdb_${form}_${Date.now()}`, url: server.url, form, batchRows, dim: base.d, queries, k: K });
    const span = { fromMs: found.beganAtMs };
    const bodyBytes = throttled.bodyBytes(span);
    if (Math.abs(bodyBytes / server.compressedBytes - 1) > COUNT_OFF_MAX) throw new Error(`expected ${server.compressedBytes} bytes of documents to come, counted ${bodyBytes}`);
    return { ...found, form, bodyBytes, bytes: throttled.bytes(span), uncompressedBytes: server.bytes };
  } finally {
    await page.close();
    await server.close();
  }
}

/** With the mean recall of their answers. */
export function judgedReplications(replications: readonly Replication[], base: Vectors, asked: Vectors): readonly (Replication & { readonly recall: number })[] {
  return replications.map((done) => {
    const found = judgedAnswers(done.ids.map((ids, query) => ({ ids, query })), base, asked);
    return { ...done, recall: rounded(found.reduce((sum, answer) => sum + answer.found, 0) / found.length) };
  });
}
