// AnnIndexBuilder: train, measure, encode every row once for all kinds of codes, lay out the lists, build the graph.
#include "index/ann_index_builder.h"

#include <float.h>
#include <string.h>

#include <new>

#include "index/ann_index_layout.h"
#include "quant/code.h"

namespace elanus {
namespace {

constexpr uint32_t kScaleRows = 1000;
// What encoding a row costs, in comparisons of two rows by panels.
constexpr uint64_t kPairsEncode = 1000;
// Of a sample, rows to a step of training, which is then a few milliseconds, and what one costs.
constexpr uint32_t kTrainRows = 64;
constexpr uint64_t kPairsTrain = 300;

}  // namespace

AnnIndexBuilder::AnnIndexBuilder(const TypedRows &rows, const AnnBuildOptions &options, const CodeKernels &codes,
                                 const BuildKernels &kernels)
    : rows_(rows), options_(options), code_kernels_(codes), build_kernels_(kernels) {}

AnnIndexBuilder::~AnnIndexBuilder() {
  if (builder_ != nullptr) builder_->~GraphBuilder();
}

AnnIndexBuilder::Progress AnnIndexBuilder::step(uint64_t pairs) {
  uint64_t spent = 0;
  do {
    if (stage_ == Stage::kDone) return Progress::kDone;
    if (!work(pairs, &spent)) return Progress::kNoMemory;
  } while (spent < pairs);
  return stage_ == Stage::kDone ? Progress::kDone : Progress::kMore;
}

bool AnnIndexBuilder::work(uint64_t pairs, uint64_t *spent) {
  *spent += cost(pairs);
  switch (stage_) {
    case Stage::kBegin:
      stage_ = Stage::kTrain;
      return begin();
    case Stage::kTrain:
      return train();
    case Stage::kBeginLists:
      stage_ = Stage::kTrainLists;
      return begin_lists();
    case Stage::kTrainLists:
      return train_lists();
    case Stage::kMeasure:
      stage_ = Stage::kEncode;
      return measure();
    case Stage::kEncode:
      encode(at_++);
      if (at_ == rows_.size()) stage_ = Stage::kLists;
      return true;
    case Stage::kLists:
      stage_ = has_graph() ? Stage::kGraph : Stage::kDone;
      return finish_lists();
    case Stage::kGraph:
      return build(pairs);
    case Stage::kDone:
      return true;
  }
  return true;
}

const float *AnnIndexBuilder::row_at(const void *self, uint32_t row) {
  const auto *builder = static_cast<const AnnIndexBuilder *>(self);
  builder->rows_.read_f32(row, 1, builder->vector_.data());
  return builder->vector_.data();
}

// What the next piece of work costs, about, in comparisons.
uint64_t AnnIndexBuilder::cost(uint64_t pairs) const {
  switch (stage_) {
    case Stage::kTrain:
    case Stage::kTrainLists: return kTrainRows * kPairsTrain;
    case Stage::kEncode: return kPairsEncode;
    default: return pairs;
  }
}

bool AnnIndexBuilder::begin() {
  return vector_.resize(rows_.dim()) && quantizer_.init(rows_.dim(), rows_.metric(), options_.seed, &code_kernels_) &&
         quantizer_.begin_training(vectors(), &training_);
}

bool AnnIndexBuilder::train() {
  if (!training_.step(kTrainRows)) return false;
  if (training_.done()) stage_ = Stage::kBeginLists;
  return true;
}

bool AnnIndexBuilder::train_lists() {
  if (!list_builder_.step_training(kTrainRows)) return false;
  if (list_builder_.trained()) stage_ = Stage::kMeasure;
  return true;
}

bool AnnIndexBuilder::begin_lists() {
  const uint32_t wanted = options_.lists > 0 ? options_.lists : ivf_lists_for(rows_.size());
  const uint32_t lists = wanted < rows_.size() ? wanted : rows_.size();
  return list_builder_.init(quantizer_, rows_.size(), lists) && list_builder_.begin_training(vectors());
}

// Room for what rows are encoded to, and the scale of the codes that a graph is built on.
bool AnnIndexBuilder::measure() {
  const uint32_t count = rows_.size(), padded_dim = quantizer_.padded_dim();
  size_t plane, planes;
  if (!multiply(count, padded_dim / 8, &plane) || !multiply(plane, 3, &planes)) return false;
  if (!signs_.resize(plane) || !extra_.resize(planes) || !factors_.resize(count)) return false;
  if (!encoder_.init(quantizer_) || !record_.resize(code4_bytes(padded_dim))) return false;
  if (!has_graph()) return true;
  const uint32_t centres = quantizer_.centres().count();
  if (!scale_.init() || !entries_.resize(centres) || !entry_distances_.resize(centres)) return false;
  for (float &distance : entry_distances_) distance = FLT_MAX;
  const uint32_t sampled = count < kScaleRows ? count : kScaleRows;
  for (uint32_t i = 0; i < sampled; i++) {
    encoder_.load(row_at(this, uint32_t(uint64_t(i) * count / sampled)));
    scale_.add(encoder_.frame(), padded_dim);
  }
  scale_value_ = scale_.scale();
  return codes_.init(count, padded_dim);
}

void AnnIndexBuilder::encode(uint32_t row) {
  const uint32_t padded_dim = quantizer_.padded_dim();
  const size_t plane = padded_dim / 8;
  encoder_.load(row_at(this, row));
  const uint32_t centre = encoder_.nearest().first;
  encoder_.encode4(centre, record_.data());
  planes_of(record_.data(), padded_dim, signs_.data() + row * plane, extra_.data() + row * plane * 3);
  factors_[row] = factors_of(record_.data(), record_.size());
  list_builder_.add(&encoder_);
  if (!has_graph()) return;
  codes_.set(row, encoder_.frame(), scale_value_);
  enter(centre, row);
}

// The row nearest to a centre is where searches enter that end near it.
void AnnIndexBuilder::enter(uint32_t centre, uint32_t row) {
  const float distance = encoder_.query().centres()[centre];
  if (distance >= entry_distances_[centre]) return;
  entry_distances_[centre] = distance;
  entries_[centre] = row;
}

bool AnnIndexBuilder::finish_lists() {
  if (!list_builder_.finish(&lists_)) return false;
  list_builder_ = IvfBuilder();
  return true;
}

bool AnnIndexBuilder::build(uint64_t pairs) {
  if (builder_ == nullptr) {
    if (!builder_memory_.resize(sizeof(GraphBuilder))) return false;
    builder_ = new (builder_memory_.data()) GraphBuilder(codes_, build_kernels_, options_.seed);
    builder_->enter_by(entries_.data(), uint32_t(entries_.size()));
  }
  const GraphBuilder::Progress progress = builder_->step(pairs);
  if (progress == GraphBuilder::Progress::kDone) {
    graph_ = builder_->take_graph();
    builder_->~GraphBuilder();
    builder_ = nullptr;
    codes_ = GraphCodes();
    stage_ = Stage::kDone;
  }
  return progress != GraphBuilder::Progress::kNoMemory;
}

Array<uint8_t> AnnIndexBuilder::write(IndexKind kind, const Calibration &calibration) const {
  AnnIndexParts parts = {&quantizer_, &lists_, signs_.data(), extra_.data(), factors_.data(), entries_.data(), &graph_,
                         column_type(rows_.element()), {}};
  memcpy(parts.rows_sha256, options_.rows_sha256, sizeof(parts.rows_sha256));
  return write_ann_index(parts, kind, calibration);
}

}  // namespace elanus
