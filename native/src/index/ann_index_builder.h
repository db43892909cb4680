// AnnIndexBuilder: from the rows of a segment to the parts of an approximate index, in steps, so that whoever builds may
// do other things in between, and from these to the bytes of index files. The result depends on the rows and the
// options alone, not on the steps.
#pragma once

#include "index/ann_index_writer.h"
#include "index/graph_builder.h"
#include "index/ivf_builder.h"
#include "index/typed_rows.h"
#include "quant/encoder.h"

namespace elanus {

struct AnnBuildOptions {
  IndexKind kind;  // kGraph or kIvf
  uint32_t lists;  // at most as many as rows are made; 0: as many as suit the number of rows
  uint64_t seed;
  uint8_t rows_sha256[32];
};

class AnnIndexBuilder {
 public:
  enum class Progress { kMore, kDone, kNoMemory };

  // `rows` (at least one), `codes` and `kernels` outlive the builder; the rows do not change.
  AnnIndexBuilder(const TypedRows &rows, const AnnBuildOptions &options, const CodeKernels &codes, const BuildKernels &kernels);
  ~AnnIndexBuilder();
  AnnIndexBuilder(const AnnIndexBuilder &) = delete;
  AnnIndexBuilder &operator=(const AnnIndexBuilder &) = delete;

  // As GraphBuilder::step. After kNoMemory only the destructor is called.
  Progress step(uint64_t pairs);
  bool done() const { return stage_ == Stage::kDone; }

  // The index file, as often as wanted: of the kind that was built, or kIvf. Empty if there is no memory.
  // REQUIRES: done().
  Array<uint8_t> write(IndexKind kind, const Calibration &calibration) const;
  IndexKind kind() const { return options_.kind; }

 private:
  enum class Stage { kTrain, kTrainLists, kMeasure, kEncode, kLists, kGraph, kDone };

  bool work(uint64_t pairs, uint64_t *spent);
  bool train();
  bool train_lists();
  bool measure();
  void encode(uint32_t row);
  void enter(uint32_t centre, uint32_t row);
  bool finish_lists();
  bool build(uint64_t pairs);
  Vectors vectors() const { return {this, row_at, rows_.size(), rows_.dim()}; }
  bool has_graph() const { return options_.kind == IndexKind::kGraph; }
  static const float *row_at(const void *self, uint32_t row);

  const TypedRows &rows_;
  const AnnBuildOptions options_;
  const CodeKernels &code_kernels_;
  const BuildKernels &build_kernels_;
  Stage stage_ = Stage::kTrain;
  uint32_t at_ = 0;
  mutable Array<float> vector_;
  Quantizer quantizer_;
  Encoder encoder_;
  Array<uint8_t> record_;  // of the row that is encoded
  Array<uint8_t> signs_, extra_;
  Array<Factors> factors_;
  IvfBuilder list_builder_;
  Ivf lists_;

  // Of kind kGraph.
  Array<uint32_t> entries_;
  Array<float> entry_distances_;
  GraphScale scale_;
  float scale_value_ = 0;
  GraphCodes codes_;
  Array<uint8_t> builder_memory_;
  GraphBuilder *builder_ = nullptr;
  Graph graph_;
};

}  // namespace elanus
