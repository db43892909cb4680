// Paragraphs: a corpus of any size from the texts of a folder of test collections, for measuring speed. Sentences of all English
// texts are laid end to end, a text at a time; a paragraph is a window of 3 to 6 sentences that begins at each, so that every
// paragraph is there once and their words are as frequent as in the texts. Queries are those of the collections.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../usage-error.js';
import { readText, readTexts } from './collection.js';

const CORPORA = ['cranfield.corpus.jsonl.gz', 'xquad-en.corpus.jsonl.gz'];
const QUERIES = ['cranfield.queries.jsonl.gz', 'xquad-en.queries.jsonl.gz'];
const NOTES = 'notes-bge-micro.base.jsonl.gz';

export interface Paragraphs {
  readonly texts: readonly string[];
  readonly queries: readonly string[];
}

/** Errors: `UsageError` if the folder lacks them, or has fewer than `count`. */
export function readParagraphs(folder: string, count: number): Paragraphs {
  const path = (name: string): string => {
    if (!existsSync(join(folder, name))) throw new UsageError(`--data: ${name} is not in ${folder}`);
    return join(folder, name);
  };
  const documents = [...CORPORA.flatMap((name) => readTexts(path(name)).map(({ text }) => text)), ...notes(path(NOTES))];
  const texts = new Set<string>();
  for (const size of [4, 3, 5, 6]) {
    for (const document of documents) {
      const sentences = document.split(/(?<=[.!?])\s+|\n+/).filter((sentence) => sentence !== '');
      for (let first = 0; first === 0 || first + size <= sentences.length; first++) texts.add(sentences.slice(first, first + size).join(' '));
    }
    if (texts.size >= count) break;
  }
  if (texts.size < count) throw new UsageError(`--docs: the texts give ${texts.size} paragraphs, fewer than ${count}`);
  return { texts: [...texts].slice(0, count), queries: QUERIES.flatMap((name) => readTexts(path(name)).map(({ text }) => text)) };
}

function notes(path: string): readonly string[] {
  return readText(path).split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as { readonly text: string }).text);
}
