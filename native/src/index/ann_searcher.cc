// AnnSearcher: chooses the way of each query, and ranks what it found.
#include "index/ann_searcher.h"

#include <math.h>

#include "index/scan.h"

namespace elanus {
namespace {

// Codes of so many bytes are read in the time that a search of lists takes, and of more where the filter cuts out what is
// near the query, so that many lists would be read.
constexpr size_t kFewBytes = 240 * 1024, kFewFarBytes = 512 * 1024;
// Vectors of so many rows are scored in the time that preparing a query for codes and scoring the best by them takes.
constexpr uint32_t kFewestRows = 64;
// A search of the graph wants this share of the rows that it meets first to pass. Fewer than this share of the share that
// passes in all: what is near is cut out.
constexpr float kNearShare = 0.45f, kFarShare = 0.5f;
// Of each row to enter by, neighbours that are looked behind.
constexpr uint32_t kNearNeighbours = 4;
// A search of the graph under a filter that has scored this many times what it keeps is on the wrong way.
constexpr uint32_t kScoredPerKept = 40;
constexpr uint32_t kScoredMin = 2000;

uint32_t few_max(const AnnIndex &index, size_t size_bytes) { return uint32_t(size_bytes / index.codes().stride) + kFewestRows; }

}  // namespace

bool AnnSearcher::init(const AnnIndex &index, const Flat *rows, uint32_t effort_max) {
  index_ = &index;
  flat_ = rows;
  effort_max_ = effort_max;
  const uint32_t few = index.has_codes() ? few_max(index, kFewFarBytes) : kFewestRows;
  const uint32_t lists = index.lists().list_count();
  const bool is_graph = index.kind() == IndexKind::kGraph;
  if (is_graph && !(graph_scratch_.init(index.count(), effort_max) && list_scratch_.init(lists, effort_max))) return false;
  if (!is_graph && !ivf_scratch_.init(lists, effort_max)) return false;
  if (!few_.resize(few) || !few_estimates_.resize(few) || !few_packed_.resize(few) || !few_best_.resize(few)) return false;
  if (rows != nullptr && !rerank_scratch_.init(few > effort_max ? few : effort_max)) return false;
  return query_.init(index.quantizer()) && vector_.resize(index.quantizer().dim());
}

bool AnnSearcher::fits(const elanus_request &request) const {
  if (request.k > effort_max_ || request.keep > effort_max_) return false;
  return index_->kind() != IndexKind::kGraph || request.effort <= effort_max_;
}

size_t AnnSearcher::bytes() const {
  return sizeof(*this) + graph_scratch_.bytes() + ivf_scratch_.bytes() + list_scratch_.bytes() + rerank_scratch_.bytes() +
         few_.bytes() + few_estimates_.bytes() + few_packed_.bytes() + few_best_.bytes() + vector_.bytes();
}

Passing AnnSearcher::passing(const uint8_t *alive) const {
  if (alive == nullptr) return {nullptr, index_->count()};
  uint32_t count = 0;
  for (uint32_t first = 0; first < index_->count(); first += 64) {
    count += uint32_t(__builtin_popcountll(alive_word(alive, first, index_->count())));
  }
  return {alive, count};
}

uint32_t AnnSearcher::search(const float *query, const elanus_request &request, const Passing &passing, uint32_t *rows,
                             float *scores) {
  if (passing.count == 0) return 0;
  const Task task = {query, request, passing, UINT32_MAX};
  return fits(request) ? run(task, rows, scores) : scan(task, rows, scores);
}

uint32_t AnnSearcher::estimate(const float *query, const elanus_request &request, const Passing &passing, uint32_t *rows,
                               float *scores, float *errors) {
  const uint32_t count = search(query, request, passing, rows, scores);
  give_errors(rows, count, errors);
  return count;
}

uint32_t AnnSearcher::search_row(uint32_t self, const elanus_request &request, uint32_t *rows, float *scores) {
  if (index_->count() == 1) return 0;
  flat_->vectors().read_f32(self, 1, vector_.data());
  return run({vector_.data(), request, {nullptr, index_->count() - 1}, self}, rows, scores);
}

// Of all rows, how many may be found.
float AnnSearcher::share_of(const Passing &passing) const { return float(passing.count) / float(index_->count()); }

uint32_t AnnSearcher::scan(const Task &task, uint32_t *rows, float *scores) {
  uint32_t count = 0;
  flat_->search(task.query, 1, task.request.k, task.passing.alive, &count, rows, scores);
  cost_.scans++;
  return count;
}

uint32_t AnnSearcher::run(const Task &task, uint32_t *rows, float *scores) {
  if (task.passing.alive != nullptr && flat_ != nullptr && task.passing.count <= kFewestRows) {
    return score_fewest(task, rows, scores);
  }
  query_.prepare(task.query);
  found_count_ = 0;
  if (task.passing.alive != nullptr && index_->has_codes() && task.passing.count <= few_max(*index_, kFewBytes)) {
    search_few(task);
  } else if (!search_graph(task)) {
    query_.prepare_scan();
    if (index_->kind() == IndexKind::kGraph) search_lists(task);
    else search_blocks(task);
  }
  return flat_ == nullptr ? give_estimates(task, rows, scores) : rank(task, true, rows, scores);
}

// False if the graph is not there, not wanted, or the wrong way; what it found until then is kept.
bool AnnSearcher::search_graph(const Task &task) {
  const Passing &passing = task.passing;
  if (index_->kind() != IndexKind::kGraph || task.request.effort == 0) return false;
  uint32_t entries[2];
  const uint32_t count = nearest_entries(query_.centres(), index_->entries(), index_->entry_count(), entries);
  if (passing.alive != nullptr) {
    const float near = near_share(passing.alive, entries, count);
    if (near < kNearShare) {
      if (near > share_of(passing) * kFarShare || passing.count > few_.size()) return false;
      search_few(task);
      return true;
    }
  }
  // Where the only row to enter by is the one that is absent, the graph's own entries lead on.
  const bool enters = entries[0] != task.absent || (count == 2 && entries[1] != task.absent);
  const uint32_t kept = task.request.effort > task.request.k ? task.request.effort : task.request.k;
  const uint32_t scored_max = kept * kScoredPerKept > kScoredMin ? kept * kScoredPerKept : kScoredMin;
  GraphSearch graph(index_->graph(), index_->codes(), &graph_scratch_);
  const bool lucky = graph.run({&query_, kept, enters ? entries : nullptr, count, passing.alive, task.absent,
                                task.request.effort, passing.alive == nullptr ? 0 : scored_max});
  cost_.hops += graph.hops();
  cost_.scored += graph.scored();
  found_ = graph.found();
  found_count_ = graph.found_count();
  if (!lucky || found_count_ < (task.request.k < passing.count ? task.request.k : passing.count)) return false;
  if (found_count_ > task.ranked()) found_count_ = task.ranked();
  return true;
}

// What share of the rows about those to enter by passes: however many do in all, a graph is the wrong way to what is far
// from where it begins, and the right one to what is near.
float AnnSearcher::near_share(const uint8_t *alive, const uint32_t *entries, uint32_t entry_count) const {
  const GraphView &graph = index_->graph();
  uint32_t seen = 0, passing = 0;
  const auto look = [&](uint32_t row, uint32_t neighbours_max) {
    const size_t begin = graph.begin(row), end = graph.end(row);
    for (size_t i = begin; i < end; i++) {
      const uint32_t near = graph.neighbours[i];
      passing += alive[near >> 3] >> (near & 7) & 1;
    }
    seen += uint32_t(end - begin);
    return end - begin < neighbours_max ? end : begin + neighbours_max;
  };
  for (uint32_t i = 0; i < entry_count; i++) {
    const size_t begin = graph.begin(entries[i]), end = look(entries[i], kNearNeighbours);
    for (size_t j = begin; j < end; j++) look(graph.neighbours[j], 0);
  }
  return seen == 0 ? 1 : float(passing) / float(seen);
}

// The rows that match, into few_; gives how many. REQUIRES: there is room.
uint32_t AnnSearcher::list_few(const uint8_t *alive) {
  uint32_t count = 0;
  for (uint32_t first = 0; first < index_->count(); first += 64) {
    uint64_t word = alive_word(alive, first, index_->count());
    for (; word != 0; word &= word - 1) few_[count++] = first + uint32_t(__builtin_ctzll(word));
  }
  return count;
}

// All rows that match by their vectors.
uint32_t AnnSearcher::score_fewest(const Task &task, uint32_t *rows, float *scores) {
  found_count_ = list_few(task.passing.alive);
  for (uint32_t i = 0; i < found_count_; i++) few_best_[i] = {0, few_[i]};
  found_ = few_best_.data();
  return rank(task, false, rows, scores);
}

// By the 4-bit codes of the rows that match, one by one.
void AnnSearcher::search_few(const Task &task) {
  const uint32_t count = list_few(task.passing.alive);
  query_.estimate4(index_->codes(), few_.data(), count, few_estimates_.data());
  cost_.scored += count;
  for (uint32_t i = 0; i < count; i++) few_packed_[i] = pack_candidate(few_estimates_[i], few_[i]);
  // Every row was looked at, so only what codes misplace is missing: 11 of them for 10 gave .98 (docs/decisions/0009).
  const uint32_t ranked = flat_ == nullptr ? task.request.k : task.request.k + task.request.k / 2 + 5;
  found_count_ = count < ranked ? count : ranked;
  select_smallest(few_packed_.data(), count, found_count_);
  sort_packed(few_packed_.data(), found_count_);
  for (uint32_t i = 0; i < found_count_; i++) few_best_[i] = unpack_candidate(few_packed_[i]);
  found_ = few_best_.data();
}

// By the 4-bit codes of rows, list by list, going on from what the graph found.
void AnnSearcher::search_lists(const Task &task) {
  const elanus_request &request = task.request;
  const uint32_t keep = request.keep > task.ranked() ? request.keep : task.ranked();
  ListSearch lists(index_->lists(), index_->codes(), &list_scratch_);
  lists.run({&query_, request.k, keep < effort_max_ ? keep : effort_max_, request.patience, task.passing.alive, task.absent,
             found_, found_count_, share_of(task.passing)});
  cost_.lists += lists.costs().lists;
  cost_.scored += lists.costs().coded;
  found_ = lists.found();
  found_count_ = lists.found_count() < task.ranked() ? lists.found_count() : task.ranked();
}

// By 1-bit codes, then 4-bit codes of the best. 1-bit codes alone are so rough that all that are kept are ranked.
void AnnSearcher::search_blocks(const Task &task) {
  const elanus_request &request = task.request;
  // What suits all rows is too few lists where most of their rows do not pass.
  const bool is_patient = request.effort == 0 || (task.passing.alive != nullptr && request.patience > 0);
  const uint32_t code_keep = flat_ == nullptr ? request.k : task.ranked();
  IvfSearch blocks(index_->lists(), index_->codes(), &ivf_scratch_);
  blocks.run({&query_, request.k, is_patient ? 0 : request.effort, request.keep, code_keep, is_patient ? request.patience : 0,
              task.passing.alive, task.absent, share_of(task.passing)});
  cost_.lists += blocks.costs().lists;
  cost_.scanned += blocks.costs().scanned;
  cost_.scored += blocks.costs().coded;
  found_ = blocks.found();
  found_count_ = blocks.found_count();
}

uint32_t AnnSearcher::rank(const Task &task, bool is_prepared, uint32_t *rows, float *scores) {
  Rerank rerank(flat_->vectors(), &rerank_scratch_);
  RerankRequest request = {task.query, found_, found_count_, task.request.k};
  if (is_prepared) request.prepared = &query_;
  const uint32_t count = rerank.run(request, rows, scores);
  cost_.reranked += rerank.scored();
  return count;
}

// The scores that estimates stand for (quant/code.h).
uint32_t AnnSearcher::give_estimates(const Task &task, uint32_t *rows, float *scores) const {
  const elanus_metric metric = index_->quantizer().metric();
  float norm2 = 2;
  if (metric == ELANUS_IP) {
    norm2 = 0;
    for (uint32_t i = 0; i < index_->quantizer().dim(); i++) norm2 += task.query[i] * task.query[i];
  }
  const uint32_t count = found_count_ < task.request.k ? found_count_ : task.request.k;
  for (uint32_t i = 0; i < count; i++) {
    const float estimate = found_[i].estimate;
    rows[i] = found_[i].row;
    if (metric == ELANUS_L2) scores[i] = estimate > 0 ? estimate : 0;
    else scores[i] = (norm2 - estimate) / 2;
  }
  return count;
}

// Of similarities half as much as of squared distances. A block of 1-bit codes is not found by its rows.
void AnnSearcher::give_errors(const uint32_t *rows, uint32_t count, float *errors) const {
  const CodeRows codes = index_->codes();
  const float factor = index_->quantizer().metric() == ELANUS_L2 ? 1.0f : 0.5f;
  for (uint32_t i = 0; i < count; i++) {
    errors[i] = index_->has_codes() ? factor * query_.error4(codes.records + rows[i] * codes.stride, 1) : INFINITY;
  }
}

}  // namespace elanus
