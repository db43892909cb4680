// FlatCodes: train, code, try, search; then code what comes, and try again when there are twice as many rows.
#include "index/flat_codes.h"

#include <new>

#include "base/memory.h"

namespace elanus {
namespace {

// Gives 16 centres (quant/quantizer.h). Four times as many take four times as long, which is one step, and spare a third of
// the rows that are scored, which is little time.
constexpr uint32_t kTrainingRowsMax = 512;
// Steps of a trial that take as long as coding a row: one compares 64 rows with 32 queries.
constexpr uint32_t kRowsPerTrialStep = 8;

// More would only overflow: no code is so far off.
constexpr float kDeviationsMax = 64;

struct Sample {
  const TypedRows *rows;
  uint32_t size, count;
  float *vector;
};

// A row that cannot be estimated would spoil the mean, and counts as zero.
const float *sampled_row(const void *owner, uint32_t i) {
  const Sample *sample = static_cast<const Sample *>(owner);
  sample->rows->read_f32(uint32_t(uint64_t(i) * sample->size / sample->count), 1, sample->vector);
  const uint32_t dim = sample->rows->dim();
  if (!is_estimable(sample->vector, dim)) memset(sample->vector, 0, dim * sizeof(float));
  return sample->vector;
}

template <class T, class... Given>
T *make_in_core(Given &&...given) {
  void *memory = allocate(sizeof(T));
  return memory == nullptr ? nullptr : new (memory) T{static_cast<Given &&>(given)...};
}

template <class T>
void drop_in_core(T **object) {
  if (*object == nullptr) return;
  (*object)->~T();
  release(*object);
  *object = nullptr;
}

}  // namespace

FlatCodes::~FlatCodes() {
  drop_in_core(&trial_);
  drop_in_core(&next_);
  drop_in_core(&current_);
}

size_t FlatCodes::bytes() const {
  size_t bytes = sizeof(*this) + search_.bytes() + (trial_ == nullptr ? 0 : trial_->bytes());
  const Generation *generations[] = {current_, next_};
  for (const Generation *generation : generations) {
    if (generation != nullptr) bytes += sizeof(*generation) + generation->blocks.bytes() + generation->quantizer.centres().bytes();
  }
  return bytes;
}

bool FlatCodes::is_training_due() const {
  if (next_ != nullptr || dim() < kDimMin) return false;
  return rows_.size() >= (current_ == nullptr ? kFirstRows : uint64_t(current_->trained_rows) * kGrowth);
}

bool FlatCodes::is_trial_due() const {
  const Generation *generation = coding();
  if (generation == nullptr || generation->blocks.size() < rows_.size()) return false;
  return generation->tried_rows == 0 || generation->blocks.size() / 2 >= generation->tried_rows;
}

uint32_t FlatCodes::left() const {
  if (is_training_due()) return rows_.size();
  if (coding() == nullptr) return 0;
  const uint32_t uncoded = rows_.size() - coding()->blocks.size();
  if (trial_ != nullptr) return uncoded + trial_->steps_left() * kRowsPerTrialStep;
  return uncoded > 0 || !is_trial_due() ? uncoded : 1;
}

bool FlatCodes::update(uint32_t rows_max) {
  if (is_training_due()) return train();
  uint32_t budget = rows_max > 0 ? rows_max : 1;
  while (budget > 0 && coding() != nullptr) {
    if (trial_ != nullptr) {
      run_trial(&budget);
    } else if (coding()->blocks.size() < rows_.size()) {
      if (!code(&budget)) return false;
    } else if (is_trial_due()) {
      if (!start_trial()) return false;
    } else {
      break;
    }
  }
  return true;
}

bool FlatCodes::train() {
  Array<float> vector;
  if (!vector.resize(dim())) return false;
  const uint32_t size = rows_.size(), count = size < kTrainingRowsMax ? size : kTrainingRowsMax;
  const Sample sample = {&rows_.vectors(), size, count, vector.data()};
  Generation *made = make_in_core<Generation>((dim() + kCodeBlock - 1) / kCodeBlock * kCodeBlock);
  if (made == nullptr) return false;
  made->trained_rows = size;
  if (!made->quantizer.init(dim(), rows_.vectors().metric(), seed_, &kernels_) ||
      !made->quantizer.train({&sample, sampled_row, count, dim()}) || !made->query.init(made->quantizer) ||
      !made->blocks.init(made->quantizer)) {
    drop_in_core(&made);
    return false;
  }
  drop_in_core(&trial_);
  next_ = made;
  return true;
}

bool FlatCodes::code(uint32_t *budget) {
  SignBlocks &blocks = coding()->blocks;
  Array<float> vector;
  if (!vector.resize(dim())) return false;
  for (; *budget > 0 && blocks.size() < rows_.size(); (*budget)--) {
    // A row opens at most one block.
    if (!search_.reserve(blocks.block_count() + 1)) return false;
    rows_.vectors().read_f32(blocks.size(), 1, vector.data());
    if (!blocks.add(vector.data())) return false;
  }
  return true;
}

bool FlatCodes::start_trial() {
  CodesTrial *made = make_in_core<CodesTrial>();
  if (made == nullptr) return false;
  Generation *generation = coding();
  if (!made->init(rows_, generation->blocks, generation->blocks.size(), &generation->query)) {
    drop_in_core(&made);
    return false;
  }
  trial_ = made;
  return true;
}

void FlatCodes::run_trial(uint32_t *budget) {
  while (*budget > 0) {
    *budget -= *budget < kRowsPerTrialStep ? *budget : kRowsPerTrialStep;
    if (!trial_->step()) continue;
    pair_count_ = trial_->pair_count();
    memcpy(deviations_, trial_->deviations(), pair_count_ * sizeof(float));
    coding()->tried_rows = trial_->row_count();
    drop_in_core(&trial_);
    if (next_ != nullptr) {
      drop_in_core(&current_);
      current_ = next_;
      next_ = nullptr;
    }
    return;
  }
}

uint32_t FlatCodes::search(const float *query, uint32_t k, float deviations, const uint8_t *alive, uint32_t *rows,
                           float *scores) {
  if (current_ != nullptr && deviations <= kDeviationsMax && is_estimable(query, dim()) &&
      CodesSearch::is_worth_it(k, count_alive(alive, rows_.size()), current_->blocks.size())) {
    return search_.run(rows_, current_->blocks, {query, k, deviations, alive}, &current_->query, rows, scores);
  }
  uint32_t count = 0;
  rows_.search(query, 1, k, alive, &count, rows, scores);
  search_.cost.scans++;
  return count;
}

float FlatCodes::recall(float deviations) const {
  if (current_ == nullptr || deviations > kDeviationsMax) return 1;
  uint32_t within = 0;
  for (uint32_t i = 0; i < pair_count_; i++) within += deviations_[i] <= deviations;
  return (float(within) + 1) / (float(pair_count_) + 2);
}

}  // namespace elanus
