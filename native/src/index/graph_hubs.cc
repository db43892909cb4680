// GraphHubs: hubs are marked in a bitset, so that they come out once and in order.
#include "index/graph_hubs.h"

#include "index/graph.h"

namespace elanus {

bool GraphHubs::gather() {
  size_t count = 0;
  for (uint64_t marks : marks_) count += size_t(__builtin_popcountll(marks));
  if (!rows_.resize(count) || !own_.resize(count)) return false;
  if (!lists_.init(uint32_t(count))) return false;
  size_t next = 0;
  for (size_t word = 0; word < marks_.size(); word++) {
    for (uint64_t marks = marks_[word]; marks != 0; marks &= marks - 1) {
      rows_[next++] = uint32_t(word * 64) + uint32_t(__builtin_ctzll(marks));
    }
  }
  marks_ = {};
  return true;
}

uint32_t GraphHubs::place_of(uint32_t row) const {
  uint32_t low = 0, high = row_count();
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (rows_[middle] < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

void GraphHubs::finish() {
  Neighbour list[NeighbourLists::kListMax];
  for (uint32_t place = 0; place < row_count(); place++) {
    const uint32_t count = lists_.sorted(place, list);
    lists_.assign(place, list, count);
    own_[place] = uint8_t(count);
  }
  for (uint32_t place = 0; place < row_count(); place++) {
    for (uint32_t i = 0; i < own_[place]; i++) {
      const uint32_t other = place_of(lists_.id(place, i));
      lists_.add_behind(other, own_[other], rows_[place], lists_.rank(place, i));
    }
  }
}

void GraphHubs::link(uint32_t place, const Pruner &pruner, NeighbourLists *neighbours) const {
  const uint32_t row = rows_[place];
  Neighbour links[NeighbourLists::kListMax], list[NeighbourLists::kListMax];
  uint32_t link_count = lists_.sorted(place, links);
  link_count = pruner.prune(links, link_count, kLinksMax);
  uint32_t count = 0;
  for (uint32_t i = 0; i < neighbours->size(row) && count + link_count < kDegreeMax; i++) {
    const Neighbour own = neighbour(neighbours->id(row, i), neighbours->rank(row, i));
    bool linked = false;
    for (uint32_t j = 0; j < link_count; j++) linked |= links[j] == own;
    if (!linked) list[count++] = own;
  }
  for (uint32_t j = 0; j < link_count; j++) list[count++] = links[j];
  sort_neighbours(list, count);
  neighbours->assign(row, list, count);
}

}  // namespace elanus
