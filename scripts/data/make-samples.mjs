// Makes data/ from the original data sets: node scripts/data/make-samples.mjs FOLDER. The folder holds Fashion-MNIST as
// gzipped .bvecs with labels and XQuAD's English part as gzipped .jsonl and .tsv. The same input gives the same
// bytes. Nearest neighbours are found by comparing each query with every row, in exact integers.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { at } from '../lib/tree.mjs';
import { decodeBvecs } from './vecs.mjs';

const rowsTotal = 10_000;
const queriesTotal = 100;
const depth = 100;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node scripts/data/make-samples.mjs FOLDER');

const source = (name) => gunzipSync(readFileSync(join(folder, name)));
const save = (name, bytes) => writeFileSync(at('data', name), gzipSync(bytes, { level: 9 }));

function firstLines(text, count) {
  const lines = text.toString('utf8').split('\n').slice(0, count);
  if (lines.length < count || lines.includes('')) throw new Error(`expected at least ${count} labels`);
  return Buffer.from(`${lines.join('\n')}\n`);
}

function squaredDistance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** Row numbers of the `depth` nearest rows, by distance, then number. */
function nearest(query, rows) {
  return rows
    .map((row, number) => ({ number, distance: squaredDistance(query, row) }))
    .sort((a, b) => a.distance - b.distance || a.number - b.number)
    .slice(0, depth)
    .map(({ number }) => number);
}

function encodeIvecs(lists) {
  return Buffer.concat(lists.map((list) => Buffer.from(Int32Array.of(list.length, ...list).buffer)));
}

mkdirSync(at('data'), { recursive: true });
const base = source('fashion-mnist.base.bvecs.gz');
const queries = source('fashion-mnist.query.bvecs.gz');
const rows = decodeBvecs(base).slice(0, rowsTotal);
const asked = decodeBvecs(queries).slice(0, queriesTotal);
const bytesEach = 4 + rows[0].length;
save('fashion-mnist.base.bvecs.gz', base.subarray(0, rowsTotal * bytesEach));
save('fashion-mnist.query.bvecs.gz', queries.subarray(0, queriesTotal * bytesEach));
save('fashion-mnist.base.labels.txt.gz', firstLines(source('fashion-mnist.base.labels.txt.gz'), rowsTotal));
save('fashion-mnist.query.labels.txt.gz', firstLines(source('fashion-mnist.query.labels.txt.gz'), queriesTotal));
save('fashion-mnist.gt.ivecs.gz', encodeIvecs(asked.map((query) => nearest(query, rows))));
for (const name of ['xquad-en.corpus.jsonl.gz', 'xquad-en.queries.jsonl.gz', 'xquad-en.qrels.tsv.gz']) save(name, source(name));
