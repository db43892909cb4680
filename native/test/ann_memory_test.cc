// Approximate index, without memory: wherever an allocation is refused, building, opening and searching say so and
// nothing is lost; a search allocates nothing.
#include "allocations.h"
#include "ann_support.h"

namespace ann_test {
namespace {

class AnnMemory : public testing::Test {
 protected:
  void SetUp() override {
    if (!kAllocationsLimited) GTEST_SKIP() << "this linker cannot stand between the core and posix_memalign";
  }
};

// Refuses the first allocation, then the second, and so on, until `work` succeeds. Gives how many were refused.
template <class Work>
int64_t refuse_each(Work work) {
  for (int64_t granted = 0;; granted++) {
    elanus_status status;
    {
      LimitedAllocations limited(granted);
      status = work();
    }
    if (status == ELANUS_OK) return granted;
    EXPECT_EQ(ELANUS_NO_MEMORY, status) << "after " << granted;
    if (status != ELANUS_NO_MEMORY || granted > 100000) return granted;
  }
}

elanus_status build_and_write(const FlatPointer &flat, elanus_kind kind) {
  const elanus_build_options options = options_of(kind, 4);
  elanus_builder *builder = nullptr;
  elanus_status status = elanus_builder_open(flat.get(), &options, 0, &builder);
  for (uint32_t done = 0; status == ELANUS_OK && done == 0;) status = elanus_builder_step(builder, 1000000, &done);
  if (status == ELANUS_OK) status = elanus_builder_write(builder, kind, nullptr, 0);
  elanus_builder_close(builder);
  return status;
}

TEST_F(AnnMemory, RefusedAnywhereEndsABuildWithItsStatus) {
  const FlatPointer flat = flat_of(clustered_rows(60, 8, 3, 1), ELANUS_COSINE);
  EXPECT_GT(refuse_each([&] { return build_and_write(flat, ELANUS_IVF); }), 20);
  EXPECT_GT(refuse_each([&] { return build_and_write(flat, ELANUS_GRAPH); }), 40);
}

TEST_F(AnnMemory, RefusedAnywhereEndsAnOpeningWithItsStatus) {
  const GraphRows rows = clustered_rows(60, 8, 3, 1);
  for (elanus_metric metric : kMetrics) {
    const FlatPointer flat = flat_of(rows, metric);
    const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH, 4));
    for (const Opening &opening : kOpenings) {
      const Bytes file = part_of(file_of(builder, opening.file, {1, 2, 3}), opening);
      EXPECT_GT(refuse_each([&] {
        IndexPointer index;
        return try_open(file, opening.flags, &index);
      }), 8) << opening.name;
      const IndexPointer index = open(file, opening.flags);
      EXPECT_GT(refuse_each([&] {
        elanus_searcher *searcher = nullptr;
        const elanus_status status = elanus_searcher_open(index.get(), flat.get(), 20, &searcher);
        elanus_searcher_close(searcher);
        return status;
      }), 8) << opening.name;
    }
  }
}

TEST_F(AnnMemory, IsNotTakenBySearches) {
  const GraphRows rows = clustered_rows(600, 16, 6, 1);
  const FlatPointer flat = flat_of(rows, ELANUS_L2);
  const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH));
  const std::vector<float> queries = queries_near(rows, 4);
  const std::vector<uint8_t> half = some_alive(600, 2), few = some_alive(600, 50);
  std::vector<uint32_t> counts(4), found(40);
  std::vector<float> scores(40);
  for (const Opening &opening : kOpenings) {
    const IndexPointer index = open(part_of(file_of(builder, opening.file), opening), opening.flags);
    const SearcherPointer searcher = open_searcher(index, flat.get());
    for (uint32_t effort : {0u, 30u}) {
      const elanus_request request = {10, effort, 60, 30, 200};
      for (const uint8_t *alive : {static_cast<const uint8_t *>(nullptr), half.data(), few.data()}) {
        LimitedAllocations none(0);
        EXPECT_EQ(ELANUS_OK, elanus_searcher_search(searcher.get(), queries.data(), 4, &request, alive, counts.data(), found.data(), scores.data()));
      }
    }
  }
}

}  // namespace
}  // namespace ann_test
