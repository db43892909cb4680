// CentreTraining: centres by k-means on a sample of vectors, in stages of tasks that do not need each other: whoever
// trains may do other things between two, or let several threads share them. The result does not depend on that.
#pragma once

#include "base/array.h"
#include "quant/k_means.h"
#include "quant/vectors.h"

namespace elanus {

class CentreTraining {
 public:
  struct Request {
    Vectors vectors;      // at least one; `sampled` of them at equal gaps are taken
    uint32_t sampled;     // 1 .. vectors.count
    uint32_t iterations;
    float *mean;          // NULL, or where the mean of the sample goes (padded_dim floats), which is then taken off
    Centres *centres;     // what is trained, initialised with their number
  };

  // What one thread writes to.
  struct Room {
    Vectors vectors;  // those of the request, as this thread may read them
    Array<float> scratch;
    KMeans::Room k_means;
  };

  // Vectors are brought to the frame of `quantizer`, which outlives this, as all of the request does. False if there is
  // no memory.
  bool begin(const Quantizer &quantizer, const Request &request);
  // After begin(), whose request this takes. False if there is no memory.
  bool init_room(const Vectors &vectors, Room *room) const;

  // Begins the next stage, once the tasks of the last are done: task_count() of them, 0 when all is. False if there is no
  // memory.
  bool plan();
  uint32_t task_count() const { return task_count_; }
  // About 64 rows of the sample; tasks of a stage in any order, and in several threads at once.
  void work(uint32_t task, Room *room);
  bool done() const { return stage_ == Stage::kDone; }
  // To the end. False if there is no memory.
  bool run();

 private:
  enum class Stage { kBegin, kSample, kMean, kAssign, kMove, kDone };

  void start(Stage stage, uint32_t count, uint32_t together);
  bool begin_iteration();
  void sample(uint32_t at, Room *room);
  void take_mean(uint32_t first);

  const Quantizer *quantizer_ = nullptr;
  Request request_ = {};
  Stage stage_ = Stage::kDone;
  uint32_t task_count_ = 0;
  uint32_t count_ = 0, together_ = 1;  // what the stage goes through, and how much of it is a task
  uint32_t iteration_ = 0;
  Array<float> sample_;
  KMeans k_means_;
};

}  // namespace elanus
