// Writes test/text/own-sums.json and test/text/tatoeba60-sums.json, by `npx tsx test/text/make-conformance.ts`: to be run only when terms are
// meant to change, which makes every stored index of texts wrong.

import { writeFileSync } from 'node:fs';
import { groupsOf, ownSums, termSums } from './conformance.js';
import { readShared } from './shared-data.js';

async function write(name: string, sums: unknown): Promise<void> {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(sums)}\n`);
}

await write('own-sums.json', await ownSums());
const lines = readShared('tatoeba60.jsonl.gz');
if (lines === undefined) throw new Error('tatoeba60.jsonl.gz is not there');
await write('tatoeba60-sums.json', await termSums(groupsOf(lines)));
