// SearchJob: the queries of one call, shared out among the threads of the pool. It holds copies of the queries and of
// the bitset and keeps alive what is searched: whoever changes or closes those meanwhile does not disturb it.
#pragma once

#include <string.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "elanus.h"
#include "flat_readers.h"
#include "pool.h"
#include "settler.h"

// Searchers of one index for threads that search it, each used by one at a time and kept for the next.
class SearcherSet {
 public:
  SearcherSet(std::shared_ptr<elanus_index> index, std::shared_ptr<elanus_flat> rows, uint32_t effort_max)
      : index_(std::move(index)), rows_(std::move(rows)), effort_max_(effort_max) {}
  ~SearcherSet() {
    for (elanus_searcher *searcher : idle_) elanus_searcher_close(searcher);
  }
  SearcherSet(const SearcherSet &) = delete;
  SearcherSet &operator=(const SearcherSet &) = delete;

  elanus_status take(elanus_searcher **out) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!idle_.empty()) {
        *out = idle_.back();
        idle_.pop_back();
        return ELANUS_OK;
      }
    }
    return elanus_searcher_open(index_.get(), rows_.get(), effort_max_, out);
  }
  void give(elanus_searcher *searcher) {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(searcher);
  }
  // Adds what the searches that have ended cost.
  void add_cost(elanus_cost *sum) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const elanus_searcher *searcher : idle_) {
      elanus_cost cost = {};
      elanus_searcher_cost(searcher, &cost);
      sum->hops += cost.hops;
      sum->scored += cost.scored;
      sum->scanned += cost.scanned;
      sum->lists += cost.lists;
      sum->reranked += cost.reranked;
      sum->scans += cost.scans;
    }
  }

 private:
  const std::shared_ptr<elanus_index> index_;
  const std::shared_ptr<elanus_flat> rows_;
  const uint32_t effort_max_;
  std::mutex mutex_;
  std::vector<elanus_searcher *> idle_;
};

// What a search is of. `alive` is NULL or covers all rows.
struct Searched {
  const float *queries;
  uint32_t query_count, dim;
  uint32_t k;
  const uint8_t *alive;
  size_t alive_bytes;
};

class SearchJob : public Job, public PoolJob, public std::enable_shared_from_this<SearchJob> {
 public:
  SearchJob(Settler *settler, const Searched &searched, const std::shared_ptr<FlatReaders> &readers)
      : settler_(settler), reading_(readers), dim_(searched.dim), query_count_(searched.query_count), k_(searched.k),
        queries_(searched.queries, searched.queries + size_t(searched.query_count) * searched.dim),
        alive_(searched.alive, searched.alive + (searched.alive == nullptr ? 0 : searched.alive_bytes)),
        filtered_(searched.alive != nullptr), counts_(query_count_), rows_(size_t(query_count_) * k_),
        scores_(size_t(query_count_) * k_) {}

  // Shares the queries out in portions of up to `portion_max`, among as many threads as there are, at most `threads`.
  static Napi::Value start(Napi::Env env, const std::shared_ptr<SearchJob> &job, Pool *pool, uint32_t threads, uint32_t portion_max) {
    const Napi::Value promise = job->settler_->promise(env, job.get());
    const uint32_t staff = pool->staff(threads);
    if (staff == 0 || job->query_count_ == 0) {
      job->status_ = staff == 0 ? ELANUS_NO_MEMORY : ELANUS_OK;
      job->end();
      return promise;
    }
    // Four portions a thread, so that those that are done early take from the rest.
    const uint32_t share = (job->query_count_ - 1) / (4 * staff) + 1;
    job->portion_ = share < portion_max ? share : portion_max;
    const uint32_t portions = (job->query_count_ - 1) / job->portion_ + 1;
    job->open_ = portions < threads ? portions : threads;
    pool->push(job, job->open_);
    return promise;
  }

  bool work() override {
    const uint64_t taken = next_.fetch_add(portion_);
    if (taken < query_count_) {
      const uint32_t first = static_cast<uint32_t>(taken), left = query_count_ - first;
      const elanus_status status = search(first, left < portion_ ? left : portion_);
      if (status != ELANUS_OK) status_ = status;
    }
    if (next_ < query_count_) return true;
    if (--open_ == 0) end();
    return false;
  }

  // A status, or { counts, rows, scores }.
  napi_value result(napi_env env) override {
    if (status_ != ELANUS_OK) return number_or_null(env, status_);
    napi_value found = nullptr;
    if (napi_create_object(env, &found) != napi_ok) return nullptr;
    if (!set_copy(env, found, "counts", napi_uint32_array, counts_)) return nullptr;
    if (!set_copy(env, found, "rows", napi_uint32_array, rows_)) return nullptr;
    return set_copy(env, found, "scores", napi_float32_array, scores_) ? found : nullptr;
  }

 protected:
  virtual elanus_status search(uint32_t first, uint32_t count) = 0;

  uint32_t k() const { return k_; }
  const float *query(uint32_t i) const { return queries_.data() + size_t(i) * dim_; }
  const uint8_t *alive() const { return filtered_ ? alive_.data() : nullptr; }
  uint32_t *counts(uint32_t i) { return counts_.data() + i; }
  uint32_t *rows(uint32_t i) { return rows_.data() + size_t(i) * k_; }
  float *scores(uint32_t i) { return scores_.data() + size_t(i) * k_; }

 private:
  // The rows are let go of first: the JavaScript thread may be waiting for that.
  void end() {
    reading_.end();
    settler_->settle(shared_from_this());
  }

  template <class T>
  static bool set_copy(napi_env env, napi_value object, const char *name, napi_typedarray_type type, const std::vector<T> &values) {
    void *data = nullptr;
    napi_value buffer, array;
    if (napi_create_arraybuffer(env, values.size() * sizeof(T), &data, &buffer) != napi_ok) return false;
    if (!values.empty()) memcpy(data, values.data(), values.size() * sizeof(T));
    return napi_create_typedarray(env, type, values.size(), buffer, 0, &array) == napi_ok &&
           napi_set_named_property(env, object, name, array) == napi_ok;
  }

  Settler *const settler_;
  FlatReading reading_;
  const uint32_t dim_, query_count_, k_;
  const std::vector<float> queries_;
  const std::vector<uint8_t> alive_;
  const bool filtered_;
  uint32_t portion_ = 1;
  std::atomic<uint64_t> next_ = 0;
  std::atomic<uint32_t> open_ = 0;  // places in the queue
  std::atomic<elanus_status> status_ = ELANUS_OK;
  std::vector<uint32_t> counts_, rows_;
  std::vector<float> scores_;
};

class IndexSearchJob : public SearchJob {
 public:
  static constexpr uint32_t kPortionMax = 16;

  IndexSearchJob(Settler *settler, const Searched &searched, std::shared_ptr<SearcherSet> searchers,
                 const std::shared_ptr<FlatReaders> &readers, const elanus_request &request)
      : SearchJob(settler, searched, readers), searchers_(std::move(searchers)), request_(request) {}

 protected:
  elanus_status search(uint32_t first, uint32_t count) override {
    elanus_searcher *searcher = nullptr;
    elanus_status status = searchers_->take(&searcher);
    if (status != ELANUS_OK) return status;
    status = elanus_searcher_search(searcher, query(first), count, &request_, alive(), counts(first), rows(first), scores(first));
    searchers_->give(searcher);
    return status;
  }

 private:
  const std::shared_ptr<SearcherSet> searchers_;
  const elanus_request request_;
};

class FlatSearchJob : public SearchJob {
 public:
  // A tile of queries is read against every row at once.
  static constexpr uint32_t kPortionMax = 64;

  FlatSearchJob(Settler *settler, const Searched &searched, std::shared_ptr<elanus_flat> flat,
                const std::shared_ptr<FlatReaders> &readers)
      : SearchJob(settler, searched, readers), flat_(std::move(flat)) {}

 protected:
  elanus_status search(uint32_t first, uint32_t count) override {
    return elanus_flat_search(flat_.get(), query(first), count, k(), alive(), nullptr, counts(first), rows(first), scores(first));
  }

 private:
  const std::shared_ptr<elanus_flat> flat_;
};
