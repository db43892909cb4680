// The sample data as the server is given it: 10,000 images of clothes, each its own vector. Ingesting is safe to
// repeat, since a row replaces the one with its key.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { decodeBvecs, decodeIvecs } from '../data/vecs.mjs';
import { at } from '../lib/tree.mjs';

export const collectionName = 'fashion';
export const classNames = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];

const dim = 784;
const batchRows = 500;

const unpacked = (name) => gunzipSync(readFileSync(at('data', `fashion-mnist.${name}.gz`)));
const labels = (name) => unpacked(name).toString('utf8').trimEnd().split('\n').map(Number);

export const readImages = () => ({ vectors: decodeBvecs(unpacked('base.bvecs')), labels: labels('base.labels.txt') });

/** Images that are not in the collection, and `truth`: the row numbers of the nearest ones of each, nearest first. */
export const readQueries = () => ({
  vectors: decodeBvecs(unpacked('query.bvecs')),
  labels: labels('query.labels.txt'),
  truth: decodeIvecs(unpacked('gt.ivecs')),
});

const definition = {
  collectionName,
  schema: {
    fields: [
      { fieldName: 'id', dataType: 'Int64', isPrimary: true },
      { fieldName: 'label', dataType: 'Int8' },
      { fieldName: 'name', dataType: 'VarChar', elementTypeParams: { max_length: 32 } },
      { fieldName: 'image', dataType: 'FloatVector', elementTypeParams: { dim } },
    ],
  },
  indexParams: [{ fieldName: 'image', indexName: 'image', metricType: 'L2' }],
};

function rowOf(images, id) {
  const label = images.labels[id];
  return { id, label, name: classNames[label], image: Array.from(images.vectors[id]) };
}

/** Whether the server holds every image. */
async function isComplete(post, count) {
  if (!(await post('collections/has', { collectionName })).data.has) return false;
  return (await post('collections/get_stats', { collectionName })).data.rowCount >= count;
}

/** Sees to it that the server holds every image. `onProgress(done, total)`. Returns the number of rows sent. */
export async function ingest(post, images, onProgress) {
  const total = images.vectors.length;
  if (await isComplete(post, total)) return 0;
  if (!(await post('collections/has', { collectionName })).data.has) await post('collections/create', definition);
  for (let first = 0; first < total; first += batchRows) {
    const count = Math.min(batchRows, total - first);
    await post('entities/insert', { collectionName, data: Array.from({ length: count }, (_, i) => rowOf(images, first + i)) });
    onProgress(first + count, total);
  }
  await post('collections/flush', { collectionName });
  return total;
}
