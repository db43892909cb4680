// Ann index writer: the bytes of an index file from its parts. The same parts, kind and calibration give the same bytes.
#pragma once

#include "index/graph.h"
#include "index/index_file_writer.h"
#include "index/ivf.h"
#include "quant/quantizer.h"

namespace elanus {

struct AnnIndexParts {
  const Quantizer *quantizer;
  const Ivf *lists;        // of all rows, with blocks
  const uint8_t *signs;    // the 4-bit codes by row and plane (quant/code.h)
  const uint8_t *extra;
  const Factors *factors;
  const uint32_t *entries;  // of each of the quantizer's centres a row near it; of kind kGraph alone, as the graph
  const Graph *graph;
  ElementType element_type;  // of the column
  uint8_t rows_sha256[32];
};

// Opaque to the core: at most kCalibrationBytesMax bytes. Of none there is no section.
struct Calibration {
  const uint8_t *bytes;
  uint32_t size_bytes;
};

// Empty if there is no memory. REQUIRES: `kind` is kGraph, if there is a graph, or kIvf.
Array<uint8_t> write_ann_index(const AnnIndexParts &parts, IndexKind kind, const Calibration &calibration);

}  // namespace elanus
