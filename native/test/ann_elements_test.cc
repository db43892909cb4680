// Approximate indexes of half-precision and Int8 rows: they are those of the f32 rows of the same values, and name the
// type of their column, which rows must have to be searched with.
#include "allocations.h"
#include "ann_support.h"
#include "flat_support.h"
#include "index/index_file_layout.h"

namespace ann_test {
namespace {

constexpr uint32_t kRows = 1500, kDim = 40, kQueries = 40;
constexpr elanus_request kThorough = {10, 60, 150, 50, 0};

// Whole numbers of -127 .. 127, which every element holds (bf16 has 8 bits), so that all mean the same rows.
GraphRows whole_rows(uint32_t count, uint32_t dim, uint32_t seed = kSeed) {
  GraphRows rows = clustered_rows(count, dim, 20, 1.5f, seed);
  for (float &value : rows.values) value = std::nearbyint(std::max(-127.0f, std::min(127.0f, value * 16)));
  return rows;
}

FlatPointer element_rows(const GraphRows &rows, elanus_metric metric, elanus_element element, uint32_t kernels = 0) {
  FlatPointer flat = open_element(rows.dim, metric, element, kernels);
  EXPECT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), bytes_of(element, rows.values).data(), rows.count()));
  return flat;
}

using AnnElements = EveryKernels;

TEST_P(AnnElements, HaveTheFileOfTheirF32RowsButForItsType) {
  const GraphRows rows = whole_rows(400, kDim);
  for (elanus_metric metric : kMetrics) {
    const Bytes truth = build_file(element_rows(rows, metric, ELANUS_FLOAT_VECTOR), ELANUS_GRAPH);
    elanus::layout::Header header;
    memcpy(&header, truth.data(), sizeof(header));
    const size_t prefix = truth.size() - size_t(header.body_bytes);
    for (elanus_element element : kTypedElements) {
      const Bytes file = build_file(element_rows(rows, metric, element, GetParam()), ELANUS_GRAPH, 0, GetParam());
      ASSERT_EQ(truth.size(), file.size());
      EXPECT_EQ(0, memcmp(truth.data() + prefix, file.data() + prefix, file.size() - prefix)) << element;
      EXPECT_EQ(element, about(open(file)).element);
    }
  }
}

TEST_P(AnnElements, AreFoundAsWellAsTheirF32Rows) {
  const GraphRows rows = whole_rows(kRows, kDim);
  const std::vector<float> queries = queries_near(rows, kQueries);
  for (elanus_metric metric : kMetrics) {
    for (elanus_element element : kTypedElements) {
      const FlatPointer flat = element_rows(rows, metric, element, GetParam());
      const Result truth = search(flat, queries, kQueries, 10);
      const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH), GetParam());
      for (const Opening &opening : kOpenings) {
        const IndexPointer index = open(part_of(file_of(builder, opening.file), opening), opening.flags, GetParam());
        const Result found = ask(open_searcher(index, flat.get()), queries, kQueries, kThorough);
        expect_full(found, 10, kRows, metric);
        EXPECT_GE(recall_of(found, truth, 10), 0.95) << opening.name << " metric " << metric << " element " << element;
      }
    }
  }
}

RUN_ON_EVERY_KERNELS(AnnElements);

TEST(AnnElement, OfTheRowsMustBeThatOfTheFile) {
  const GraphRows rows = whole_rows(100, 16);
  constexpr elanus_element kAll[] = {ELANUS_FLOAT_VECTOR, ELANUS_FLOAT16_VECTOR, ELANUS_BFLOAT16_VECTOR, ELANUS_INT8_VECTOR};
  for (elanus_element built : kAll) {
    const IndexPointer index = open(build_file(element_rows(rows, ELANUS_L2, built), ELANUS_IVF));
    for (elanus_element given : kAll) {
      const FlatPointer flat = element_rows(rows, ELANUS_L2, given);
      elanus_searcher *searcher = nullptr;
      EXPECT_EQ(given == built ? ELANUS_OK : ELANUS_INVALID, elanus_searcher_open(index.get(), flat.get(), 10, &searcher));
      elanus_searcher_close(searcher);
    }
  }
}

// What is no number is the caller's to refuse. Here its row counts as zero when it is coded, and harms no other. Rows far
// longer than the rest, where they are more than one in 10,000, take the grid that a graph is built on (GraphScale), but
// leave lists as good as they were.
TEST(AnnElement, ThatIsNotFiniteHarmsNoOtherRow) {
  const GraphRows rows = whole_rows(600, 24);
  const uint16_t infinity[] = {0x7c00, 0x7f80}, nan[] = {0x7e00, 0x7fc0}, huge[] = {0x7bff, 0x7f7f};
  for (uint32_t odd = 0; odd < 4; odd++) {
    const uint32_t half = odd % 2;
    const bool has_huge = odd >= 2;
    const elanus_element element = kTypedElements[half];
    std::vector<uint8_t> bytes = bytes_of(element, rows.values);
    const auto put = [&](uint32_t row, uint32_t at, uint16_t value) { memcpy(bytes.data() + (size_t(row) * 24 + at) * 2, &value, 2); };
    put(5, 3, infinity[half]);
    put(50, 0, nan[half]);
    for (uint32_t i = 0; has_huge && i < 24; i++) put(500, i, huge[half]);
    for (elanus_metric metric : {ELANUS_L2, ELANUS_COSINE}) {
      const FlatPointer flat = open_element(24, metric, element, 0);
      ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), bytes.data(), 600));
      const std::vector<float> queries = queries_near(rows, 20);
      std::vector<uint8_t> sound(600 / 8 + 5, 0xff);
      for (uint32_t row : {5u, 50u, 500u}) sound[row / 8] = uint8_t(sound[row / 8] & ~(1 << row % 8));
      const Result truth = search(flat, queries, 20, 10, &sound);
      const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH, 8));
      for (const Opening &opening : kOpenings) {
        const IndexPointer index = open(part_of(file_of(builder, opening.file), opening), opening.flags);
        if (has_huge && about(index).kind == ELANUS_GRAPH) continue;
        const Result found = ask(open_searcher(index, flat.get()), queries, 20, {13, 100, 300, 100, 0});
        uint32_t common = 0;
        for (uint32_t q = 0; q < 20; q++) {
          const std::set<uint32_t> hits(found.rows.begin() + q * 13, found.rows.begin() + q * 13 + 13);
          for (uint32_t i = 0; i < 10; i++) common += uint32_t(hits.count(truth.rows[q * 10 + i]));
        }
        EXPECT_GE(common, 190u) << opening.name << " metric " << metric << " element " << element;
      }
    }
  }
}

TEST(AnnElement, IsRefusedWhereBuildingRunsOutOfMemory) {
  if (!kAllocationsLimited) GTEST_SKIP() << "this linker cannot stand between the core and posix_memalign";
  const FlatPointer flat = element_rows(whole_rows(60, 8), ELANUS_COSINE, ELANUS_INT8_VECTOR);
  const elanus_build_options options = options_of(ELANUS_GRAPH, 4);
  elanus_status status = ELANUS_NO_MEMORY;
  for (int64_t granted = 0; status == ELANUS_NO_MEMORY && granted < 1000; granted++) {
    LimitedAllocations limited(granted);
    elanus_builder *builder = nullptr;
    status = elanus_builder_open(flat.get(), &options, 0, &builder);
    for (uint32_t done = 0; status == ELANUS_OK && done == 0;) status = elanus_builder_step(builder, 1000000, &done);
    elanus_builder_close(builder);
  }
  EXPECT_EQ(ELANUS_OK, status);
}

}  // namespace
}  // namespace ann_test
