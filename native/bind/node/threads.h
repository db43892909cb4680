// Threads: those of one environment, and the builds that they are at. All end before the environment does.
#pragma once

#include <algorithm>

#include "build_job.h"
#include "search_job.h"
#include "trimmer.h"

class Threads {
 public:
  ~Threads() {
    for (const std::weak_ptr<BuildJob> &build : builds_) {
      if (const std::shared_ptr<BuildJob> job = build.lock()) job->cancel();
    }
    for (const std::weak_ptr<BuildJob> &build : builds_) {
      if (const std::shared_ptr<BuildJob> job = build.lock()) job->join();
    }
    pool.stop();
  }

  Napi::Value build(Napi::Env env, const std::shared_ptr<Build> &build, uint32_t threads) {
    std::erase_if(builds_, [](const std::weak_ptr<BuildJob> &job) { return job.expired(); });
    const auto job = std::make_shared<BuildJob>(&settler, build, threads);
    const Napi::Value promise = settler.promise(env, job.get());
    if (job->start()) builds_.push_back(job);
    return promise;
  }

  Settler settler;
  Pool pool;
  Trimmer trimmer;

 private:
  std::vector<std::weak_ptr<BuildJob>> builds_;
};
