// GraphBuilder: the stages, one after another; each frees what only it needed.
#include "index/graph_builder.h"

namespace elanus {
namespace {

constexpr uint32_t kRowsStep = 64;      // rows of one piece of a stage that goes through all rows
constexpr LeafSizes kLeaf = {300, 600};
// Partitions are added until this share of the sampled nearest pairs has met in a leaf: easy rows need three. See
// docs/decisions/0010-graph.md.
constexpr float kMetAim = 0.92f;
constexpr uint32_t kPartitionsMin = 3, kPartitionsMax = 8;
// More neighbours from one leaf only lengthen the lists: those far away are better found in other leaves.
constexpr uint32_t kChosen = 8, kChosenOfHub = 16;
constexpr uint32_t kHubsOfLeaf = 8;
constexpr uint32_t kForwardMax = 20;    // neighbours that a row chooses itself; the rest of kDegreeMax choose it

// What pieces cost, in comparisons of two rows by panels.
constexpr uint64_t kPairsTwins = 256 * 4, kPairsSample = 64 * 128, kPairsPartition = 1024 * 64;
constexpr uint64_t kPairsLeaf = 64 * 500, kPairsPrune = kRowsStep * 300, kPairsCopy = kRowsStep * 20;

}  // namespace

GraphBuilder::GraphBuilder(const GraphCodes &codes, const BuildKernels &kernels, uint64_t seed)
    : codes_(codes), kernels_(kernels), pruner_(codes, kernels), random_(seed) {}

void GraphBuilder::enter_by(const uint32_t *rows, uint32_t count) {
  if (count > 0) memcpy(entries_, rows, count * sizeof(uint32_t));
  entry_count_ = count;
}

GraphBuilder::Progress GraphBuilder::step(uint64_t pairs) {
  uint64_t spent = 0;
  do {
    if (stage_ == Stage::kDone) return Progress::kDone;
    if (!work(&spent)) return Progress::kNoMemory;
  } while (spent < pairs);
  return stage_ == Stage::kDone ? Progress::kDone : Progress::kMore;
}

// `act` for the next rows of a list; true when it was the last.
template <class Do>
bool GraphBuilder::each(const uint32_t *rows, uint32_t count, Do act) {
  const uint32_t stop = count - at_ < kRowsStep ? count : at_ + kRowsStep;
  for (; at_ < stop; at_++) act(rows == nullptr ? at_ : rows[at_]);
  if (at_ < count) return false;
  at_ = 0;
  return true;
}

// One piece. False if there is no memory.
bool GraphBuilder::work(uint64_t *pairs) {
  const uint32_t count = twins_.row_count();
  switch (stage_) {
    case Stage::kBegin:
      return begin();
    case Stage::kTwins:
      *pairs += kPairsTwins;
      return !twins_.find() || begin_partitions();
    case Stage::kSample:
      *pairs += kPairsSample;
      if (sample_.step()) begin_partition();
      return true;
    case Stage::kPartition:
      *pairs += kPairsPartition;
      return partition();
    case Stage::kLeaf:
      *pairs += kPairsLeaf;
      if (leaf_.step(of_hubs_ ? hubs_.lists() : &lists_)) end_leaf();
      return true;
    case Stage::kForward:
      *pairs += kPairsPrune;
      if (each(order_.data(), count, [&](uint32_t row) { forward(row); })) stage_ = Stage::kReverse;
      return true;
    case Stage::kReverse:
      *pairs += kPairsCopy;
      if (each(order_.data(), count, [&](uint32_t row) { reverse(row); })) stage_ = Stage::kShorten;
      return true;
    case Stage::kShorten:
      *pairs += kPairsPrune;
      if (each(order_.data(), count, [&](uint32_t row) { shorten(row); })) stage_ = Stage::kHubLinks;
      return true;
    case Stage::kHubLinks:
      *pairs += kPairsPrune;
      if (each(nullptr, hubs_.row_count(), [&](uint32_t place) { hubs_.link(place, pruner_, &lists_); })) {
        hubs_ = {};
        stage_ = Stage::kTwinLinks;
      }
      return true;
    case Stage::kTwinLinks:
      *pairs += kPairsCopy;
      if (!each(nullptr, count, [&](uint32_t at) { twins_.link(at, &lists_); })) return true;
      stage_ = Stage::kRepair;
      order_ = {};
      forward_ = {};
      return repair_.init(&lists_, &pruner_, codes_.count(), entries_[0]);
    case Stage::kRepair:
      *pairs += kPairsPrune;
      return !repair_.step() || begin_write();
    case Stage::kWrite:
      *pairs += kPairsCopy;
      if (!each(nullptr, codes_.count(), [&](uint32_t row) { write(row); })) return true;
      lists_.clear();
      stage_ = Stage::kDone;
      return true;
    case Stage::kDone:
      return true;
  }
  return true;
}

bool GraphBuilder::begin() {
  if (codes_.count() == 0) {
    stage_ = Stage::kDone;
    return graph_.init(0, 0, nullptr, 0);
  }
  stage_ = Stage::kTwins;
  return twins_.init(codes_);
}

bool GraphBuilder::begin_partitions() {
  if (!hubs_.init(codes_.count())) return false;
  for (uint32_t i = 0; i < entry_count_; i++) hubs_.add(twins_.first(entries_[i]));
  if (!twins_.finish()) return false;
  const uint32_t count = twins_.row_count();
  const uint32_t leaf_max = count < kLeaf.max ? count : kLeaf.max;
  stage_ = Stage::kSample;
  return lists_.init(codes_.count()) && forward_.resize(codes_.count()) && order_.resize(count) &&
         partition_.init(codes_, kernels_, count) && leaf_.init(codes_, kernels_, leaf_max) &&
         sample_.init(codes_, kernels_, twins_.rows(), count, &random_);
}

void GraphBuilder::begin_partition() {
  partition_.begin(twins_.rows(), twins_.row_count(), kLeaf, &random_);
  stage_ = Stage::kPartition;
}

bool GraphBuilder::partition() {
  switch (partition_.step()) {
    case Partition::Found::kNothingYet:
      return true;
    case Partition::Found::kLeaf:
      begin_leaf();
      return true;
    case Partition::Found::kEnd:
      return of_hubs_ ? end_hub_partition() : end_partition();
  }
  return true;
}

void GraphBuilder::begin_leaf() {
  const uint32_t *rows = partition_.leaf(), count = partition_.leaf_size();
  if (!of_hubs_) sample_.meet(rows, count);
  if (of_hubs_) leaf_.begin(rows, count, kChosenOfHub, hubs_.places_of(rows, count));
  else leaf_.begin(rows, count, kChosen, nullptr);
  stage_ = Stage::kLeaf;
}

void GraphBuilder::end_leaf() {
  // Hubs in every leaf, and in every cluster of it.
  if (partitions_ == 0) {
    uint32_t hubs[kHubsOfLeaf];
    const uint32_t count = leaf_.cover(hubs, kHubsOfLeaf);
    for (uint32_t i = 0; i < count; i++) hubs_.add(partition_.leaf()[hubs[i]]);
  }
  stage_ = Stage::kPartition;
}

bool GraphBuilder::end_partition() {
  partitions_++;
  if (partitions_ == 1 && !order_rows()) return false;
  const bool whole = partition_.medoid_count() == 0;
  const bool met = partitions_ >= kPartitionsMin && sample_.met() >= kMetAim;
  if (whole) {
    hubs_ = {};
    end_partitions();
  } else if (met || partitions_ == kPartitionsMax) {
    if (!hubs_.gather()) return false;
    of_hubs_ = true;
    partition_.begin(hubs_.rows(), hubs_.row_count(), kLeaf, &random_);
  } else {
    begin_partition();
  }
  return true;
}

bool GraphBuilder::end_hub_partition() {
  hubs_.finish();
  end_partitions();
  return true;
}

void GraphBuilder::end_partitions() {
  partition_ = {};
  leaf_ = {};
  stage_ = Stage::kForward;
}

// Rows in the order of the first partition's leaves, and the rows to enter by.
bool GraphBuilder::order_rows() {
  Array<uint64_t> seen;
  if (!seen.resize(size_t(codes_.count()) / 64 + 1)) return false;
  const uint32_t *rows = partition_.order();
  uint32_t next = 0;
  for (size_t i = 0; i < partition_.order_size(); i++) {
    const uint64_t bit = uint64_t(1) << (rows[i] & 63);
    if ((seen[rows[i] >> 6] & bit) != 0) continue;
    seen[rows[i] >> 6] |= bit;
    order_[next++] = rows[i];
  }
  if (entry_count_ == 0) {
    for (uint32_t i = 0; i < partition_.medoid_count(); i++) hubs_.add(partition_.medoids()[i]);
    enter_by(partition_.medoids(), partition_.medoid_count());
  }
  if (entry_count_ == 0) enter_by(order_.data(), 1);
  return true;
}

void GraphBuilder::forward(uint32_t row) {
  Neighbour list[NeighbourLists::kListMax];
  const uint32_t count = pruner_.prune(list, lists_.sorted(row, list), kForwardMax);
  lists_.assign(row, list, count);
  forward_[row] = uint8_t(count);
}

void GraphBuilder::reverse(uint32_t row) {
  for (uint32_t i = 0; i < forward_[row]; i++) {
    const uint32_t other = lists_.id(row, i);
    bool mutual = false;
    for (uint32_t j = 0; j < forward_[other]; j++) mutual |= lists_.id(other, j) == row;
    if (!mutual) lists_.add_behind(other, forward_[other], row, lists_.rank(row, i));
  }
}

void GraphBuilder::shorten(uint32_t row) {
  Neighbour list[NeighbourLists::kListMax];
  uint32_t count = lists_.sorted(row, list);
  if (count > kDegreeMax) count = pruner_.prune(list, count, kDegreeMax);
  lists_.assign(row, list, count);
}

bool GraphBuilder::begin_write() {
  repaired_ = repair_.linked();
  repair_ = {};
  uint64_t edges = 0;
  for (uint32_t row = 0; row < codes_.count(); row++) edges += lists_.size(row);
  stage_ = Stage::kWrite;
  return graph_.init(codes_.count(), edges, entries_, entry_count_);
}

void GraphBuilder::write(uint32_t row) {
  uint32_t ids[kDegreeMax];
  const uint32_t count = lists_.size(row);
  for (uint32_t i = 0; i < count; i++) ids[i] = lists_.id(row, i);
  graph_.append(ids, count);
}

}  // namespace elanus
