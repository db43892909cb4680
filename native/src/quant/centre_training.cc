// CentreTraining: the sample is held in the frame, as k-means passes over it several times.
#include "quant/centre_training.h"

namespace elanus {
namespace {

constexpr uint32_t kRowsTogether = 64, kCentresTogether = 4;
// A dimension at a time would read the sample once for each: so many are one cache line of every row.
constexpr uint32_t kDimsTogether = 16;

}  // namespace

bool CentreTraining::begin(const Quantizer &quantizer, const Request &request) {
  size_t values;
  if (!multiply(request.sampled, quantizer.padded_dim(), &values) || !sample_.resize(values)) return false;
  quantizer_ = &quantizer;
  request_ = request;
  stage_ = Stage::kBegin;
  iteration_ = 0;
  return true;
}

bool CentreTraining::init_room(const Vectors &vectors, Room *room) const {
  if (done()) return true;
  room->vectors = vectors;
  return room->scratch.resize(vectors.dim) && room->k_means.init(*quantizer_, *request_.centres);
}

bool CentreTraining::plan() {
  switch (stage_) {
    case Stage::kBegin:
      start(Stage::kSample, request_.sampled, kRowsTogether);
      return true;
    case Stage::kSample:
      if (request_.mean == nullptr) return begin_iteration();
      start(Stage::kMean, quantizer_->padded_dim(), kDimsTogether);
      return true;
    case Stage::kMean:
      return begin_iteration();
    case Stage::kAssign:
      k_means_.group();
      start(Stage::kMove, request_.centres->count(), kCentresTogether);
      return true;
    case Stage::kMove:
      k_means_.end_iteration();
      return begin_iteration();
    case Stage::kDone:
      return true;
  }
  return true;
}

void CentreTraining::start(Stage stage, uint32_t count, uint32_t together) {
  stage_ = stage;
  count_ = count;
  together_ = together;
  task_count_ = (count + together - 1) / together;
}

bool CentreTraining::begin_iteration() {
  if (iteration_ == 0 && !k_means_.begin(*quantizer_, sample_.data(), request_.sampled, quantizer_->seed(), request_.centres)) {
    return false;
  }
  if (iteration_++ == request_.iterations) {
    start(Stage::kDone, 0, 1);
    sample_ = Array<float>();
    k_means_ = KMeans();
    return true;
  }
  start(Stage::kAssign, request_.sampled, kRowsTogether);
  return k_means_.begin_iteration();
}

void CentreTraining::work(uint32_t task, Room *room) {
  const uint32_t first = task * together_;
  const uint32_t stop = count_ - first < together_ ? count_ : first + together_;
  if (stage_ == Stage::kMean) return take_mean(first);
  for (uint32_t at = first; at < stop; at++) {
    if (stage_ == Stage::kSample) sample(at, room);
    else if (stage_ == Stage::kAssign) k_means_.assign(at, &room->k_means);
    else k_means_.move(at, &room->k_means);
  }
}

bool CentreTraining::run() {
  Room room;
  if (!init_room(request_.vectors, &room)) return false;
  while (!done()) {
    if (!plan()) return false;
    for (uint32_t task = 0; task < task_count_; task++) work(task, &room);
  }
  return true;
}

void CentreTraining::sample(uint32_t at, Room *room) {
  const Vectors &vectors = room->vectors;
  const float *vector = vectors.row(uint32_t(uint64_t(at) * vectors.count / request_.sampled));
  quantizer_->to_frame(vector, room->scratch.data(), sample_.data() + size_t(at) * quantizer_->padded_dim());
}

void CentreTraining::take_mean(uint32_t first) {
  const uint32_t dim = quantizer_->padded_dim(), rows = request_.sampled;
  double sums[kDimsTogether] = {};
  float *values = sample_.data() + first;
  for (size_t i = 0; i < rows; i++) {
    for (uint32_t j = 0; j < kDimsTogether; j++) sums[j] += double(values[i * dim + j]);
  }
  for (uint32_t j = 0; j < kDimsTogether; j++) request_.mean[first + j] = float(sums[j] / rows);
  for (size_t i = 0; i < rows; i++) {
    for (uint32_t j = 0; j < kDimsTogether; j++) values[i * dim + j] -= request_.mean[first + j];
  }
}

}  // namespace elanus
