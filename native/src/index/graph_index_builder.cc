// GraphIndexBuilder: train, measure, encode every row once for both kinds of codes, build the graph, write.
#include "index/graph_index_builder.h"

#include <float.h>
#include <string.h>

#include <new>

namespace elanus {
namespace {

constexpr uint32_t kScaleRows = 1000;
// What encoding a row costs, in comparisons of two rows by panels.
constexpr uint64_t kPairsEncode = 1000;

}  // namespace

GraphIndexBuilder::GraphIndexBuilder(const TypedRows &rows, uint64_t seed, const uint8_t rows_sha256[32],
                                     const CodeKernels &codes, const BuildKernels &kernels)
    : rows_(rows), seed_(seed), code_kernels_(codes), build_kernels_(kernels) {
  memcpy(rows_sha256_, rows_sha256, sizeof(rows_sha256_));
}

GraphIndexBuilder::~GraphIndexBuilder() {
  if (builder_ != nullptr) builder_->~GraphBuilder();
}

GraphIndexBuilder::Progress GraphIndexBuilder::step(uint64_t pairs) {
  uint64_t spent = 0;
  do {
    if (stage_ == Stage::kDone) return Progress::kDone;
    if (!work(pairs, &spent)) return Progress::kNoMemory;
  } while (spent < pairs);
  return stage_ == Stage::kDone ? Progress::kDone : Progress::kMore;
}

bool GraphIndexBuilder::work(uint64_t pairs, uint64_t *spent) {
  switch (stage_) {
    case Stage::kTrain:
      *spent = pairs;
      stage_ = Stage::kScale;
      return train();
    case Stage::kScale:
      *spent = pairs;
      stage_ = Stage::kEncode;
      return measure();
    case Stage::kEncode:
      *spent += kPairsEncode;
      encode(at_++);
      if (at_ == rows_.size()) stage_ = Stage::kGraph;
      return true;
    case Stage::kGraph:
      *spent = pairs;
      return build(pairs);
    case Stage::kWrite:
      *spent = pairs;
      stage_ = Stage::kDone;
      return write();
    case Stage::kDone:
      return true;
  }
  return true;
}

const float *GraphIndexBuilder::row_at(const void *self, uint32_t row) {
  const auto *builder = static_cast<const GraphIndexBuilder *>(self);
  builder->rows_.read_f32(row, 1, builder->vector_.data());
  return builder->vector_.data();
}

bool GraphIndexBuilder::train() {
  return vector_.resize(rows_.dim()) && quantizer_.init(rows_.dim(), rows_.metric(), seed_, &code_kernels_) &&
         quantizer_.train({this, row_at, rows_.size(), rows_.dim()});
}

bool GraphIndexBuilder::measure() {
  const uint32_t centres = quantizer_.centres().count();
  size_t size_bytes;
  if (!multiply(rows_.size(), code4_bytes(quantizer_.padded_dim()), &size_bytes)) return false;
  if (!encoder_.init(quantizer_) || !scale_.init() || !records_.resize(size_bytes)) return false;
  if (!entries_.resize(centres) || !entry_distances_.resize(centres)) return false;
  for (float &distance : entry_distances_) distance = FLT_MAX;
  const uint32_t sampled = rows_.size() < kScaleRows ? rows_.size() : kScaleRows;
  for (uint32_t i = 0; i < sampled; i++) {
    encoder_.load(row_at(this, uint32_t(uint64_t(i) * rows_.size() / sampled)));
    scale_.add(encoder_.frame(), quantizer_.padded_dim());
  }
  scale_value_ = scale_.scale();
  return codes_.init(rows_.size(), quantizer_.padded_dim());
}

void GraphIndexBuilder::encode(uint32_t row) {
  encoder_.load(row_at(this, row));
  const uint32_t centre = encoder_.nearest().first;
  encoder_.encode4(centre, records_.data() + row * code4_bytes(quantizer_.padded_dim()));
  codes_.set(row, encoder_.frame(), scale_value_);
  const float distance = encoder_.query().centres()[centre];
  if (distance >= entry_distances_[centre]) return;
  entry_distances_[centre] = distance;
  entries_[centre] = row;
}

bool GraphIndexBuilder::build(uint64_t pairs) {
  if (builder_ == nullptr) {
    if (!builder_memory_.resize(sizeof(GraphBuilder))) return false;
    builder_ = new (builder_memory_.data()) GraphBuilder(codes_, build_kernels_, seed_);
    builder_->enter_by(entries_.data(), uint32_t(entries_.size()));
  }
  const GraphBuilder::Progress progress = builder_->step(pairs);
  if (progress == GraphBuilder::Progress::kDone) {
    graph_ = builder_->take_graph();
    stage_ = Stage::kWrite;
  }
  return progress != GraphBuilder::Progress::kNoMemory;
}

bool GraphIndexBuilder::write() {
  GraphIndexParts parts = {&quantizer_, records_.data(), rows_.size(), entries_.data(), &graph_, {}};
  memcpy(parts.rows_sha256, rows_sha256_, sizeof(rows_sha256_));
  file_ = write_graph_index(parts);
  return file_.size() > 0;
}

}  // namespace elanus
