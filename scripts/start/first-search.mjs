// The first search: images that the collection has never seen, looked up one by one over REST, and the answers
// compared with the exact nearest neighbours that data/ holds.

import { collectionName } from './sample.mjs';

const limit = 10;

function squaredDistance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** Hits that are no farther than the last of the true nearest: of equally distant images any is right. */
function found(hits, query, truth, images) {
  const farthest = squaredDistance(query, images.vectors[truth[limit - 1]]);
  return hits.filter(({ id }) => squaredDistance(query, images.vectors[id]) <= farthest).length;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Searches for every query. Returns the hits of the first, recall@10 over all, and milliseconds a search takes. */
export async function searchAll(post, images, queries) {
  const timesMs = [];
  const answers = [];
  for (const vector of queries.vectors) {
    const began = performance.now();
    const request = { collectionName, data: [Array.from(vector)], annsField: 'image', limit, outputFields: ['label', 'name'] };
    const { data } = await post('entities/search', request);
    timesMs.push(performance.now() - began);
    if (new Set(data.map(({ id }) => id)).size !== limit) throw new Error(`expected ${limit} different hits, found ${JSON.stringify(data)}`);
    answers.push(data);
  }
  const right = answers.reduce((sum, hits, i) => sum + found(hits, queries.vectors[i], queries.truth[i], images), 0);
  return { hits: answers[0], recall: right / (limit * answers.length), firstMs: timesMs[0], medianMs: median(timesMs) };
}
