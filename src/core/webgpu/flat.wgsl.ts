// The kernels of exact search on a GPU, and the sizes that they share with who calls them. Three dispatches per slab
// of rows: `score` writes one key per query and row, `selectParts` keeps the k best of each part of the slab,
// `mergeParts` merges them into the winners of the slabs before. A key is the score's bits, mapped so that a smaller
// unsigned number is a nearer row; (key, row) pairs are totally ordered, so no result depends on timing.
// Needs nothing beyond WebGPU's default limits: 256 invocations and 10 KiB of workgroup storage.

/** Queries whose keys and winners are held at once. */
export const QUERIES_PER_BATCH = 128;
/** Rows whose keys are held at once; a multiple of ROW_TILE. */
export const ROWS_PER_SLAB_MAX = 65_536;
/** Rows from which one workgroup selects. */
export const ROWS_PER_PART = 4096;
/** Half of the largest array that a workgroup sorts: the other half takes what is new. */
export const K_MAX = 512;
export const QUERY_TILE = 32;
export const ROW_TILE = 128;
/** The key of a score that is NaN: worse than every other. */
export const NAN_KEY = 0xffff_fffe;
/** The key of a place that no row took. */
export const EMPTY_KEY = 0xffff_ffff;

const LANES = 256;
const QUADS_PER_STEP = 4;
// Steps summed before they are added to the total: near the square root of the most there can be, so that
// rounding grows with about 2 sqrt(dim / 4) and not with dim / 4.
const STEPS_PER_SUM = 16;

/** Entries that a workgroup sorts for `k`: k places, and room for one new pair of every lane. */
export function sortSize(k: number): number {
  return k + LANES <= K_MAX ? K_MAX : 2 * K_MAX;
}

export const FLAT_WGSL = /* wgsl */ `
// True for L2, false for the inner product; constant once the pipeline is built.
override squaredDistance: bool;

struct Params {
  quads: u32,      // vec4s per vector
  rows: u32,       // of this slab
  firstRow: u32,   // number of its first row in the index
  queries: u32,    // of this batch
  k: u32,
  sortSize: u32,
  parts: u32,      // of this slab
  filtered: u32,   // 0: alive is not looked at
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rowVectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> queryVectors: array<vec4f>;
@group(0) @binding(3) var<storage, read> alive: array<u32>;
@group(0) @binding(4) var<storage, read_write> keys: array<u32>;
@group(0) @binding(5) var<storage, read_write> candidates: array<vec2u>;
@group(0) @binding(6) var<storage, read_write> winners: array<vec2u>;

var<workgroup> queryTile: array<vec4f, ${QUADS_PER_STEP * QUERY_TILE}>;
var<workgroup> rowTile: array<vec4f, ${QUADS_PER_STEP * ROW_TILE}>;

fn queryQuad(query: u32, quad: u32) -> vec4f {
  if (query < params.queries && quad < params.quads) { return queryVectors[query * params.quads + quad]; }
  return vec4f();
}

fn rowQuad(row: u32, quad: u32) -> vec4f {
  if (row < params.rows && quad < params.quads) { return rowVectors[row * params.quads + quad]; }
  return vec4f();
}

// L2 is summed from differences: |a|^2 + |b|^2 - 2ab would cancel where it matters, between near vectors.
fn term(query: vec4f, row: vec4f) -> f32 {
  if (squaredDistance) {
    let difference = query - row;
    return dot(difference, difference);
  }
  return dot(query, row);
}

// By bits alone, as a shader compiler may assume that floats are finite. Zeros of both signs are equal.
fn keyOf(sum: f32) -> u32 {
  let bits = bitcast<u32>(sum) ^ select(0x80000000u, 0u, squaredDistance);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return ${NAN_KEY}u; }
  if (magnitude == 0u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

fn writeKeys(query: u32, row: u32, sums: vec4f) {
  if (query >= params.queries) { return; }
  for (var i = 0u; i < 4u; i++) {
    if (row + i * 32u < params.rows) { keys[query * params.rows + row + i * 32u] = keyOf(sums[i]); }
  }
}

// A tile of ${QUERY_TILE} queries x ${ROW_TILE} rows; each lane sums 4 x 4 of it.
@compute @workgroup_size(${LANES})
fn score(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let firstQuery = group.y * ${QUERY_TILE}u;
  let firstRow = group.x * ${ROW_TILE}u;
  let vectorInTile = lane / ${QUADS_PER_STEP}u;
  let quadInStep = lane % ${QUADS_PER_STEP}u;
  let query = lane / 32u;
  let row = lane % 32u;
  var total0 = vec4f(); var total1 = vec4f(); var total2 = vec4f(); var total3 = vec4f();
  var sum0 = vec4f(); var sum1 = vec4f(); var sum2 = vec4f(); var sum3 = vec4f();

  for (var step = 0u; step * ${QUADS_PER_STEP}u < params.quads; step++) {
    let quad = step * ${QUADS_PER_STEP}u + quadInStep;
    if (vectorInTile < ${QUERY_TILE}u) {
      queryTile[quadInStep * ${QUERY_TILE}u + vectorInTile] = queryQuad(firstQuery + vectorInTile, quad);
    }
    for (var i = vectorInTile; i < ${ROW_TILE}u; i += ${LANES / QUADS_PER_STEP}u) {
      rowTile[quadInStep * ${ROW_TILE}u + i] = rowQuad(firstRow + i, quad);
    }
    workgroupBarrier();
    for (var i = 0u; i < ${QUADS_PER_STEP}u; i++) {
      let r0 = rowTile[i * ${ROW_TILE}u + row];
      let r1 = rowTile[i * ${ROW_TILE}u + row + 32u];
      let r2 = rowTile[i * ${ROW_TILE}u + row + 64u];
      let r3 = rowTile[i * ${ROW_TILE}u + row + 96u];
      let q0 = queryTile[i * ${QUERY_TILE}u + query];
      let q1 = queryTile[i * ${QUERY_TILE}u + query + 8u];
      let q2 = queryTile[i * ${QUERY_TILE}u + query + 16u];
      let q3 = queryTile[i * ${QUERY_TILE}u + query + 24u];
      sum0 += vec4f(term(q0, r0), term(q0, r1), term(q0, r2), term(q0, r3));
      sum1 += vec4f(term(q1, r0), term(q1, r1), term(q1, r2), term(q1, r3));
      sum2 += vec4f(term(q2, r0), term(q2, r1), term(q2, r2), term(q2, r3));
      sum3 += vec4f(term(q3, r0), term(q3, r1), term(q3, r2), term(q3, r3));
    }
    workgroupBarrier();
    if (step % ${STEPS_PER_SUM}u == ${STEPS_PER_SUM - 1}u) {
      total0 += sum0; total1 += sum1; total2 += sum2; total3 += sum3;
      sum0 = vec4f(); sum1 = vec4f(); sum2 = vec4f(); sum3 = vec4f();
    }
  }
  writeKeys(firstQuery + query, firstRow + row, total0 + sum0);
  writeKeys(firstQuery + query + 8u, firstRow + row, total1 + sum1);
  writeKeys(firstQuery + query + 16u, firstRow + row, total2 + sum2);
  writeKeys(firstQuery + query + 24u, firstRow + row, total3 + sum3);
}

const EMPTY = vec2u(${EMPTY_KEY}u);

// The k best (key, row) pairs so far, sorted, then \`pending\` new ones that are nearer than the k-th, unsorted.
var<workgroup> best: array<vec2u, ${2 * K_MAX}>;
var<workgroup> pending: atomic<u32>;
var<workgroup> pendingSeen: u32;

fn nearer(a: vec2u, b: vec2u) -> bool {
  return a.x < b.x || (a.x == b.x && a.y < b.y);
}

fn offer(pair: vec2u) {
  if (nearer(pair, best[params.k - 1u])) { best[params.k + atomicAdd(&pending, 1u)] = pair; }
}

// True if the next offers of all lanes might not fit. The same for every lane.
fn isCrowded(lane: u32) -> bool {
  workgroupBarrier();
  if (lane == 0u) { pendingSeen = atomicLoad(&pending); }
  return workgroupUniformLoad(&pendingSeen) + ${LANES}u > params.sortSize - params.k;
}

fn clearFrom(first: u32, lane: u32) {
  for (var i = first + lane; i < params.sortSize; i += ${LANES}u) { best[i] = EMPTY; }
  if (lane == 0u) { atomicStore(&pending, 0u); }
  workgroupBarrier();
}

// Bitonic sort of all entries, then only the k best are kept.
fn settle(lane: u32) {
  workgroupBarrier();
  for (var span = 2u; span <= params.sortSize; span <<= 1u) {
    for (var gap = span >> 1u; gap > 0u; gap >>= 1u) {
      for (var i = lane; i < params.sortSize / 2u; i += ${LANES}u) {
        let low = 2u * i - (i & (gap - 1u));
        let a = best[low];
        let b = best[low + gap];
        if (nearer(b, a) == ((low & span) == 0u)) {
          best[low] = b;
          best[low + gap] = a;
        }
      }
      workgroupBarrier();
    }
  }
  clearFrom(params.k, lane);
}

fn isAlive(row: u32) -> bool {
  return params.filtered == 0u || ((alive[row >> 5u] >> (row & 31u)) & 1u) == 1u;
}

// One workgroup per part of the slab and query.
@compute @workgroup_size(${LANES})
fn selectParts(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let query = group.y;
  let first = group.x * ${ROWS_PER_PART}u;
  let end = min(first + ${ROWS_PER_PART}u, params.rows);
  clearFrom(0u, lane);
  for (var base = first; base < end; base += ${LANES}u) {
    let row = base + lane;
    if (row < end && isAlive(row)) { offer(vec2u(keys[query * params.rows + row], params.firstRow + row)); }
    if (isCrowded(lane)) { settle(lane); }
  }
  settle(lane);
  for (var i = lane; i < params.k; i += ${LANES}u) {
    candidates[(query * params.parts + group.x) * params.k + i] = best[i];
  }
}

// One workgroup per query.
@compute @workgroup_size(${LANES})
fn mergeParts(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let query = group.x;
  let count = params.parts * params.k;
  clearFrom(0u, lane);
  if (params.firstRow > 0u) {
    for (var i = lane; i < params.k; i += ${LANES}u) { best[i] = winners[query * params.k + i]; }
    workgroupBarrier();
  }
  for (var base = 0u; base < count; base += ${LANES}u) {
    if (base + lane < count) { offer(candidates[query * count + base + lane]); }
    if (isCrowded(lane)) { settle(lane); }
  }
  settle(lane);
  for (var i = lane; i < params.k; i += ${LANES}u) { winners[query * params.k + i] = best[i]; }
}
`;
