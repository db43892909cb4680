// Test collections as BEIR has them: corpus.jsonl (_id, title, text), queries.jsonl (_id, text), qrels.tsv (query, document,
// grade); plain or gzipped. Files are untrusted: what is no such line is refused with its number.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../usage-error.js';

export interface Text {
  readonly id: string;
  readonly text: string;
}

/** Grades above 0 by document, by query. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface TestCollection {
  readonly corpus: readonly Text[];
  /** Only those that a document was judged for. */
  readonly queries: readonly Text[];
  readonly judgements: Judgements;
}

/** Errors: `UsageError`. */
export function readCollection(paths: { readonly corpus: string; readonly queries: string; readonly qrels: string }): TestCollection {
  const judgements = readJudgements(paths.qrels);
  const corpus = readTexts(paths.corpus);
  const queries = readTexts(paths.queries).filter(({ id }) => judgements.has(id));
  if (corpus.length === 0) throw new UsageError(`${paths.corpus}: holds no document`);
  if (queries.length === 0) throw new UsageError(`${paths.queries}: holds no query that ${paths.qrels} judges`);
  return { corpus, queries, judgements };
}

/** A title goes before the text unless the text begins with it. */
export function readTexts(path: string): readonly Text[] {
  return lines(path).map((line, i) => {
    const { _id, title = '', text } = parsed(path, i, line);
    if (typeof _id !== 'string' || typeof text !== 'string' || typeof title !== 'string') throw new UsageError(`${path}: line ${i + 1}: expected the texts _id and text, and maybe title`);
    return { id: _id, text: title === '' || text.startsWith(title) ? text : `${title} ${text}` };
  });
}

function parsed(path: string, i: number, line: string): { readonly _id?: unknown; readonly title?: unknown; readonly text?: unknown } {
  try {
    return JSON.parse(line) as { readonly _id?: unknown };
  } catch (error) {
    throw new UsageError(`${path}: line ${i + 1}: ${(error as Error).message}`);
  }
}

function readJudgements(path: string): Judgements {
  const byQuery = new Map<string, Map<string, number>>();
  lines(path).forEach((line, i) => {
    const [query = '', document = '', grade = ''] = line.split('\t');
    if (i === 0 && Number.isNaN(Number(grade))) return; // names of the columns
    if (document === '' || grade === '' || Number.isNaN(Number(grade))) throw new UsageError(`${path}: line ${i + 1}: expected query, document and grade between tabs, found ${JSON.stringify(line)}`);
    if (!(Number(grade) > 0)) return;
    const grades = byQuery.get(query) ?? new Map<string, number>();
    grades.set(document, Number(grade));
    byQuery.set(query, grades);
  });
  return byQuery;
}

function lines(path: string): readonly string[] {
  return readText(path).split(/\r?\n/).filter((line) => line !== '');
}

/** Errors: `UsageError`. */
export function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new UsageError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}
