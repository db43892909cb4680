// GraphBuilder: the stages, one after another; each frees what only it needed. What the tasks of a stage give is put
// together as a set, a minimum or row by row, so that their order does not show.
#include "index/graph_builder.h"

namespace elanus {
namespace {

constexpr uint32_t kRowsTask = 64;  // rows of one task of a stage that goes through all rows
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
constexpr uint64_t kPairsLeaf = 64 * 500, kPairsPrune = kRowsTask * 300, kPairsCopy = kRowsTask * 20;

}  // namespace

GraphBuilder::GraphBuilder(const GraphCodes &codes, const BuildKernels &kernels, uint64_t seed, uint32_t workers)
    : codes_(codes), kernels_(kernels), pruner_(codes, kernels), random_(seed), worker_count_(workers) {}

void GraphBuilder::enter_by(const uint32_t *rows, uint32_t count) {
  if (count > 0) memcpy(entries_, rows, count * sizeof(uint32_t));
  entry_count_ = count;
}

GraphBuilder::Progress GraphBuilder::step(uint64_t pairs) {
  for (uint64_t spent = 0; spent < pairs || spent == 0;) {
    if (task_ == task_count_ && !plan()) return Progress::kNoMemory;
    if (stage_ == Stage::kDone) return Progress::kDone;
    spent += piece_pairs();
    if (work(0, task_)) task_++;
  }
  return Progress::kMore;
}

uint64_t GraphBuilder::piece_pairs() const {
  switch (stage_) {
    case Stage::kTwins:
      return kPairsTwins;
    case Stage::kSample:
      return kPairsSample;
    case Stage::kAssign:
    case Stage::kScatter:
    case Stage::kSplit:
      return kPairsPartition;
    case Stage::kLeaves:
      return kPairsLeaf;
    case Stage::kReverse:
    case Stage::kTwinLinks:
    case Stage::kWrite:
      return kPairsCopy;
    default:
      return kPairsPrune;
  }
}

bool GraphBuilder::plan() {
  do {
    if (!next()) return false;
  } while (task_count_ == 0 && stage_ != Stage::kDone);
  return true;
}

// The stage that follows, without tasks if there is nothing to do in it.
bool GraphBuilder::next() {
  const uint32_t *rows = twins_.rows();
  const uint32_t count = twins_.row_count();
  switch (stage_) {
    case Stage::kBegin:
      return begin();
    case Stage::kTwins:
      return begin_partitions();
    case Stage::kSample:
      for (uint32_t i = 1; i < worker_count_; i++) workers_[0].found.add(workers_[i].found);
      sample_.gather(workers_[0].found);
      begin_partition(rows, count);
      return true;
    case Stage::kAssign:
      for (uint32_t i = 1; i < worker_count_; i++) workers_[0].medoids.add(workers_[i].medoids);
      partition_.gather(workers_[0].medoids);
      start(Stage::kScatter, 1);
      return true;
    case Stage::kScatter:
      start(Stage::kSplit, partition_.part_count());
      return true;
    case Stage::kSplit:
      if (!partition_.gather_leaves()) return false;
      start(Stage::kLeaves, partition_.leaf_count());
      return true;
    case Stage::kLeaves:
      return end_leaves();
    case Stage::kForward:
      start_rows(Stage::kReverse, count);
      return true;
    case Stage::kReverse:
      start_rows(Stage::kShorten, count);
      return true;
    case Stage::kShorten:
      start_rows(Stage::kHubLinks, hubs_.row_count());
      return true;
    case Stage::kHubLinks:
      hubs_ = {};
      start_rows(Stage::kTwinLinks, count);
      return true;
    case Stage::kTwinLinks:
      return begin_repair();
    case Stage::kRepair:
      return begin_write();
    case Stage::kWrite:
      lists_.clear();
      start(Stage::kDone, 0);
      return true;
    case Stage::kDone:
      return true;
  }
  return true;
}

bool GraphBuilder::work(uint32_t worker, uint32_t task) {
  GraphWorker *own = workers_.size() == 0 ? nullptr : &workers_[worker];
  switch (stage_) {
    case Stage::kTwins:
      return twins_.find();
    case Stage::kSample:
      sample_.compare(task, &own->block, &own->found);
      return true;
    case Stage::kAssign:
      partition_.assign(task, &own->block, &own->medoids);
      return true;
    case Stage::kScatter:
      return partition_.scatter();
    case Stage::kSplit:
      return split(own, task);
    case Stage::kLeaves:
      return pair(own, task);
    case Stage::kForward:
      return each(task, order_.data(), [&](uint32_t row) { forward(row); });
    case Stage::kReverse:
      return each(task, order_.data(), [&](uint32_t row) { reverse(row); });
    case Stage::kShorten:
      return each(task, order_.data(), [&](uint32_t row) { shorten(row); });
    case Stage::kHubLinks:
      return each(task, nullptr, [&](uint32_t place) { hubs_.link(place, pruner_, &lists_); });
    case Stage::kTwinLinks:
      return each(task, nullptr, [&](uint32_t at) { twins_.link(at, &lists_); });
    case Stage::kRepair:
      return repair_.step();
    case Stage::kWrite:
      return write();
    case Stage::kBegin:
    case Stage::kDone:
      return true;
  }
  return true;
}

void GraphBuilder::start(Stage stage, uint64_t tasks) {
  stage_ = stage;
  task_count_ = uint32_t(tasks);
  task_ = 0;
}

void GraphBuilder::start_rows(Stage stage, uint32_t rows) {
  row_count_ = rows;
  start(stage, (uint64_t(rows) + kRowsTask - 1) / kRowsTask);
}

// `act` for the rows of a task, or for their positions if `rows` is NULL.
template <class Do>
bool GraphBuilder::each(uint32_t task, const uint32_t *rows, Do act) {
  const uint32_t begin = task * kRowsTask, left = row_count_ - begin;
  const uint32_t stop = begin + (left < kRowsTask ? left : kRowsTask);
  for (uint32_t at = begin; at < stop; at++) act(rows == nullptr ? at : rows[at]);
  return true;
}

bool GraphBuilder::begin() {
  if (codes_.count() == 0) {
    start(Stage::kDone, 0);
    return graph_.init(0, 0, nullptr, 0);
  }
  start(Stage::kTwins, 1);
  return twins_.init(codes_);
}

bool GraphBuilder::begin_partitions() {
  if (!hubs_.init(codes_.count())) return false;
  for (uint32_t i = 0; i < entry_count_; i++) hubs_.add(twins_.first(entries_[i]));
  if (!twins_.finish() || !workers_.make(worker_count_)) return false;
  const uint32_t count = twins_.row_count();
  const uint32_t leaf_max = count < kLeaf.max ? count : kLeaf.max;
  for (GraphWorker &worker : workers_) {
    if (!worker.init(codes_, kernels_, leaf_max)) return false;
    worker.found.clear();
  }
  if (!lists_.init(codes_.count()) || !forward_.resize(codes_.count()) || !order_.resize(count)) return false;
  if (!partition_.init(codes_, kernels_, count)) return false;
  if (!sample_.init(codes_, kernels_, twins_.rows(), count, &random_)) return false;
  start(Stage::kSample, sample_.task_count());
  return true;
}

void GraphBuilder::begin_partition(const uint32_t *rows, uint32_t count) {
  for (GraphWorker &worker : workers_) worker.medoids.clear();
  partition_.begin(rows, count, kLeaf, &random_, &workers_[0].block);
  if (partition_.is_one_leaf()) start(Stage::kSplit, 0);
  else start(Stage::kAssign, partition_.assign_tasks());
}

bool GraphBuilder::split(GraphWorker *worker, uint32_t part) {
  if (!worker->begun) partition_.begin_split(part, &worker->splitter);
  worker->begun = !worker->splitter.step(&worker->block);
  return !worker->begun;
}

// All pairs of a leaf.
bool GraphBuilder::pair(GraphWorker *worker, uint32_t leaf) {
  const uint32_t *rows = partition_.leaf(leaf), count = partition_.leaf_size(leaf);
  if (!worker->begun && of_hubs_) {
    for (uint32_t i = 0; i < count; i++) worker->places[i] = hubs_.place_of(rows[i]);
    worker->leaf.begin(rows, count, kChosenOfHub, worker->places.data());
  } else if (!worker->begun) {
    sample_.meet(rows, count);
    worker->leaf.begin(rows, count, kChosen, nullptr);
  }
  worker->begun = !worker->leaf.step(of_hubs_ ? hubs_.lists() : &lists_);
  if (worker->begun) return false;
  // Hubs in every leaf, and in every cluster of it.
  if (partitions_ == 0) {
    uint32_t hubs[kHubsOfLeaf];
    const uint32_t found = worker->leaf.cover(hubs, kHubsOfLeaf);
    for (uint32_t i = 0; i < found; i++) hubs_.add(rows[hubs[i]]);
  }
  return true;
}

bool GraphBuilder::end_leaves() {
  if (of_hubs_) {
    hubs_.finish();
    end_partitions();
    return true;
  }
  partitions_++;
  if (partitions_ == 1 && !order_rows()) return false;
  const bool met = partitions_ >= kPartitionsMin && sample_.met() >= kMetAim;
  if (partition_.is_one_leaf()) {
    hubs_ = {};
    end_partitions();
  } else if (met || partitions_ == kPartitionsMax) {
    if (!hubs_.gather()) return false;
    of_hubs_ = true;
    begin_partition(hubs_.rows(), hubs_.row_count());
  } else {
    begin_partition(twins_.rows(), twins_.row_count());
  }
  return true;
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

void GraphBuilder::end_partitions() {
  partition_ = {};
  workers_.clear();
  start_rows(Stage::kForward, twins_.row_count());
}

void GraphBuilder::forward(uint32_t row) {
  Neighbour list[NeighbourLists::kListMax];
  const uint32_t count = pruner_.prune(list, lists_.nearest(row, list), kForwardMax);
  lists_.assign(row, list, count);
  forward_[row] = uint8_t(count);
}

// Only what lies behind the neighbours that rows chose themselves changes here, and it is a set.
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

bool GraphBuilder::begin_repair() {
  order_ = {};
  forward_ = {};
  start(Stage::kRepair, 1);
  return repair_.init(&lists_, &pruner_, codes_.count(), entries_[0]);
}

bool GraphBuilder::begin_write() {
  repaired_ = repair_.linked();
  repair_ = {};
  uint64_t edges = 0;
  for (uint32_t row = 0; row < codes_.count(); row++) edges += lists_.size(row);
  start(Stage::kWrite, 1);
  return graph_.init(codes_.count(), edges, entries_, entry_count_);
}

bool GraphBuilder::write() {
  for (uint32_t left = kRowsTask; left > 0 && written_ < codes_.count(); left--, written_++) {
    uint32_t ids[kDegreeMax];
    const uint32_t count = lists_.size(written_);
    for (uint32_t i = 0; i < count; i++) ids[i] = lists_.id(written_, i);
    graph_.append(ids, count);
  }
  return written_ == codes_.count();
}

}  // namespace elanus
