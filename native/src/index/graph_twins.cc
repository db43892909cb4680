// GraphTwins: open addressing over hashes of whole codes; equal hashes are compared byte by byte.
#include "index/graph_twins.h"

#include "index/graph.h"

namespace elanus {
namespace {

constexpr uint32_t kFindStep = 256;
constexpr uint32_t kChildren = 4;  // of a twin in the tree

uint64_t hash_of(const int8_t *code, size_t stride) {
  uint64_t hash = 0x9e3779b97f4a7c15u;
  for (size_t i = 0; i < stride; i += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, code + i, sizeof(word));
    hash = (hash ^ word) * 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
  }
  return hash;
}

size_t table_size(uint32_t count) {
  size_t size = 16;
  while (size < size_t(count) * 2) size *= 2;
  return size;
}

}  // namespace

bool GraphTwins::init(const GraphCodes &codes) {
  codes_ = &codes;
  at_ = 0;
  return table_.resize(table_size(codes.count())) && first_.resize(codes.count());
}

bool GraphTwins::find() {
  const uint32_t left = codes_->count() - at_, stop = at_ + (left < kFindStep ? left : kFindStep);
  const size_t mask = table_.size() - 1, stride = codes_->stride();
  for (; at_ < stop; at_++) {
    const int8_t *code = codes_->row(at_);
    size_t place = size_t(hash_of(code, stride)) & mask;
    while (table_[place] != 0 && memcmp(codes_->row(table_[place] - 1), code, stride) != 0) place = (place + 1) & mask;
    if (table_[place] == 0) table_[place] = at_ + 1;
    first_[at_] = table_[place] - 1;
  }
  return at_ == codes_->count();
}

bool GraphTwins::finish() {
  const uint32_t count = codes_->count();
  uint32_t row_count = 0;
  for (uint32_t row = 0; row < count; row++) row_count += first_[row] == row;
  table_ = {};
  if (!rows_.resize(row_count)) return false;
  uint32_t next = 0;
  for (uint32_t row = 0; row < count; row++) {
    if (first_[row] == row) rows_[next++] = row;
  }
  if (row_count < count) {
    if (!twins_.resize(count - row_count) || !places_.resize(size_t(row_count) + 1)) return false;
    // Rows become their places in rows_, which is ascending: place by place, then sums of the counts.
    for (uint32_t i = 0; i < row_count; i++) first_[rows_[i]] = i;
    for (uint32_t row = 0, i = 0; row < count; row++) {
      if (i < row_count && rows_[i] == row) {
        i++;
      } else {
        first_[row] = first_[first_[row]];
        if (first_[row] + 1 < row_count) places_[first_[row] + 2]++;
      }
    }
    for (uint32_t i = 2; i <= row_count; i++) places_[i] += places_[i - 1];
    for (uint32_t row = 0, i = 0; row < count; row++) {
      if (i < row_count && rows_[i] == row) {
        i++;
      } else {
        twins_[places_[first_[row] + 1]++] = row;
      }
    }
  }
  first_ = {};
  return true;
}

void GraphTwins::link(uint32_t at, NeighbourLists *lists) const {
  if (places_.size() == 0) return;
  const uint32_t *twins = twins_.data() + places_[at];
  const uint32_t count = places_[at + 1] - places_[at], row = rows_[at];
  if (count == 0) return;
  // In the tree the row has place 0, its twins the places behind it; the children of place p are 4p + 1 to 4p + 4.
  Neighbour list[NeighbourLists::kListMax];
  for (uint64_t place = 0; place <= count; place++) {
    uint32_t size = 0;
    for (uint64_t child = kChildren * place + 1; child <= kChildren * place + kChildren && child <= count; child++) {
      list[size++] = neighbour(twins[child - 1], 0);
    }
    if (place == 0) {
      for (uint32_t i = 0; i < lists->size(row) && size < kDegreeMax; i++) {
        list[size++] = neighbour(lists->id(row, i), lists->rank(row, i));
      }
    } else {
      list[size++] = neighbour(row, 0);
    }
    lists->assign(place == 0 ? row : twins[place - 1], list, size);
  }
}

}  // namespace elanus
