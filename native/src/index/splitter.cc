// Splitter: parts that are left are kept on a stack, at most 64 of each depth.
#include "index/splitter.h"

#include "base/shared.h"

namespace elanus {
namespace {

constexpr size_t kAssignStep = 16 * kPanelRows;
constexpr size_t kScatterStep = 65536;

size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

}  // namespace

void Splitter::begin(const Part &part, const Places &places, LeafSizes sizes, uint64_t seed) {
  places_ = places;
  sizes_ = sizes;
  random_ = Random(seed);
  parts_[0] = part;
  part_count_ = 1;
  phase_ = Phase::kNext;
}

bool Splitter::step(RankBlock *block) {
  switch (phase_) {
    case Phase::kNext:
      next(block);
      return part_count_ == 0 && phase_ == Phase::kNext;
    case Phase::kAssign:
      assign(block);
      return false;
    case Phase::kScatter:
      scatter();
      return part_count_ == 0 && phase_ == Phase::kNext;
  }
  return true;
}

// Takes a part: leaves, or one to be split. A part that splitting did not make smaller is cut as it lies.
void Splitter::next(RankBlock *block) {
  split_ = parts_[--part_count_];
  const size_t count = split_.end - split_.begin;
  if (count <= sizes_.max || split_.depth > kDepthMax) {
    for (size_t at = split_.begin; at < split_.end; at += sizes_.max) {
      share_bits(&places_.leaf_begins[at >> 6], uint64_t(1) << (at & 63));
    }
    return;
  }
  centres_.choose(places_.rows + split_.begin, count, centres_for(count, sizes_.aim), &random_, block);
  memset(counts_, 0, sizeof(counts_));
  at_ = split_.begin;
  phase_ = Phase::kAssign;
}

void Splitter::assign(RankBlock *block) {
  const size_t stop = smaller(split_.end, at_ + kAssignStep);
  while (at_ < stop) {
    const uint32_t count = uint32_t(smaller(kPanelRows, stop - at_));
    const Rank *ranks = centres_.rank(places_.rows + at_, count, block);
    for (uint32_t i = 0; i < count; i++, at_++) {
      uint32_t centre, second;
      nearest_two(ranks + i * kPanelRows, centres_.count(), &centre, &second);
      places_.centres[at_] = uint8_t(centre);
      counts_[centre]++;
    }
  }
  if (at_ < split_.end) return;
  size_t offset = split_.begin;
  for (uint32_t c = 0; c < centres_.count(); c++) {
    offsets_[c] = offset;
    offset += counts_[c];
  }
  at_ = split_.begin;
  phase_ = Phase::kScatter;
}

// Rows to their centres' places, in order.
void Splitter::scatter() {
  const size_t stop = smaller(split_.end, at_ + kScatterStep);
  for (; at_ < stop; at_++) places_.moved[offsets_[places_.centres[at_]]++] = places_.rows[at_];
  if (at_ == split_.end) finish();
}

void Splitter::finish() {
  const size_t count = split_.end - split_.begin;
  memcpy(places_.rows + split_.begin, places_.moved + split_.begin, count * sizeof(uint32_t));
  for (uint32_t c = 0; c < centres_.count(); c++) {
    if (counts_[c] == 0) continue;
    const bool whole = counts_[c] == count;
    parts_[part_count_++] = {offsets_[c] - counts_[c], offsets_[c], whole ? kDepthMax + 1 : split_.depth + 1};
  }
  phase_ = Phase::kNext;
}

}  // namespace elanus
