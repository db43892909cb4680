// What syncing is measured with beside RxDB: documents that keep every bit of their vectors, and how both are told apart.

import { describe, expect, test } from 'vitest';
import { sync } from '../../bench/commands/sync.js';
import { serveDocuments, VECTOR_FORMS } from '../../bench/sync/document-server.js';
import { peerLines } from '../../bench/sync/peer-lines.js';
import { judgedReplications } from '../../bench/sync/replicated.js';
import { UsageError } from '../../bench/usage-error.js';
import { random } from '../support/random.js';

const ROWS = 7;
const DIM = 5;
const next = random(3);
const base = { n: ROWS, d: DIM, values: Float32Array.from({ length: ROWS * DIM }, () => next() - 0.5) };
const notes = Array.from({ length: ROWS }, (_, id) => ({ id, folder: 'a "folder"', text: `note ${id}` }));

interface Batch {
  readonly documents: readonly { readonly id: string; readonly folder: string; readonly text: string; readonly meaning: string | readonly number[]; readonly _deleted: boolean }[];
  readonly checkpoint: { readonly next: number };
}

const vectorOf = (meaning: string | readonly number[]): readonly number[] => (typeof meaning === 'string' ? [...new Float32Array(Uint8Array.from(Buffer.from(meaning, 'base64')).buffer)] : [...Float32Array.from(meaning)]);

describe('documents', () => {
  test.each(VECTOR_FORMS.flatMap((form) => [[form, 3], [form, 7]] as const))('with vectors as %s come in batches of %i, each once, and keep every bit', async (form, batchRows) => {
    const server = await serveDocuments(notes, base, form, batchRows, 'http://page');
    const came: Batch['documents'][number][] = [];
    let compressed = true;
    for (let at = 0, last: number = batchRows; last === batchRows; ) {
      const response = await fetch(`${server.url}/${at}`);
      compressed &&= response.headers.get('content-encoding') === 'gzip';
      const { documents, checkpoint } = (await response.json()) as Batch;
      came.push(...documents);
      [at, last] = [checkpoint.next, documents.length];
    }
    await server.close();
    expect(came.map(({ meaning, ...rest }) => ({ ...rest, vector: vectorOf(meaning) }))).toEqual(notes.map(({ id, folder, text }) => ({ id: String(id), folder, text, _deleted: false, vector: [...base.values.subarray(id * DIM, (id + 1) * DIM)] })));
    expect(compressed).toBe(true);
    expect(server.compressedBytes).toBeLessThan(server.bytes);
  });
});

describe('the lines', () => {
  const own = { usefulMs: 100, wholeMs: 900, usefulBytes: 50, wholeBytes: 400, bytes: 410 };
  const replication = { form: 'base64', beganAtMs: 0, wholeMs: 1000, loadedMs: 10, searchedMs: 20, rows: 7, ids: [], bodyBytes: 200, bytes: 210, uncompressedBytes: 800, recall: 1 } as const;
  const verdicts = (lines: ReturnType<typeof peerLines>) => lines.filter(({ must }) => must !== undefined).map(({ measured, met }) => [measured, met]);

  test('judge by the time and the bytes until a search is of use, and by those of the whole copy', () => {
    expect(verdicts(peerLines(own, [replication], 's'))).toEqual([[10, true], [0.25, true], [2, false]]);
    expect(verdicts(peerLines({ ...own, usefulMs: 101, usefulBytes: 67, wholeBytes: 66 }, [replication], 's'))).toEqual([[9.901, false], [0.335, false], [0.33, true]]);
  });

  test('are one set for each form that was measured', () => {
    const lines = peerLines(own, [replication, { ...replication, form: 'array', wholeMs: 2000 }], 's');
    expect(lines.filter(({ must }) => must === 10).map(({ measured, peer }) => [measured, peer?.name])).toEqual([[10, 'RxDB, base64'], [20, 'RxDB, array']]);
  });
});

test('a replication that lacks rows is seen by the recall of its answers', () => {
  const asked = { n: 1, d: DIM, values: base.values.slice(0, DIM) };
  const replication = { form: 'base64', beganAtMs: 0, wholeMs: 1, loadedMs: 1, searchedMs: 1, rows: 7, bodyBytes: 1, bytes: 1, uncompressedBytes: 1 } as const;
  const recallOf = (ids: readonly number[]) => judgedReplications([{ ...replication, ids: [ids] }], base, asked)[0]?.recall;
  expect(recallOf([0, 1, 2, 3, 4, 5, 6])).toBe(1);
  expect(recallOf([0, 1, 2])).toBeLessThan(0.5);
});

test('an unknown peer is refused with the flag', async () => {
  await expect(sync(['sync', '--peer', 'pouchdb'])).rejects.toThrow(UsageError);
  await expect(sync(['sync', '--peer', 'pouchdb'])).rejects.toThrow('--peer: expected one of rxdb, none');
});
