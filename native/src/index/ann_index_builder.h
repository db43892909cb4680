// AnnIndexBuilder: from the rows of a segment to the parts of an approximate index, in stages of tasks that one thread
// runs in steps, so that it may do other things in between, or several threads share; and from these to the bytes of
// index files. The result depends on the rows and the options alone, not on the steps or the threads.
#pragma once

#include "base/objects.h"
#include "index/ann_index_worker.h"
#include "index/ann_index_writer.h"
#include "index/graph_builder.h"

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

  // Makes room for `workers` threads, otherwise there is one. False if there is no memory. REQUIRES: before the first
  // stage; at least 1.
  bool staff(uint32_t workers);
  // As GraphBuilder::plan, task_count and work.
  bool plan();
  uint32_t task_count() const { return stage_ == Stage::kGraph ? builder_->task_count() : task_count_; }
  bool work(uint32_t worker, uint32_t task);
  bool done() const { return stage_ == Stage::kDone; }

  // The index file, as often as wanted: of the kind that was built, or kIvf. Empty if there is no memory.
  // REQUIRES: done().
  Array<uint8_t> write(IndexKind kind, const Calibration &calibration) const;
  IndexKind kind() const { return options_.kind; }

 private:
  enum class Stage { kBegin, kTrain, kBeginLists, kTrainLists, kMeasure, kEncode, kLists, kGraph, kDone };

  void start(Stage stage, uint64_t tasks);
  uint64_t piece_pairs() const;
  bool next();
  bool begin();
  bool begin_lists();
  bool train(Stage stage, CentreTraining *training);
  bool plan_training(CentreTraining *training);
  bool measure(AnnIndexWorker *worker);
  bool begin_encode();
  void encode(AnnIndexWorker *worker, uint32_t task);
  void encode_row(AnnIndexWorker *worker, uint32_t row);
  void end_encode();
  bool begin_graph();
  bool plan_graph();
  bool has_graph() const { return options_.kind == IndexKind::kGraph; }

  const TypedRows &rows_;
  const AnnBuildOptions options_;
  const CodeKernels &code_kernels_;
  const BuildKernels &build_kernels_;
  Stage stage_ = Stage::kBegin;
  uint32_t task_count_ = 0, task_ = 0;  // of the stage; the task that step() is at
  Objects<AnnIndexWorker> workers_;
  Quantizer quantizer_;
  CentreTraining training_;
  Array<uint8_t> signs_, extra_;
  Array<Factors> factors_;
  IvfBuilder list_builder_;
  Ivf lists_;

  // Of kind kGraph.
  Array<uint32_t> entries_;
  GraphScale scale_;
  float scale_value_ = 0;
  GraphCodes codes_;
  Array<uint8_t> builder_memory_;
  GraphBuilder *builder_ = nullptr;
  Graph graph_;
};

}  // namespace elanus
