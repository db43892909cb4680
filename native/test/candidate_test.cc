// Candidates: packed, they order as what they stand for; selecting and sorting agree with the standard library.
#include "index/candidate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace elanus;

constexpr uint32_t kSeed = 20261122;

TEST(Candidates, PackInTheirOrder) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> ascending = {-infinity, -3e38f, -1, -1e-45f, 0, 1e-45f, 1, 3e38f, infinity};
  for (size_t i = 0; i < ascending.size(); i++) {
    EXPECT_EQ(ascending[i], unpack_candidate(pack_candidate(ascending[i], 7)).estimate);
    EXPECT_EQ(7u, unpack_candidate(pack_candidate(ascending[i], 7)).row);
    EXPECT_LT(pack_candidate(ascending[i], 7), pack_candidate(ascending[i], 8));
    if (i > 0) {
      EXPECT_LT(pack_candidate(ascending[i - 1], 0xffffffffu), pack_candidate(ascending[i], 0));
    }
  }
}

TEST(Candidates, AreSelectedAndSortedInAnyOrder) {
  std::mt19937 random(kSeed);
  for (uint32_t size : {1u, 2u, 15u, 16u, 17u, 100u, 1000u}) {
    for (uint32_t shape = 0; shape < 4; shape++) {
      std::vector<uint64_t> items(size);
      for (uint32_t i = 0; i < size; i++) items[i] = shape == 0 ? random() : shape == 1 ? i : shape == 2 ? size - i : 5;
      std::vector<uint64_t> sorted = items;
      std::sort(sorted.begin(), sorted.end());
      std::vector<uint64_t> ours = items;
      sort_packed(ours.data(), size);
      EXPECT_EQ(sorted, ours);
      for (uint32_t count : {1u, size / 2 + 1, size}) {
        ours = items;
        select_smallest(ours.data(), size, count);
        std::sort(ours.begin(), ours.begin() + count);
        EXPECT_TRUE(std::equal(sorted.begin(), sorted.begin() + count, ours.begin()));
        std::vector<uint64_t> heap(count);
        SmallestPacked smallest;
        smallest.begin(heap.data(), count);
        for (uint64_t item : items) smallest.offer(item);
        EXPECT_EQ(sorted[count - 1], smallest.largest());
        std::sort(heap.begin(), heap.end());
        EXPECT_TRUE(std::equal(heap.begin(), heap.end(), sorted.begin()));
      }
    }
  }
}

}  // namespace
