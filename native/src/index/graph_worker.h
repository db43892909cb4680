// GraphWorker: what one thread writes to while it runs tasks of GraphBuilder, and what it found for the thread that
// plans. 1 MiB and about 2000 codes.
#pragma once

#include "index/graph_sample.h"
#include "index/leaf.h"
#include "index/partition.h"

namespace elanus {

struct GraphWorker {
  RankBlock block;
  GraphSample::Found found;
  Partition::Medoids medoids;
  Splitter splitter;
  Leaf leaf;
  Array<uint32_t> places;  // of the rows of a leaf of hubs
  bool begun = false;      // the task

  // For leaves of up to `leaf_max` rows. False if there is no memory. Both outlive the worker.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t leaf_max) {
    return block.init(codes, kernels) && splitter.init(codes, kernels) && leaf.init(codes, kernels, leaf_max) &&
           places.resize(leaf_max);
  }
};

}  // namespace elanus
