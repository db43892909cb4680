// AnnIndex: an approximate index of the rows of a segment, opened from the bytes of an index file: as a graph, or as
// lists. It copies what it needs, so the file may go away. Read-only once open, so any number of threads search it,
// each with an AnnSearcher of its own.
//
// What it holds of each row at d = 768, in bytes: as a graph, its 4-bit code (392), its edges (about 60) and its place in
// the lists (4); as lists, its 1-bit code (106) and, if they have come, its 4-bit code.
#pragma once

#include "elanus.h"
#include "index/graph.h"
#include "index/index_file.h"
#include "index/ivf.h"
#include "quant/quantizer.h"

namespace elanus {

struct AnnOpening {
  bool as_ivf = false;   // the graph, if there is one, is passed over
  bool partial = false;  // the bytes are the beginning of the file: what has come is used
};

class AnnIndex {
 public:
  // Untrusted bytes, 64-byte aligned. ELANUS_CORRUPT if anything is not as it must be, or fewer bytes have come than the
  // stages opening and scan; ELANUS_UNSUPPORTED if the file is of a newer version or another kind; ELANUS_NO_MEMORY.
  // Sections that are not needed are not looked at.
  elanus_status open(const uint8_t *bytes, uint64_t size_bytes, const AnnOpening &how, const CodeKernels *kernels);

  // How it is searched: kGraph only if the graph is there and wanted.
  IndexKind kind() const { return graph_.count > 0 ? IndexKind::kGraph : IndexKind::kIvf; }
  // What has come: kScan, kRefine (4-bit codes too), kGraph.
  Stage stage() const;
  const Quantizer &quantizer() const { return quantizer_; }
  uint32_t count() const { return lists_.row_count(); }
  // Every row is in exactly one; without blocks if the kind is kGraph.
  const Ivf &lists() const { return lists_; }
  // By row; without records at stage kScan.
  CodeRows codes() const { return {records_.data(), code4_bytes(quantizer_.padded_dim())}; }
  bool has_codes() const { return records_.size() > 0; }
  const GraphView &graph() const { return graph_; }
  // Rows to enter the graph by, one for each of the quantizer's centres.
  const uint32_t *entries() const { return entries_.data(); }
  uint32_t entry_count() const { return uint32_t(entries_.size()); }
  // What the writer was given.
  const Array<uint8_t> &calibration() const { return calibration_; }
  // Of the column that it was built from.
  ElementType element_type() const { return element_type_; }
  // SHA-256 of the rows file that it was built from.
  const uint8_t *rows_sha256() const { return rows_sha256_; }
  size_t bytes() const;

 private:
  elanus_status read_stages(IndexFile *file, const AnnOpening &how);
  elanus_status read_quantizer(IndexFile *file, const CodeKernels *kernels);
  elanus_status read_calibration(IndexFile *file);
  elanus_status read_lists(IndexFile *file, bool with_blocks);
  elanus_status read_codes(IndexFile *file);
  elanus_status read_graph(IndexFile *file);

  Quantizer quantizer_;
  Array<uint8_t> calibration_;
  Ivf lists_;
  Array<uint8_t> records_;
  Array<uint8_t> graph_bytes_;
  Array<uint32_t> entries_;
  GraphView graph_;
  ElementType element_type_ = ElementType::kFloat;
  uint8_t rows_sha256_[32] = {};
};

// How many bytes of a file, from its first, must be there for a stage. `head` is what is there. ELANUS_OK: `*bytes` are
// enough, or, with `*more` set, so many are needed to tell. ELANUS_INVALID if a file of this kind has no such stage.
elanus_status ann_index_extent(const uint8_t *head, uint64_t head_bytes, Stage stage, uint64_t *bytes, bool *more);

}  // namespace elanus
