// Crew: runs the tasks of a stage in several threads, as a caller of elanus.h with threads of its own would.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

// `work(worker, task)` for every task, each by the thread that comes first. Gives how many tasks each worker ran.
template <class Work>
std::vector<uint32_t> run_tasks(uint32_t workers, uint32_t tasks, Work work) {
  std::atomic<uint32_t> next = 0;
  std::vector<uint32_t> ran(workers);
  const auto run = [&](uint32_t worker) {
    uint32_t done = 0;
    for (uint32_t task = next++; task < tasks; task = next++, done++) work(worker, task);
    ran[worker] = done;
  };
  std::vector<std::thread> threads;
  for (uint32_t worker = 1; worker < workers; worker++) threads.emplace_back(run, worker);
  run(0);
  for (std::thread &thread : threads) thread.join();
  return ran;
}
