// Scan: exact search by looking at every row that takes part. Rows are gathered, in order, into blocks that stay in the
// second-level cache while every query of a group is compared with them, so that a group reads the rows from memory
// once. All state is in fixed arrays and the caller's outputs.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/top_k.h"
#include "elanus.h"
#include "kernels/kernels.h"

namespace elanus {

constexpr uint32_t kGroupQueriesMax = 64;

// One query's computing does not hide reading, so the rows to come are asked for; where that takes an instruction of
// its own for each line, the machine's own reading ahead of rows in order is better.
#if defined(__wasm__)
constexpr bool kReadsAhead = false;
#else
constexpr bool kReadsAhead = true;
#endif

// Rows of a block: some for every tile, no more than the cache holds.
inline uint32_t block_rows(size_t row_bytes) {
  constexpr size_t kBlockBytes = 256 * 1024;
  constexpr uint32_t kBlockRowsMin = 8;
  const size_t fit = kBlockBytes / row_bytes;
  if (fit >= kBlockRowsMax) return kBlockRowsMax;
  return fit <= kBlockRowsMin ? kBlockRowsMin : uint32_t(fit);
}

// The 64 rows from `first` on that take part; never a row at or beyond `size`. REQUIRES: first < size.
inline uint64_t alive_word(const uint8_t *alive, uint32_t first, uint32_t size) {
  uint64_t word = ~uint64_t(0);
  if (alive != nullptr) memcpy(&word, alive + first / 8, sizeof(word));
  return size - first >= 64 ? word : word & ((uint64_t(1) << (size - first)) - 1);
}

// The keys from `first` on that are below `end`; no NaN is among them.
struct KeyRange {
  float first;
  float end;
};

// elanus_range as keys: those of similarities are their negatives.
inline KeyRange key_range(const elanus_range &range, bool is_distance) {
  return is_distance ? KeyRange{range.range_filter, range.radius} : KeyRange{-range.range_filter, -range.radius};
}

// What elanus_flat_search asks for, but for the queries: scores are keys, the smaller the better.
struct Wanted {
  uint32_t query_count;
  uint32_t k;
  const uint8_t *alive;
  uint32_t *counts;
  uint32_t *rows;
  float *scores;
  const KeyRange *range = nullptr;  // NULL: every key, NaN as well
};

// Offers rows in ascending order. Most blocks hold nothing better than what is there, which one pass without branches
// tells.
inline void offer_block(TopK &best, const uint32_t *rows, const float *keys, uint32_t row_count) {
  const float bar = best.bar();
  if (bar < __builtin_inff()) {
    bool any = false;
    for (uint32_t r = 0; r < row_count; r++) any |= !(keys[r] >= bar);
    if (!any) return;
  }
  for (uint32_t r = 0; r < row_count; r++) best.offer(rows[r], keys[r]);
}

// As offer_block, of the keys in a range.
inline void offer_block(TopK &best, const KeyRange &range, const uint32_t *rows, const float *keys, uint32_t row_count) {
  const float bar = best.bar() < range.end ? best.bar() : range.end;
  bool any = false;
  for (uint32_t r = 0; r < row_count; r++) any |= keys[r] < bar;
  if (!any) return;
  for (uint32_t r = 0; r < row_count; r++) {
    if (keys[r] >= range.first && keys[r] < range.end) best.offer(rows[r], keys[r]);
  }
}

// The best k rows of each query of a group. group.keys(rows, row_count, keys) writes the key of the group's query q and
// of rows[r], in ascending order, to keys[q * kBlockRowsMax + r].
template <class Group>
void scan_group(Group &group, const Wanted &wanted, uint32_t size, uint32_t block_rows) {
  TopK best[kGroupQueriesMax];
  uint32_t rows[kBlockRowsMax];
  float keys[kGroupQueriesMax * kBlockRowsMax];
  uint32_t row_count = 0;
  for (uint32_t q = 0; q < wanted.query_count; q++) {
    best[q].begin(wanted.rows + size_t(q) * wanted.k, wanted.scores + size_t(q) * wanted.k, wanted.k);
  }
  const auto flush = [&] {
    group.keys(rows, row_count, keys);
    for (uint32_t q = 0; q < wanted.query_count; q++) {
      const float *block_keys = keys + q * kBlockRowsMax;
      if (wanted.range == nullptr) {
        offer_block(best[q], rows, block_keys, row_count);
      } else {
        offer_block(best[q], *wanted.range, rows, block_keys, row_count);
      }
    }
    row_count = 0;
  };
  for (uint32_t first = 0; first < size; first += 64) {
    for (uint64_t word = alive_word(wanted.alive, first, size); word != 0; word &= word - 1) {
      rows[row_count++] = first + uint32_t(__builtin_ctzll(word));
      if (row_count == block_rows) flush();
    }
  }
  if (row_count > 0) flush();
  for (uint32_t q = 0; q < wanted.query_count; q++) wanted.counts[q] = best[q].finish();
}

// All queries, in groups. make_group(begin, count) prepares those from `begin` on.
template <class MakeGroup>
void scan(const Wanted &wanted, uint32_t size, uint32_t block_rows, MakeGroup make_group) {
  for (uint32_t begin = 0; begin < wanted.query_count; begin += kGroupQueriesMax) {
    const uint32_t left = wanted.query_count - begin;
    const uint32_t count = left < kGroupQueriesMax ? left : kGroupQueriesMax;
    const size_t at = size_t(begin) * wanted.k;
    auto group = make_group(begin, count);
    const Wanted part = {count,           wanted.k, wanted.alive, wanted.counts + begin, wanted.rows + at, wanted.scores + at,
                         wanted.range};
    scan_group(group, part, size, block_rows);
  }
}

}  // namespace elanus
