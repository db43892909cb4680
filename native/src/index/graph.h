// Graph: for every row its neighbours, at most kDegreeMax, and some rows to enter by. Stored as it is held: one block
// of bytes that is read where it lies, so that nothing is parsed when an index is opened. All numbers little-endian:
//
//   u64 edges   u32 count   u32 entry_count
//   u64 bases[count / 64 + 1]   u32 neighbours[edges]   u32 entries[entry_count]   u16 offsets[count + 1]
//
// The neighbours of row i begin at bases[i / 64] + offsets[i] and end where those of row i + 1 begin. Do not change
// this: it is stored. At the usual 13 to 21 neighbours a row it is 40 to 70 bytes less than kDegreeMax places for all.
#pragma once

#include "base/array.h"

namespace elanus {

constexpr uint32_t kDegreeMax = 32;
constexpr uint32_t kEntriesMax = 256;

// A graph in bytes that somebody else owns. Reading needs no further checks.
struct GraphView {
  uint32_t count = 0;
  uint32_t entry_count = 0;
  uint64_t edges = 0;
  const uint64_t *bases = nullptr;
  const uint32_t *neighbours = nullptr;
  const uint32_t *entries = nullptr;
  const uint16_t *offsets = nullptr;

  // REQUIRES: row <= count.
  size_t begin(uint32_t row) const { return size_t(bases[row >> 6] + offsets[row]); }
  size_t end(uint32_t row) const { return begin(row + 1); }
};

// Bytes of a graph; false if they do not fit size_t.
bool graph_size(uint32_t count, uint64_t edges, uint32_t entry_count, size_t *size_bytes);

// Views untrusted bytes as a graph. False, and `view` is not changed, unless the sizes are exact, no row has more than
// kDegreeMax neighbours, and all neighbours and entries are rows. REQUIRES: `bytes` is 8-byte aligned.
bool open_graph(const uint8_t *bytes, size_t size_bytes, GraphView *view);

// A graph that owns its bytes.
class Graph {
 public:
  const GraphView &view() const { return view_; }
  const uint8_t *data() const { return bytes_.data(); }
  size_t bytes() const { return bytes_.size(); }

  // Room for a graph without edges so far; rows are then appended in order. False if there is no memory.
  // REQUIRES: entry_count <= kEntriesMax.
  bool init(uint32_t count, uint64_t edges, const uint32_t *entries, uint32_t entry_count);
  // REQUIRES: not more rows and edges than init was told; count <= kDegreeMax.
  void append(const uint32_t *neighbours, uint32_t count);

 private:
  Array<uint8_t> bytes_;
  GraphView view_;
  uint32_t row_ = 0;
  uint64_t edge_ = 0;
};

}  // namespace elanus
