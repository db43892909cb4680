// Changed: what a server is asked between two syncs: some rows of a collection are written anew and sealed, and whatever it
// then does by itself is waited for.

import type { Vectors } from '../target.js';
import { COLLECTION } from './prepared.js';

const BATCH_ROWS = 100;
/** Merges and indexes begin within this time after a seal. */
const SETTLE_MS = 3000;

interface Manifest {
  readonly version: number;
  readonly segments: readonly { readonly rowsFile: Sized; readonly deletions?: Sized; readonly index?: Sized; readonly indexes?: Readonly<Record<string, Sized>> }[];
}

interface Sized {
  readonly sizeBytes: number;
}

/** Writes a share of the rows anew, spread over all of them, each with a vector a little off; gives how many. */
export async function changedNotes(url: string, { n, d, values }: Vectors, share: number): Promise<number> {
  const step = Math.floor(1 / share);
  const ids = Array.from({ length: Math.ceil(n / step) }, (_, at) => at * step);
  for (let first = 0; first < ids.length; first += BATCH_ROWS) {
    const data = ids.slice(first, first + BATCH_ROWS).map((id) => ({ id, folder: 'changed', text: `note ${id}, written anew`, meaning: Array.from((values as Float32Array).subarray(id * d, (id + 1) * d), (value, at) => value + 1e-3 * ((at % 7) - 3)) }));
    await post(url, 'entities/upsert', { collectionName: COLLECTION, data });
  }
  await post(url, 'collections/flush', { collectionName: COLLECTION });
  for (let before = -1, { version } = await manifestOf(url); version !== before; { version } = await manifestOf(url)) {
    before = version;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  return ids.length;
}

/** Of all files that a copy has. */
export async function fileBytes(url: string): Promise<number> {
  const { segments } = await manifestOf(url);
  const sizes = segments.flatMap(({ rowsFile, deletions, index, indexes = {} }) => [rowsFile, deletions, index, ...Object.values(indexes)]);
  return sizes.reduce((sum, file) => sum + (file?.sizeBytes ?? 0), 0);
}

async function manifestOf(url: string): Promise<Manifest> {
  const response = await fetch(`${url}/v1/collections/${COLLECTION}/manifest`);
  if (!response.ok) throw new Error(`GET manifest: status ${response.status}`);
  return (await response.json()) as Manifest;
}

async function post(url: string, verb: string, body: object): Promise<void> {
  const response = await fetch(`${url}/v2/vectordb/${verb}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const { code, message } = (await response.json()) as { readonly code: number; readonly message?: string };
  if (code !== 0) throw new Error(`${verb}: ${code} ${String(message)}`);
}
