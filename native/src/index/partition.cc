// Partition: centres from 16 sampled rows each and one round of k-means, parts kept as ranges of one list of rows.
#include "index/partition.h"

namespace elanus {
namespace {

constexpr uint32_t kSamplePerCentre = 16;
constexpr size_t kAssignStep = 16 * kPanelRows;
constexpr size_t kScatterStep = 65536;

template <class T>
T smaller(T a, T b) {
  return a < b ? a : b;
}

// The two lowest of `count` ranks; second is `count` if there is but one. Ties to the first.
void nearest_two(const Rank *ranks, uint32_t count, uint32_t *first, uint32_t *second) {
  Rank low = kRankNone, next = kRankNone;
  *first = 0;
  *second = count;
  for (uint32_t i = 0; i < count; i++) {
    if (ranks[i] < low) {
      next = low;
      *second = i == 0 ? count : *first;
      low = ranks[i];
      *first = i;
    } else if (ranks[i] < next) {
      next = ranks[i];
      *second = i;
    }
  }
}

int32_t rounded(int32_t sum, int32_t count) { return (sum >= 0 ? sum + count / 2 : sum - count / 2) / count; }

}  // namespace

bool Partition::init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t points_max) {
  codes_ = &codes;
  kernels_ = &kernels;
  words_ = packed_words(kernels, codes.dim());
  const size_t twice = size_t(points_max) * 2;
  return ids_.resize(twice) && moved_.resize(twice) && assigned_.resize(twice) &&
         centres_.resize(kCentresMax * codes.stride()) && means_.resize(kCentresMax * codes.stride()) &&
         rows_.resize(size_t(kPanelRows) * words_) && panel_.resize(size_t(kPanelRows) * words_);
}

size_t Partition::bytes() const {
  return sizeof(*this) + ids_.bytes() + moved_.bytes() + assigned_.bytes() + centres_.bytes() + means_.bytes() +
         rows_.bytes() + panel_.bytes();
}

void Partition::begin(const uint32_t *points, uint32_t count, LeafSizes sizes, Random *random) {
  memcpy(ids_.data(), points, count * sizeof(uint32_t));
  size_ = count;
  sizes_ = sizes;
  random_ = random;
  parts_[0] = {0, count, 0};
  part_count_ = 1;
  phase_ = Phase::kNext;
  medoid_count_ = 0;
  memset(medoid_ranks_, 0xff, sizeof(medoid_ranks_));
}

Partition::Found Partition::step() {
  switch (phase_) {
    case Phase::kNext:
      return next();
    case Phase::kAssign:
      assign();
      return Found::kNothingYet;
    case Phase::kScatter:
      scatter();
      return Found::kNothingYet;
  }
  return Found::kEnd;
}

// Takes the part that comes first in the list: a leaf, or one to be split.
Partition::Found Partition::next() {
  if (part_count_ == 0) return Found::kEnd;
  Part *part = &parts_[part_count_ - 1];
  if (part->end - part->begin <= sizes_.max || part->depth > kDepthMax) return cut(part);
  split_ = *part;
  part_count_--;
  // Every row goes to two centres of the first split, so that rows near a boundary meet those beyond it.
  overlap_ = split_.depth == 0 ? 2 : 1;
  const size_t leaves = ((split_.end - split_.begin) * overlap_ + sizes_.aim - 1) / sizes_.aim;
  centre_count_ = uint32_t(smaller<size_t>(leaves < 2 ? 2 : leaves, kCentresMax));
  choose_centres();
  at_ = split_.begin;
  phase_ = Phase::kAssign;
  return Found::kNothingYet;
}

// A part that splitting did not make smaller is cut as it lies.
Partition::Found Partition::cut(Part *part) {
  leaf_begin_ = part->begin;
  leaf_end_ = smaller<size_t>(part->end, part->begin + sizes_.max);
  part->begin = leaf_end_;
  if (part->begin == part->end) part_count_--;
  return leaf_size() == 0 ? Found::kNothingYet : Found::kLeaf;
}

void Partition::choose_centres() {
  uint32_t *ids = ids_.data() + split_.begin;
  const size_t count = split_.end - split_.begin;
  const uint32_t sample = uint32_t(smaller<size_t>(count, centre_count_ * kSamplePerCentre));
  for (uint32_t i = 0; i < sample; i++) {
    const size_t other = i + random_->below(uint32_t(count - i));
    const uint32_t id = ids[i];
    ids[i] = ids[other];
    ids[other] = id;
  }
  const size_t stride = codes_->stride();
  for (uint32_t c = 0; c < centre_count_; c++) {
    memcpy(centres_.data() + c * stride, codes_->row(ids[c]), stride);
    centre_sums_[c] = codes_->sums(ids[c]);
    counts_[c] = 0;
  }
  pack_centres();
  move_centres(sample);
  pack_centres();
}

// One round of k-means over the first `sample` rows of the part. A centre without rows stays.
void Partition::move_centres(uint32_t sample) {
  const size_t stride = codes_->stride();
  memset(means_.data(), 0, means_.bytes());
  memset(mean_counts_, 0, sizeof(mean_counts_));
  const uint32_t *ids = ids_.data() + split_.begin;
  for (uint32_t first = 0; first < sample; first += kPanelRows) {
    const uint32_t count = smaller(kPanelRows, sample - first);
    rank_block(ids + first, count);
    for (uint32_t i = 0; i < count; i++) {
      uint32_t centre, second;
      nearest_two(ranks_ + i * kPanelRows, centre_count_, &centre, &second);
      const int8_t *row = codes_->row(ids[first + i]);
      int32_t *mean = means_.data() + centre * stride;
      for (size_t j = 0; j < stride; j++) mean[j] += row[j];
      mean_counts_[centre]++;
    }
  }
  for (uint32_t c = 0; c < centre_count_; c++) {
    if (mean_counts_[c] == 0) continue;
    int8_t *centre = centres_.data() + c * stride;
    const int32_t *mean = means_.data() + c * stride;
    BuildCodeSums sums = {0, 0};
    for (size_t j = 0; j < stride; j++) {
      const int32_t value = rounded(mean[j], int32_t(mean_counts_[c]));
      centre[j] = int8_t(value);
      sums.norm += value * value;
      sums.sum += value;
    }
    centre_sums_[c] = sums;
  }
}

void Partition::pack_centres() {
  for (uint32_t c = 0; c < centre_count_; c++) {
    kernels_->pack_row(centres_.data() + c * codes_->stride(), words_, rows_.data() + size_t(c) * words_);
    centre_norms_[c] = centre_sums_[c].norm;
  }
  for (uint32_t c = centre_count_; c < kCentresMax; c++) centre_norms_[c] = 0;
  kernels_->pack_panel(rows_.data(), centre_count_, words_, panel_.data());
}

// ranks_ of up to 64 rows with all centres.
void Partition::rank_block(const uint32_t *ids, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    kernels_->pack_row(codes_->row(ids[i]), words_, rows_.data() + size_t(i) * words_);
    row_sums_[i] = codes_->sums(ids[i]);
  }
  kernels_->rank_all({rows_.data(), row_sums_, count, words_, panel_.data(), centre_norms_, ranks_, kPanelRows});
}

void Partition::assign() {
  const size_t stop = smaller(split_.end, at_ + kAssignStep);
  for (; at_ < stop;) {
    const uint32_t count = uint32_t(smaller<size_t>(kPanelRows, stop - at_));
    rank_block(ids_.data() + at_, count);
    for (uint32_t i = 0; i < count; i++, at_++) {
      uint32_t near[2];
      nearest_two(ranks_ + i * kPanelRows, centre_count_, &near[0], &near[1]);
      if (split_.depth == 0) note_medoid(ids_[at_], near[0], ranks_[i * kPanelRows + near[0]]);
      for (uint32_t o = 0; o < overlap_; o++) {
        assigned_[(at_ - split_.begin) * overlap_ + o] = uint8_t(near[o]);
        counts_[near[o]]++;
      }
    }
  }
  if (at_ < split_.end) return;
  size_t offset = 0;
  for (uint32_t c = 0; c < centre_count_; c++) {
    offsets_[c] = offset;
    offset += counts_[c];
  }
  at_ = split_.begin;
  phase_ = Phase::kScatter;
}

// A row that is nearest to a centre is the medoid of that centre only, so that no row is named twice.
void Partition::note_medoid(uint32_t id, uint32_t centre, Rank rank) {
  if (rank >= medoid_ranks_[centre]) return;
  medoid_ranks_[centre] = rank;
  medoids_[centre] = id;
}

// Rows to their centres' places, in order.
void Partition::scatter() {
  const size_t stop = smaller(split_.end, at_ + kScatterStep);
  for (; at_ < stop; at_++) {
    for (uint32_t o = 0; o < overlap_; o++) {
      moved_[offsets_[assigned_[(at_ - split_.begin) * overlap_ + o]]++] = ids_[at_];
    }
  }
  if (at_ == split_.end) finish_split();
}

void Partition::finish_split() {
  const size_t moved = (split_.end - split_.begin) * overlap_;
  memcpy(ids_.data() + split_.begin, moved_.data(), moved * sizeof(uint32_t));
  if (split_.depth == 0) {
    size_ = moved;
    for (uint32_t c = 0; c < centre_count_; c++) {
      if (medoid_ranks_[c] != kRankNone) medoids_[medoid_count_++] = medoids_[c];
    }
  }
  // The last on the stack comes first in the list.
  size_t end = split_.begin + moved;
  for (uint32_t c = centre_count_; c-- > 0; end -= counts_[c]) {
    if (counts_[c] == 0) continue;
    const bool whole = counts_[c] == moved;
    parts_[part_count_++] = {end - counts_[c], end, whole ? kDepthMax + 1 : split_.depth + 1};
  }
  phase_ = Phase::kNext;
}

}  // namespace elanus
