// GraphSearch: the pool is a sorted array in which the best row that is not yet expanded is always at hand. Codes of
// neighbours are asked for all at once, then scored four at a time; meanwhile the next rows' neighbours are fetched.
#include "index/graph_search.h"

#include "base/fetch.h"

namespace elanus {
namespace {

constexpr uint32_t kExpanded = uint32_t(1) << 31;  // rows are below it
constexpr uint32_t kEntriesKept = 4;               // of all rows to begin from the nearest
constexpr uint32_t kPoolPerEf = 4;                 // with a filter: places for rows that do not pass
constexpr uint32_t kStepsMax = 16;                 // places that are gone through one after another
constexpr uint32_t kFetchAhead = 2, kFetchWindow = 6;
// A filter is unlucky if fewer than 45 of 100 rows pass near the query.
constexpr uint32_t kTrialRows = 48, kTrialPercent = 45;

inline void fetch_code(const CodeRows &codes, uint32_t row) {
  const uint8_t *code = codes.records + codes.stride * row;
  fetch(code, codes.stride);
  fetch(code + codes.stride - 1, 1);
}

// Into a sorted list of at most `most`; gives its place, or UINT32_MAX if it is not better than the last.
inline uint32_t insert(Candidate *list, uint32_t *count, uint32_t most, float estimate, uint32_t row) {
  if (*count == most && !(estimate < list[most - 1].estimate)) return UINT32_MAX;
  uint32_t last = *count < most ? (*count)++ : most - 1;  // the place that becomes free
  uint32_t low = 0;
  while (last - low > kStepsMax) {
    const uint32_t middle = (low + last) / 2;
    if (list[middle].estimate < estimate) {
      low = middle + 1;
    } else {
      memmove(list + middle + 1, list + middle, (last - middle) * sizeof(Candidate));
      last = middle;
    }
  }
  // A halving is a branch that the machine foresees half the time; these steps are one branch, wrong once.
  for (; last > low && !(list[last - 1].estimate < estimate); last--) list[last] = list[last - 1];
  list[last] = {estimate, row};
  return last;
}

inline bool passes(const uint8_t *alive, uint32_t row) { return (alive[row >> 3] >> (row & 7) & 1) != 0; }

}  // namespace

bool GraphScratch::init(uint32_t count, uint32_t ef_max) {
  size_t pool;
  epoch_ = 0;
  return multiply(ef_max, kPoolPerEf, &pool) && visited_.resize(count) && pool_.resize(pool) && found_.resize(ef_max);
}

uint32_t nearest_entries(const float *centre_distances, const uint32_t *entries, uint32_t count, uint32_t out[2]) {
  uint32_t first = 0, second = count;
  for (uint32_t i = 1; i < count; i++) {
    if (centre_distances[i] < centre_distances[first]) {
      second = first;
      first = i;
    } else if (second == count || centre_distances[i] < centre_distances[second]) {
      second = i;
    }
  }
  out[0] = entries[first];
  if (second == count || entries[second] == entries[first]) return 1;
  out[1] = entries[second];
  return 2;
}

bool GraphSearch::run(const GraphRequest &request) {
  hops_ = scored_ = passed_ = pool_count_ = found_count_ = 0;
  tried_ = false;
  if (graph_.count == 0) return true;
  if (++scratch_.epoch_ == 0) {
    memset(scratch_.visited_.data(), 0, scratch_.visited_.size());
    scratch_.epoch_ = 1;
  }
  if (request.absent < graph_.count) scratch_.visited_[request.absent] = scratch_.epoch_;
  return request.alive == nullptr ? search<false>(request) : search<true>(request);
}

template <bool kFiltered>
bool GraphSearch::search(const GraphRequest &request) {
  uint32_t rows[kDegreeMax];
  float estimates[kDegreeMax];
  const uint32_t *entries = request.entries == nullptr ? graph_.entries : request.entries;
  const uint32_t entry_count = request.entries == nullptr ? graph_.entry_count : request.entry_count;
  const uint32_t kept = request.ef < kEntriesKept ? request.ef : kEntriesKept;
  for (uint32_t i = 0; i < entry_count; i += kDegreeMax) {
    const uint32_t left = entry_count - i < kDegreeMax ? entry_count - i : kDegreeMax;
    const uint32_t count = collect(entries + i, left, rows);
    request.query->estimate4(codes_, rows, count, estimates);
    for (uint32_t j = 0; j < count; j++) offer<kFiltered>(request, kept, estimates[j], rows[j]);
  }
  Candidate *pool = scratch_.pool_.data();
  const uint32_t pool_max = kFiltered ? request.ef * kPoolPerEf : request.ef;
  const uint32_t follow = kFiltered || request.follow > request.ef ? UINT32_MAX : request.follow;
  for (uint32_t at = 0; at < pool_count_ && at < follow;) {
    if ((pool[at].row & kExpanded) != 0) {
      at++;
      continue;
    }
    // With a filter the pool is longer than what is found, which says when nothing near is left.
    if (kFiltered && found_count_ == request.ef && pool[at].estimate > found_[request.ef - 1].estimate) break;
    const uint32_t row = pool[at].row;
    pool[at].row |= kExpanded;
    hops_++;
    const size_t begin = graph_.begin(row);
    const uint32_t count = collect(graph_.neighbours + begin, uint32_t(graph_.end(row) - begin), rows);
    fetch_next(at + 1);
    request.query->estimate4(codes_, rows, count, estimates);
    uint32_t next = at + 1;
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t place = offer<kFiltered>(request, pool_max, estimates[i], rows[i]);
      if (place < next) next = place;
    }
    if (kFiltered && unlucky(request)) return false;
    at = next;
  }
  if (!kFiltered) {
    for (uint32_t i = 0; i < pool_count_; i++) pool[i].row &= ~kExpanded;
    found_ = pool;
    found_count_ = pool_count_;
  }
  return true;
}

// Gives the place that the row took in the pool, or UINT32_MAX.
template <bool kFiltered>
inline uint32_t GraphSearch::offer(const GraphRequest &request, uint32_t pool_max, float estimate, uint32_t row) {
  if (kFiltered) {
    Candidate *found = scratch_.found_.data();
    found_ = found;
    const bool passing = passes(request.alive, row);
    passed_ += passing;
    if (found_count_ == request.ef && !(estimate < found[request.ef - 1].estimate)) return UINT32_MAX;
    if (passing) insert(found, &found_count_, request.ef, estimate, row);
  }
  return insert(scratch_.pool_.data(), &pool_count_, pool_max, estimate, row);
}

// The rows among `rows` that this search has not seen, their codes on the way.
uint32_t GraphSearch::collect(const uint32_t *rows, uint32_t count, uint32_t *fresh) {
  uint8_t *visited = scratch_.visited_.data();
  const uint8_t epoch = scratch_.epoch_;
  uint32_t fresh_count = 0;
  for (uint32_t i = 0; i < count; i++) {
    // Without a branch: whether a row was seen is as good as random.
    fresh[fresh_count] = rows[i];
    fresh_count += visited[rows[i]] != epoch;
    visited[rows[i]] = epoch;
  }
  for (uint32_t i = 0; i < fresh_count; i++) fetch_code(codes_, fresh[i]);
  scored_ += fresh_count;
  return fresh_count;
}

// The neighbours of the best rows that are not yet expanded.
void GraphSearch::fetch_next(uint32_t at) const {
  const Candidate *pool = scratch_.pool_.data();
  const uint32_t stop = pool_count_ - at < kFetchWindow ? pool_count_ : at + kFetchWindow;
  for (uint32_t left = kFetchAhead; at < stop && left > 0; at++) {
    if ((pool[at].row & kExpanded) != 0) continue;
    // Beyond the last edge there is still an entry.
    const uint64_t begin = graph_.begin(pool[at].row), further = begin + kCacheLine / sizeof(uint32_t);
    fetch(graph_.neighbours + begin, 1);
    fetch(graph_.neighbours + (further < graph_.edges ? further : graph_.edges), 1);
    left--;
  }
}

bool GraphSearch::unlucky(const GraphRequest &request) {
  if (request.scored_max == 0) return false;
  if (scored_ > request.scored_max) return true;
  if (tried_ || scored_ < kTrialRows) return false;
  tried_ = true;
  return uint64_t(passed_) * 100 < uint64_t(scored_) * kTrialPercent;
}

}  // namespace elanus
