// GraphIndexBuilder: from the rows of a segment to the bytes of a graph index, in steps, so that whoever builds may do
// other things in between. The result depends on the rows and the seed alone.
#pragma once

#include "index/graph_builder.h"
#include "index/graph_index.h"
#include "index/typed_rows.h"
#include "quant/encoder.h"

namespace elanus {

class GraphIndexBuilder {
 public:
  enum class Progress { kMore, kDone, kNoMemory };

  // `rows` (at least one), `codes` and `kernels` outlive the builder; the rows do not change.
  GraphIndexBuilder(const TypedRows &rows, uint64_t seed, const uint8_t rows_sha256[32], const CodeKernels &codes,
                    const BuildKernels &kernels);

  // As GraphBuilder::step; the first step, which trains the codes, is the longest.
  Progress step(uint64_t pairs);

  // After kDone: the index file.
  Array<uint8_t> take() { return static_cast<Array<uint8_t> &&>(file_); }

 private:
  enum class Stage { kTrain, kScale, kEncode, kGraph, kWrite, kDone };

  bool work(uint64_t pairs, uint64_t *spent);
  bool train();
  bool measure();
  void encode(uint32_t row);
  bool build(uint64_t pairs);
  bool write();
  static const float *row_at(const void *self, uint32_t row);

  const TypedRows &rows_;
  const uint64_t seed_;
  const CodeKernels &code_kernels_;
  const BuildKernels &build_kernels_;
  uint8_t rows_sha256_[32];
  Stage stage_ = Stage::kTrain;
  uint32_t at_ = 0;
  mutable Array<float> vector_;
  Quantizer quantizer_;
  Encoder encoder_;
  Array<uint8_t> records_;
  Array<uint32_t> entries_;
  Array<float> entry_distances_;
  GraphScale scale_;
  float scale_value_ = 0;
  GraphCodes codes_;
  Array<uint8_t> builder_memory_;
  GraphBuilder *builder_ = nullptr;
  Graph graph_;
  Array<uint8_t> file_;

 public:
  ~GraphIndexBuilder();
};

}  // namespace elanus
