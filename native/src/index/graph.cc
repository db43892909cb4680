// Graph: the layout in one function, which both the writer and the reader use.
#include "index/graph.h"

namespace elanus {
namespace {

struct Header {
  uint64_t edges;
  uint32_t count;
  uint32_t entry_count;
};

struct Layout {
  size_t bases, neighbours, entries, offsets, end;
};

bool take(size_t count, size_t item_bytes, size_t *at) {
  size_t size_bytes;
  return multiply(count, item_bytes, &size_bytes) && !__builtin_add_overflow(*at, size_bytes, at);
}

bool layout_of(const Header &header, Layout *layout) {
  if (header.edges > SIZE_MAX) return false;
  size_t at = sizeof(Header);
  layout->bases = at;
  if (!take(size_t(header.count) / 64 + 1, sizeof(uint64_t), &at)) return false;
  layout->neighbours = at;
  if (!take(size_t(header.edges), sizeof(uint32_t), &at)) return false;
  layout->entries = at;
  if (!take(header.entry_count, sizeof(uint32_t), &at)) return false;
  layout->offsets = at;
  if (!take(size_t(header.count) + 1, sizeof(uint16_t), &at)) return false;
  layout->end = at;
  return true;
}

GraphView view_of(const uint8_t *bytes, const Header &header, const Layout &layout) {
  GraphView view;
  view.count = header.count;
  view.entry_count = header.entry_count;
  view.edges = header.edges;
  view.bases = reinterpret_cast<const uint64_t *>(bytes + layout.bases);
  view.neighbours = reinterpret_cast<const uint32_t *>(bytes + layout.neighbours);
  view.entries = reinterpret_cast<const uint32_t *>(bytes + layout.entries);
  view.offsets = reinterpret_cast<const uint16_t *>(bytes + layout.offsets);
  return view;
}

bool all_below(const uint32_t *rows, uint64_t count, uint32_t limit) {
  uint32_t highest = 0;
  for (uint64_t i = 0; i < count; i++) highest = rows[i] > highest ? rows[i] : highest;
  return count == 0 || highest < limit;
}

// Rows follow each other without a gap, and none is too long.
bool rows_hold(const GraphView &view) {
  uint64_t at = 0;
  for (uint32_t row = 0; row <= view.count; row++) {
    const uint64_t begin = view.bases[row >> 6] + view.offsets[row];
    if (begin - at > (row == 0 ? 0 : kDegreeMax)) return false;
    at = begin;
  }
  return at == view.edges;
}

}  // namespace

bool graph_size(uint32_t count, uint64_t edges, uint32_t entry_count, size_t *size_bytes) {
  Layout layout;
  if (!layout_of({edges, count, entry_count}, &layout)) return false;
  *size_bytes = layout.end;
  return true;
}

bool open_graph(const uint8_t *bytes, size_t size_bytes, GraphView *view) {
  Header header;
  Layout layout;
  if (size_bytes < sizeof(header)) return false;
  memcpy(&header, bytes, sizeof(header));
  if (header.count > INT32_MAX || header.entry_count > kEntriesMax) return false;
  if ((header.entry_count == 0) != (header.count == 0)) return false;
  if (!layout_of(header, &layout) || layout.end != size_bytes) return false;
  const GraphView found = view_of(bytes, header, layout);
  if (!rows_hold(found) || !all_below(found.neighbours, found.edges, found.count) ||
      !all_below(found.entries, found.entry_count, found.count)) {
    return false;
  }
  *view = found;
  return true;
}

bool Graph::init(uint32_t count, uint64_t edges, const uint32_t *entries, uint32_t entry_count) {
  const Header header = {edges, count, entry_count};
  Layout layout;
  Array<uint8_t> bytes;
  if (!layout_of(header, &layout) || !bytes.resize(layout.end)) return false;
  memcpy(bytes.data(), &header, sizeof(header));
  if (entry_count > 0) memcpy(bytes.data() + layout.entries, entries, entry_count * sizeof(uint32_t));
  bytes_ = static_cast<Array<uint8_t> &&>(bytes);
  view_ = view_of(bytes_.data(), header, layout);
  row_ = 0;
  edge_ = 0;
  return true;
}

void Graph::append(const uint32_t *neighbours, uint32_t count) {
  if (count > 0) memcpy(const_cast<uint32_t *>(view_.neighbours) + edge_, neighbours, count * sizeof(uint32_t));
  edge_ += count;
  row_++;
  uint64_t *base = const_cast<uint64_t *>(view_.bases) + (row_ >> 6);
  if ((row_ & 63) == 0) *base = edge_;
  const_cast<uint16_t *>(view_.offsets)[row_] = uint16_t(edge_ - *base);
}

}  // namespace elanus
