// Notes: a collection that lives in this browser alone: passages to begin with, and what the visitor writes. Each note is
// found by its words (BM25) and by vectors of letters, both made here.

import type { Collection, Database, Hit, HybridOfOne } from 'elanus';
import { LETTERS_DIM, lettersVector } from './letters.js';
import { fetchPassages } from './passages.js';

export type Way = 'both' | 'words' | 'letters';

export interface Note {
  readonly id: bigint;
  readonly title: string;
  readonly text: string;
  /** Written by the visitor. */
  readonly own: boolean;
  /** Parts of the text; those at odd places are what was looked for. */
  readonly parts: readonly string[];
}

const NAME = 'notes';
const OUTPUT = ['title', 'text', 'own'];
export const TEXT_MAX = 4000;
const OWN_MAX = 200;
/** Below this two texts share letters by chance. */
const LETTERS_LEAST = 0.16;
/** By a third of the questions of XQuAD over these passages: with it the right paragraph comes first as often as by words alone, and far more often where letters are left out. */
const WORDS_WEIGHT = 0.6;
// No text has these.
const [MARK, END] = ['\u0001', '\u0002'];

/** Fills it at first, all at once, in one of the tabs that are open. */
export async function openNotes(db: Database): Promise<Collection> {
  return alone(async () => {
    if (!(await db.hasCollection(NAME))) await create(db);
    const notes = (await db.collection(NAME)) as Collection;
    if ((await notes.count('own == false')) === 0) {
      const passages = await fetchPassages();
      await notes.insert(passages.map(({ title, text }, at) => rowOf(BigInt(at), title, text, false)));
      await notes.flush();
    }
    return notes;
  });
}

/** One tab at a time. Without locks, as over plain HTTP, tabs share nothing anyway. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  return locks === undefined ? work() : (locks.request('elanus-demo-notes', work) as Promise<T>);
}

async function create(db: Database): Promise<void> {
  await db.createCollection({
    name: NAME,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'title', type: 'VarChar', maxLength: 200 },
      { name: 'text', type: 'VarChar', maxLength: 4 * TEXT_MAX, enableAnalyzer: true, analyzerParams: { type: 'english' } },
      { name: 'own', type: 'Bool' },
      { name: 'letters', type: 'FloatVector', dim: LETTERS_DIM, metric: 'COSINE' },
      { name: 'words', type: 'SparseFloatVector' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }],
  });
}

function rowOf(id: bigint, title: string, text: string, own: boolean) {
  return { id, title, text, own, letters: lettersVector(`${title} ${text}`) };
}

/** Both searches as one, by what each scores; by one alone, in its order. */
export async function searchNotes(notes: Collection, text: string, way: Way, limit: number): Promise<readonly Note[]> {
  const byWords = { annsField: 'words', data: text };
  const byLetters = { annsField: 'letters', data: lettersVector(text), radius: LETTERS_LEAST };
  const searches: HybridOfOne['searches'] = way === 'both' ? [byWords, byLetters] : [way === 'words' ? byWords : byLetters];
  const highlight = { preTags: [MARK], postTags: [END], fragmentOffset: 4 * TEXT_MAX, fragmentSize: 8 * TEXT_MAX, numOfFragments: 1, highlightQueries: [{ field: 'text', text }] };
  const { hits } = await notes.hybridSearch({ searches, limit, outputFields: OUTPUT, rerank: { kind: 'weighted', weights: way === 'both' ? [WORDS_WEIGHT, 1 - WORDS_WEIGHT] : [1], normalize: 'minmax' }, highlight });
  return hits.map(noteOf);
}

/** The nearest by letters to a note that is there, itself left out. */
export async function similarNotes(notes: Collection, id: bigint, limit: number): Promise<readonly Note[]> {
  const { hits } = await notes.search({ annsField: 'letters', ids: [id], limit: limit + 1, outputFields: OUTPUT });
  return (hits[0] ?? []).filter((hit) => hit.id !== id).slice(0, limit).map(noteOf);
}

/** Some of those that were there to begin with. */
export async function someNotes(notes: Collection, count: number): Promise<readonly Note[]> {
  const total = await notes.count('own == false');
  const ids = Array.from({ length: count }, () => BigInt(Math.floor(Math.random() * total)));
  const rows = await notes.get({ ids: [...new Set(ids)], outputFields: OUTPUT });
  return rows.map((row) => noteOf({ id: row['id'] as bigint, score: 0, fields: row }));
}

/** Those of the visitor, the newest first. */
export async function ownNotes(notes: Collection): Promise<readonly Note[]> {
  const rows = await notes.query({ filter: 'own == true', outputFields: OUTPUT, orderBy: [{ field: 'id', desc: true }], limit: OWN_MAX });
  return rows.map((row) => noteOf({ id: row['id'] as bigint, score: 0, fields: row }));
}

/** Its id tells when it was written; two tabs do not write within the same microsecond. */
export async function addNote(notes: Collection, text: string): Promise<void> {
  const id = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
  await notes.insert([rowOf(id, 'Your note', text, true)]);
}

export async function removeNote(notes: Collection, id: bigint): Promise<void> {
  await notes.delete({ ids: [id] });
}

function noteOf({ id, fields, highlight }: Hit): Note {
  const text = fields['text'] as string;
  const marked = highlight?.['text']?.[0];
  return { id: id as bigint, title: fields['title'] as string, text, own: fields['own'] as boolean, parts: marked === undefined ? [text] : marked.split(new RegExp(`[${MARK}${END}]`)) };
}
