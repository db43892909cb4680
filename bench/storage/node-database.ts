// The published build for Node, as its users open it.

import { pathToFileURL } from 'node:url';
import type { Database } from '../../src/engine/api.js';
import { inRepository } from '../repository.js';

type Open = (name: string, options: { readonly directory: string; readonly concurrent?: boolean }) => Promise<Database>;

export async function importOpen(): Promise<Open> {
  const { open } = (await import(pathToFileURL(inRepository('dist/node.js')).href)) as { readonly open: Open };
  return open;
}

const POLL_MS = 100;
const WAIT_MAX_MS = 1_800_000;

/** Waits until every segment that gets an index has one. Errors: when half an hour was not enough. */
export async function indexed(database: Database, name: string): Promise<void> {
  for (let waited = 0; waited < WAIT_MAX_MS; waited += POLL_MS) {
    const { fieldName } = (await database.describeCollection(name)).schema.fields.filter(({ type }) => type === 'FloatVector').map((field) => ({ fieldName: field.name }))[0] as { readonly fieldName: string };
    if ((await database.describeIndex(name, { fieldName })).state === 'Finished') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${name}: no index after ${WAIT_MAX_MS} ms`);
}
