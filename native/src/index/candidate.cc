// Candidate: quickselect and quicksort on numbers, with the median of three as pivot and a heap where that was unlucky,
// so that no order of rows makes them slow.
#include "index/candidate.h"

#include <stddef.h>

namespace elanus {
namespace {

constexpr size_t kInsertionMax = 16;

void swap(uint64_t *a, uint64_t *b) {
  const uint64_t c = *a;
  *a = *b;
  *b = c;
}

void insertion_sort(uint64_t *items, size_t size) {
  for (size_t i = 1; i < size; i++) {
    const uint64_t item = items[i];
    size_t at = i;
    for (; at > 0 && items[at - 1] > item; at--) items[at] = items[at - 1];
    items[at] = item;
  }
}

void sink(uint64_t *heap, size_t size, size_t at) {
  const uint64_t item = heap[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1] > heap[child]) child++;
    if (heap[child] <= item) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = item;
}

void heap_sort(uint64_t *items, size_t size) {
  for (size_t i = size / 2; i-- > 0;) sink(items, size, i);
  for (size_t i = size; i-- > 1;) {
    swap(&items[0], &items[i]);
    sink(items, i, 0);
  }
}

uint64_t median(uint64_t a, uint64_t b, uint64_t c) {
  if (a > b) swap(&a, &b);
  if (b > c) b = c;
  return a > b ? a : b;
}

// Moves the items below the pivot to the front and gives their number, without a branch on what they are.
size_t partition(uint64_t *items, size_t size, uint64_t pivot) {
  size_t below = 0;
  for (size_t i = 0; i < size; i++) {
    const uint64_t item = items[i];
    items[i] = items[below];
    items[below] = item;
    below += item < pivot;
  }
  return below;
}

// Splits so that all of items[0 .. split) are below all the others, 0 < split < size. 0 where no two differ.
size_t split(uint64_t *items, size_t size) {
  const uint64_t pivot = median(items[0], items[size / 2], items[size - 1]);
  const size_t below = partition(items, size, pivot);
  // Nothing is below the pivot: it is one of the smallest.
  return below > 0 ? below : partition(items, size, pivot + 1) % size;
}

uint32_t rounds_max(size_t size) { return 2 * (64 - uint32_t(__builtin_clzll(size | 1))); }

void sort_part(uint64_t *items, size_t size, uint32_t rounds) {
  while (size > kInsertionMax) {
    if (rounds-- == 0) return heap_sort(items, size);
    const size_t middle = split(items, size);
    if (middle == 0) return;
    sort_part(items + middle, size - middle, rounds);
    size = middle;
  }
  insertion_sort(items, size);
}

}  // namespace

void SmallestPacked::insert(uint64_t item) {
  if (size_ == k_) {
    items_[0] = item;
    return sink(items_, size_, 0);
  }
  uint32_t at = size_++;
  for (; at > 0 && items_[(at - 1) / 2] < item; at = (at - 1) / 2) items_[at] = items_[(at - 1) / 2];
  items_[at] = item;
}

void sort_packed(uint64_t *items, size_t size) { sort_part(items, size, rounds_max(size)); }

void select_smallest(uint64_t *items, size_t size, size_t count) {
  for (uint32_t rounds = rounds_max(size); size > kInsertionMax && count < size; rounds--) {
    if (rounds == 0) return heap_sort(items, size);
    const size_t middle = split(items, size);
    if (middle == 0) return;
    if (count < middle) {
      size = middle;
    } else {
      items += middle;
      size -= middle;
      count -= middle;
    }
  }
  if (count < size) insertion_sort(items, size);
}

}  // namespace elanus
