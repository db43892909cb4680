// FlatCodes: 1-bit codes beside a flat index that goes on growing, so that a scan of it reads a thirtieth of the bytes.
// Coding runs behind appending, in pieces of bounded size; rows not coded yet are scored exactly, so every answer knows
// every row. What codes may lose was measured on the rows themselves before they are used: recall().
//
// Codes are residuals to the centres of a quantizer, trained on the first 1,024 rows and again whenever there are eight
// times as many: what comes first need not be like what comes later. The old codes serve until the new ones are complete.
#pragma once

#include "index/codes_search.h"
#include "index/codes_trial.h"

namespace elanus {

class FlatCodes {
 public:
  // `rows` and `kernels` outlive the codes. Rows may be appended at any time, but not changed.
  FlatCodes(const Flat &rows, uint64_t seed, const CodeKernels &kernels)
      : rows_(rows), seed_(seed), kernels_(kernels) {}
  ~FlatCodes();
  FlatCodes(const FlatCodes &) = delete;
  FlatCodes &operator=(const FlatCodes &) = delete;

  // Works for about as long as coding `rows_max` rows takes, but at least one step. Training, the longest step, takes as
  // long as coding 1,000 rows. False if there is no memory; searches are as good as before, and it may be called again.
  bool update(uint32_t rows_max);
  // Rows' worth of work that is left; 0 if there is nothing to do before more rows are appended.
  uint32_t left() const;

  // The `k` best rows of one query (dim floats), as elanus_flat_search, but a row whose code says that it is worse by
  // more than `deviations` (above 0; beyond 64 the search is exact) of the code's error is left out. Of the rows that take
  // part k are found, or all. Gives how many.
  uint32_t search(const float *query, uint32_t k, float deviations, const uint8_t *alive, uint32_t *rows, float *scores);
  // The share of true neighbours that such a search is expected to find, at least: of pairs of near rows the share whose
  // codes are no farther off, by the rule of succession, so never 1. 1 while searches are exact.
  float recall(float deviations) const;

  uint32_t dim() const { return rows_.dim(); }
  const CodesCost &cost() const { return search_.cost; }
  size_t bytes() const;

 private:
  // One training, and what was coded with it.
  struct Generation {
    explicit Generation(uint32_t padded_dim) : blocks(padded_dim) {}
    Quantizer quantizer;
    Query query;
    SignBlocks blocks;
    uint32_t trained_rows = 0, tried_rows = 0;
  };
  // Rows of fewer dimensions are hardly longer than their codes.
  static constexpr uint32_t kDimMin = 64;
  static constexpr uint32_t kFirstRows = 1024;
  static constexpr uint32_t kGrowth = 8;

  bool is_training_due() const;
  bool is_trial_due() const;
  Generation *coding() const { return next_ != nullptr ? next_ : current_; }
  bool train();
  bool code(uint32_t *budget);
  bool start_trial();
  void run_trial(uint32_t *budget);

  const Flat &rows_;
  const uint64_t seed_;
  const CodeKernels &kernels_;
  Generation *current_ = nullptr;  // searched
  Generation *next_ = nullptr;     // on the way
  CodesSearch search_;
  CodesTrial *trial_ = nullptr;    // of coding()
  float deviations_[CodesTrial::kPairsMax];  // of current_
  uint32_t pair_count_ = 0;
};

}  // namespace elanus
