// AnnIndexBuilder: train, measure, encode every row once for all kinds of codes, lay out the lists, build the graph.
#include "index/ann_index_builder.h"

#include <string.h>

#include <new>

#include "index/ann_index_layout.h"
#include "quant/code.h"

namespace elanus {
namespace {

constexpr uint32_t kScaleRows = 1000;
constexpr uint32_t kRowsTask = 32;  // rows encoded by one task
// What encoding a row costs, in comparisons of two rows by panels; and a piece that ends any step.
constexpr uint64_t kPairsEncode = 1000, kPairsMost = uint64_t(1) << 62;
// What a task of training costs, a few milliseconds at most.
constexpr uint64_t kPairsTrain = 64 * 300;

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
    if (task_ == task_count()) {
      if (!plan()) return Progress::kNoMemory;
      task_ = 0;
    }
    if (done()) return Progress::kDone;
    spent += piece_pairs();
    if (work(0, task_)) task_++;
  } while (spent < pairs);
  return Progress::kMore;
}

uint64_t AnnIndexBuilder::piece_pairs() const {
  switch (stage_) {
    case Stage::kTrain:
    case Stage::kTrainLists:
      return kPairsTrain;
    case Stage::kEncode:
      return kRowsTask * kPairsEncode;
    case Stage::kGraph:
      return builder_->piece_pairs();
    default:
      return kPairsMost;
  }
}

bool AnnIndexBuilder::staff(uint32_t workers) { return workers_.make(workers); }

bool AnnIndexBuilder::plan() {
  do {
    for (const AnnIndexWorker &worker : workers_) {
      if (worker.failed) return false;
    }
    if (!next()) return false;
  } while (task_count() == 0 && !done());
  return true;
}

// The stage that follows, without tasks if there is nothing to do in it.
bool AnnIndexBuilder::next() {
  switch (stage_) {
    case Stage::kBegin:
      return begin();
    case Stage::kTrain:
      if (!plan_training(&training_)) return false;
      if (training_.done()) start(Stage::kBeginLists, 1);
      return true;
    case Stage::kBeginLists:
      return train(Stage::kTrainLists, list_builder_.training());
    case Stage::kTrainLists:
      if (!plan_training(list_builder_.training())) return false;
      if (!list_builder_.training()->done()) return true;
      start(Stage::kMeasure, 1);
      return list_builder_.end_training();
    case Stage::kMeasure:
      return begin_encode();
    case Stage::kEncode:
      end_encode();
      return true;
    case Stage::kLists:
      list_builder_ = IvfBuilder();
      if (has_graph()) return begin_graph();
      start(Stage::kDone, 0);
      return true;
    case Stage::kGraph:
      return plan_graph();
    case Stage::kDone:
      return true;
  }
  return true;
}

bool AnnIndexBuilder::work(uint32_t worker, uint32_t task) {
  AnnIndexWorker *own = &workers_[worker];
  switch (stage_) {
    case Stage::kTrain:
      training_.work(task, &own->training);
      return true;
    case Stage::kBeginLists:
      own->failed = !begin_lists();
      return true;
    case Stage::kTrainLists:
      list_builder_.training()->work(task, &own->training);
      return true;
    case Stage::kMeasure:
      own->failed = !measure(own);
      return true;
    case Stage::kEncode:
      encode(own, task);
      return true;
    case Stage::kLists:
      own->failed = !list_builder_.finish(&lists_);
      return true;
    case Stage::kGraph:
      return builder_->work(worker, task);
    case Stage::kBegin:
    case Stage::kDone:
      return true;
  }
  return true;
}

void AnnIndexBuilder::start(Stage stage, uint64_t tasks) {
  stage_ = stage;
  task_count_ = uint32_t(tasks);
}

bool AnnIndexBuilder::begin() {
  if (workers_.size() == 0 && !workers_.make(1)) return false;
  for (AnnIndexWorker &worker : workers_) {
    if (!worker.read_from(rows_)) return false;
  }
  return quantizer_.init(rows_.dim(), rows_.metric(), options_.seed, &code_kernels_) &&
         quantizer_.begin_training(workers_[0].vectors(), &training_) && train(Stage::kTrain, &training_);
}

bool AnnIndexBuilder::begin_lists() {
  const uint32_t wanted = options_.lists > 0 ? options_.lists : ivf_lists_for(rows_.size());
  const uint32_t lists = wanted < rows_.size() ? wanted : rows_.size();
  return list_builder_.init(quantizer_, rows_.size(), lists) && list_builder_.begin_training(workers_[0].vectors());
}

bool AnnIndexBuilder::train(Stage stage, CentreTraining *training) {
  for (AnnIndexWorker &worker : workers_) {
    if (!training->init_room(worker.vectors(), &worker.training)) return false;
  }
  start(stage, 0);
  return plan_training(training);
}

bool AnnIndexBuilder::plan_training(CentreTraining *training) {
  if (!training->plan()) return false;
  task_count_ = training->task_count();
  return true;
}

// The scale of the codes that a graph is built on.
bool AnnIndexBuilder::measure(AnnIndexWorker *worker) {
  if (!has_graph()) return true;
  Encoder encoder;
  if (!encoder.init(quantizer_) || !scale_.init()) return false;
  const uint32_t count = rows_.size(), sampled = count < kScaleRows ? count : kScaleRows;
  for (uint32_t i = 0; i < sampled; i++) {
    encoder.load(worker->row(uint32_t(uint64_t(i) * count / sampled)));
    scale_.add(encoder.frame(), quantizer_.padded_dim());
  }
  scale_value_ = scale_.scale();
  return codes_.init(count, quantizer_.padded_dim());
}

// Room for what rows are encoded to.
bool AnnIndexBuilder::begin_encode() {
  const uint32_t count = rows_.size();
  size_t plane, planes;
  if (!multiply(count, quantizer_.padded_dim() / 8, &plane) || !multiply(plane, 3, &planes)) return false;
  if (!signs_.resize(plane) || !extra_.resize(planes) || !factors_.resize(count)) return false;
  for (AnnIndexWorker &worker : workers_) {
    if (!worker.init(quantizer_, list_builder_)) return false;
  }
  start(Stage::kEncode, (uint64_t(count) + kRowsTask - 1) / kRowsTask);
  return true;
}

void AnnIndexBuilder::encode(AnnIndexWorker *worker, uint32_t task) {
  const uint32_t first = task * kRowsTask, left = rows_.size() - first;
  const uint32_t count = left < kRowsTask ? left : kRowsTask;
  for (uint32_t i = 0; i < count; i++) encode_row(worker, first + i);
}

void AnnIndexBuilder::encode_row(AnnIndexWorker *worker, uint32_t row) {
  const uint32_t padded_dim = quantizer_.padded_dim();
  const size_t plane = padded_dim / 8;
  Encoder *encoder = &worker->encoder;
  encoder->load(worker->row(row));
  const uint32_t centre = encoder->nearest().first;
  uint8_t *record = worker->record.data();
  encoder->encode4(centre, record);
  planes_of(record, padded_dim, signs_.data() + row * plane, extra_.data() + row * plane * 3);
  factors_[row] = factors_of(record, worker->record.size());
  list_builder_.put(row, encoder, &worker->room);
  if (!has_graph()) return;
  codes_.set(row, encoder->frame(), scale_value_);
  worker->enter(centre, row, encoder->query().centres()[centre]);
}

void AnnIndexBuilder::end_encode() {
  for (uint32_t i = 1; i < workers_.size(); i++) workers_[0].enter(workers_[i]);
  entries_ = static_cast<Array<uint32_t> &&>(workers_[0].entries);
  start(Stage::kLists, 1);
}

bool AnnIndexBuilder::begin_graph() {
  if (!builder_memory_.resize(sizeof(GraphBuilder))) return false;
  builder_ = new (builder_memory_.data()) GraphBuilder(codes_, build_kernels_, options_.seed, workers_.size());
  builder_->enter_by(entries_.data(), uint32_t(entries_.size()));
  stage_ = Stage::kGraph;
  return plan_graph();
}

bool AnnIndexBuilder::plan_graph() {
  if (!builder_->plan()) return false;
  if (builder_->task_count() > 0) return true;
  graph_ = builder_->take_graph();
  builder_->~GraphBuilder();
  builder_ = nullptr;
  codes_ = GraphCodes();
  workers_.clear();
  start(Stage::kDone, 0);
  return true;
}

Array<uint8_t> AnnIndexBuilder::write(IndexKind kind, const Calibration &calibration) const {
  AnnIndexParts parts = {&quantizer_, &lists_, signs_.data(), extra_.data(), factors_.data(), entries_.data(), &graph_,
                         column_type(rows_.element()), {}};
  memcpy(parts.rows_sha256, options_.rows_sha256, sizeof(parts.rows_sha256));
  return write_ann_index(parts, kind, calibration);
}

}  // namespace elanus
