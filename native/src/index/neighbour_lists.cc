// NeighbourLists: a list is put in order only when it is full or somebody asks for it. Only what kNearest others are
// nearer than is ever dropped, so the kNearest nearest of all that was offered are there, whatever the order.
#include "index/neighbour_lists.h"

namespace elanus {

void sort_neighbours(Neighbour *neighbours, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    const Neighbour moved = neighbours[i];
    uint32_t at = i;
    for (; at > 0 && moved < neighbours[at - 1]; at--) neighbours[at] = neighbours[at - 1];
    neighbours[at] = moved;
  }
}

uint32_t NeighbourLists::sorted(uint32_t row, Neighbour *out) const {
  const List &list = lists_[row];
  for (uint32_t i = 0; i < list.size; i++) out[i] = neighbour(list.ids[i], list.ranks[i]);
  sort_neighbours(out, list.size);
  uint32_t count = 0;
  for (uint32_t i = 0; i < list.size; i++) {
    if (count == 0 || out[i] != out[count - 1]) out[count++] = out[i];
  }
  return count;
}

uint32_t NeighbourLists::nearest(uint32_t row, Neighbour *out) const {
  const uint32_t count = sorted(row, out);
  return count < kNearest ? count : kNearest;
}

void NeighbourLists::assign(uint32_t row, const Neighbour *neighbours, uint32_t count) {
  List &list = lists_[row];
  for (uint32_t i = 0; i < count; i++) {
    list.ids[i] = id_of(neighbours[i]);
    list.ranks[i] = rank_of(neighbours[i]);
  }
  list.size = uint16_t(count);
}

void NeighbourLists::offer(uint32_t row, const Neighbour *neighbours, uint32_t count) {
  List &list = lists_[row];
  const ByteLock lock(&list.lock);
  for (uint32_t i = 0; i < count; i++) {
    if (list.size == kListMax) {
      Neighbour kept[kListMax];
      assign(row, kept, nearest(row, kept));
    }
    add(row, id_of(neighbours[i]), rank_of(neighbours[i]));
  }
}

void NeighbourLists::add_behind(uint32_t row, uint32_t fixed, uint32_t id, Rank rank) {
  List &list = lists_[row];
  const ByteLock lock(&list.lock);
  if (list.size < kListMax) {
    add(row, id, rank);
    return;
  }
  uint32_t last = fixed;
  for (uint32_t i = fixed; i < kListMax; i++) {
    if (neighbour(list.ids[i], list.ranks[i]) > neighbour(list.ids[last], list.ranks[last])) last = i;
  }
  if (neighbour(id, rank) < neighbour(list.ids[last], list.ranks[last])) replace(row, last, id, rank);
}

}  // namespace elanus
