// Partition: parts are ranges of one list of rows, which splitters bring into the order of their leaves.
#include "index/partition.h"

namespace elanus {
namespace {

constexpr size_t kScatterStep = 65536;

size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

}  // namespace

bool Partition::init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t points_max) {
  const size_t places = size_t(points_max) * kOverlap;
  return rows_.resize(places) && moved_.resize(places) && centre_of_.resize(places) &&
         leaf_begins_.resize(places / 64 + 1) && centres_.init(codes, kernels);
}

size_t Partition::bytes() const {
  return sizeof(*this) + rows_.bytes() + moved_.bytes() + centre_of_.bytes() + leaf_begins_.bytes() + leaves_.bytes() +
         centres_.bytes();
}

void Partition::begin(const uint32_t *points, uint32_t count, LeafSizes sizes, Random *random, RankBlock *block) {
  memcpy(rows_.data(), points, count * sizeof(uint32_t));
  memset(leaf_begins_.data(), 0, leaf_begins_.bytes());
  size_ = point_count_ = count;
  sizes_ = sizes;
  seed_ = random->next();
  part_count_ = medoid_count_ = centre_count_ = 0;
  at_ = 0;
  if (count <= sizes.max) {
    leaf_begins_[0] = 1;
    return;
  }
  centre_count_ = centres_for(size_t(count) * kOverlap, sizes.aim);
  centres_.choose(rows_.data(), count, centre_count_, random, block);
}

void Partition::assign(uint32_t task, RankBlock *block, Medoids *medoids) {
  const size_t begin = task * kAssignRows, stop = smaller(point_count_, begin + kAssignRows);
  for (size_t at = begin; at < stop;) {
    const uint32_t count = uint32_t(smaller(kPanelRows, stop - at));
    const Rank *ranks = centres_.rank(rows_.data() + at, count, block);
    for (uint32_t i = 0; i < count; i++, at++) {
      uint32_t near[kOverlap];
      nearest_two(ranks + i * kPanelRows, centre_count_, &near[0], &near[1]);
      // A row that is nearest to a centre is the medoid of that centre only, so that no row is named twice.
      medoids->offer(near[0], at, ranks[i * kPanelRows + near[0]]);
      for (uint32_t o = 0; o < kOverlap; o++) centre_of_[at * kOverlap + o] = uint8_t(near[o]);
    }
  }
}

void Partition::gather(const Medoids &medoids) {
  for (uint32_t c = 0; c < centre_count_; c++) {
    if (medoids.of[c].rank != kRankNone) medoids_[medoid_count_++] = rows_[medoids.of[c].place];
  }
  size_ = point_count_ * kOverlap;
  memset(counts_, 0, sizeof(counts_));
  for (size_t i = 0; i < size_; i++) counts_[centre_of_[i]]++;
  size_t offset = 0;
  for (uint32_t c = 0; c < centre_count_; c++) {
    offsets_[c] = offset;
    offset += counts_[c];
  }
}

// Rows to their centres' places, in order.
bool Partition::scatter() {
  const size_t stop = smaller(point_count_, at_ + kScatterStep);
  for (; at_ < stop; at_++) {
    for (uint32_t o = 0; o < kOverlap; o++) moved_[offsets_[centre_of_[at_ * kOverlap + o]]++] = rows_[at_];
  }
  if (at_ < point_count_) return false;
  finish_scatter();
  return true;
}

void Partition::finish_scatter() {
  memcpy(rows_.data(), moved_.data(), size_ * sizeof(uint32_t));
  for (uint32_t c = 0; c < centre_count_; c++) {
    if (counts_[c] == 0) continue;
    const Part part = {offsets_[c] - counts_[c], offsets_[c], 1};
    uint32_t at = part_count_++;
    for (; at > 0 && parts_[at - 1].end - parts_[at - 1].begin < counts_[c]; at--) {
      parts_[at] = parts_[at - 1];
      part_seeds_[at] = part_seeds_[at - 1];
    }
    parts_[at] = part;
    part_seeds_[at] = seed_ + c;
  }
}

void Partition::begin_split(uint32_t part, Splitter *splitter) {
  splitter->begin(parts_[part], places(), sizes_, part_seeds_[part]);
}

bool Partition::gather_leaves() {
  size_t count = 0;
  for (uint64_t begins : leaf_begins_) count += size_t(__builtin_popcountll(begins));
  if (!leaves_.resize(count + 1)) return false;
  size_t next = 0;
  for (size_t word = 0; word < leaf_begins_.size(); word++) {
    for (uint64_t begins = leaf_begins_[word]; begins != 0; begins &= begins - 1) {
      leaves_[next++] = word * 64 + size_t(__builtin_ctzll(begins));
    }
  }
  leaves_[count] = size_;
  return true;
}

void Partition::Medoids::clear() {
  for (Medoid &medoid : of) medoid = {0, kRankNone};
}

void Partition::Medoids::add(const Medoids &other) {
  for (uint32_t c = 0; c < kCentresMax; c++) offer(c, other.of[c].place, other.of[c].rank);
}

// Ties to the first place.
void Partition::Medoids::offer(uint32_t centre, size_t place, Rank rank) {
  Medoid &medoid = of[centre];
  if (rank < medoid.rank || (rank == medoid.rank && place < medoid.place)) medoid = {place, rank};
}

}  // namespace elanus
