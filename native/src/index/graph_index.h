// GraphIndex: a graph, the 4-bit codes that it is searched by, and what they were coded with, opened from the bytes of
// an index file. It copies what it needs, codes as dense records, so the file may go away. Read-only once open, so any
// number of threads search it, each with a GraphSearcher of its own.
//
// Sections: parameters (u32 number of centres, u32 0, f32 mean[padded dim]); centres (7-bit codes); entry points (u32,
// a row near each centre); factors; sign plane; extra plane; graph neighbours (index/graph.h).
#pragma once

#include "elanus.h"
#include "index/graph.h"
#include "index/index_file.h"
#include "index/index_file_writer.h"
#include "quant/quantizer.h"

namespace elanus {

// What a graph index is made of, to be written or as it was read.
struct GraphIndexParts {
  const Quantizer *quantizer;
  const uint8_t *records;  // count x code4_bytes
  uint32_t count;
  const uint32_t *entries;  // one for each centre
  const Graph *graph;
  uint8_t rows_sha256[32];
};

// The bytes of an index file; empty if there is no memory.
Array<uint8_t> write_graph_index(const GraphIndexParts &parts);

class GraphIndex {
 public:
  // Untrusted bytes, 64-byte aligned. ELANUS_CORRUPT if anything is not as it must be, ELANUS_UNSUPPORTED if the file
  // is of a newer version or another kind, ELANUS_NO_MEMORY.
  elanus_status open(const uint8_t *bytes, uint64_t size_bytes, const CodeKernels *kernels);

  const Quantizer &quantizer() const { return quantizer_; }
  uint32_t count() const { return graph_.count; }
  CodeRows codes() const { return {records_.data(), code4_bytes(quantizer_.padded_dim())}; }
  const GraphView &graph() const { return graph_; }
  // Rows to enter by, one for each centre.
  const uint32_t *entries() const { return entries_.data(); }
  uint32_t entry_count() const { return uint32_t(entries_.size()); }
  // SHA-256 of the rows file that it was built from.
  const uint8_t *rows_sha256() const { return rows_sha256_; }
  size_t bytes() const;

 private:
  elanus_status read_quantizer(IndexFile *file, const CodeKernels *kernels);
  elanus_status read_codes(IndexFile *file, uint32_t count);
  elanus_status read_graph(IndexFile *file, uint32_t count);

  Quantizer quantizer_;
  Array<uint8_t> records_;
  Array<uint8_t> graph_bytes_;
  Array<uint32_t> entries_;
  GraphView graph_;
  uint8_t rows_sha256_[32] = {};
};

}  // namespace elanus
