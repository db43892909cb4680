// Approximate index: from rows to a file and back, as a graph or as lists, in whole or in part, always the same.
#include <stdio.h>

#include "ann_support.h"
#include "base/random.h"
#include "index/index_file.h"
#include "index/ivf.h"
#include "kernels/code_layout.h"

namespace ann_test {
namespace {

using AnnIndexes = EveryKernels;

// Blocks of 64 KiB of their own for each stage.
GraphRows large_rows() { return clustered_rows(3000, 96, 30, 1.5f); }

TEST(AnnIndex, IsOpenedAsWhatItIsAndAsLists) {
  const GraphRows rows = large_rows();
  const FlatPointer flat = flat_of(rows, ELANUS_L2);
  const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH, 60));
  for (const Opening &opening : kOpenings) {
    const IndexPointer index = open(part_of(file_of(builder, opening.file), opening), opening.flags);
    const elanus_index_about found = about(index);
    EXPECT_EQ(opening.stage == ELANUS_STAGE_GRAPH ? ELANUS_GRAPH : ELANUS_IVF, found.kind) << opening.name;
    EXPECT_EQ(opening.stage, found.stage) << opening.name;
    EXPECT_EQ(60u, found.lists);
    EXPECT_EQ(3000u, found.rows);
    EXPECT_EQ(96u, found.dim);
    EXPECT_EQ(ELANUS_L2, found.metric);
    EXPECT_EQ(31, found.rows_sha256[31]);
  }
}

TEST(AnnIndex, OfAGraphWrittenAsListsIsThatOfLists) {
  const GraphRows rows = clustered_rows(700, 40, 10, 1.5f);
  const FlatPointer flat = flat_of(rows, ELANUS_COSINE);
  const Bytes graph = file_of(build(flat, options_of(ELANUS_GRAPH)), ELANUS_IVF), ivf = build_file(flat, ELANUS_IVF);
  ASSERT_EQ(graph.size(), ivf.size());
  EXPECT_EQ(0, memcmp(graph.data(), ivf.data(), graph.size()));
}

TEST(AnnIndex, HoldsTheCalibrationThatItWasGiven) {
  const FlatPointer flat = flat_of(clustered_rows(100, 8, 3, 1), ELANUS_L2);
  const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH));
  for (uint32_t size : {0u, 1u, 1000u, ELANUS_CALIBRATION_MAX}) {
    std::vector<uint8_t> calibration(size);
    for (uint32_t i = 0; i < size; i++) calibration[i] = uint8_t(i * 7);
    for (elanus_kind kind : {ELANUS_GRAPH, ELANUS_IVF}) {
      const IndexPointer index = open(file_of(builder, kind, calibration));
      const uint8_t *bytes = nullptr;
      size_t size_bytes = 1;
      ASSERT_EQ(ELANUS_OK, elanus_index_calibration(index.get(), &bytes, &size_bytes));
      EXPECT_EQ(calibration, std::vector<uint8_t>(bytes, bytes + size_bytes));
    }
  }
}

TEST(AnnIndex, HasAsManyListsAsWereAskedForUpToItsRows) {
  const FlatPointer flat = flat_of(clustered_rows(100, 8, 3, 1), ELANUS_L2);
  for (const auto &[asked, given] : {std::pair(0u, 1u), {1u, 1u}, {100u, 100u}, {101u, 100u}, {~0u, 100u}}) {
    EXPECT_EQ(given, about(open(build_file(flat, ELANUS_IVF, asked))).lists);
  }
  // 1.5 sqrt(n), but no list of fewer than 128 rows on average.
  for (const auto &[rows, given] : {std::pair(1u, 1u), {255u, 1u}, {256u, 2u}, {10000u, 78u}, {40000u, 300u}, {1000000u, 1500u}}) {
    EXPECT_EQ(given, elanus::ivf_lists_for(rows));
  }
}

TEST_P(AnnIndexes, AreTheSameBytesOnEveryKernelSetAndForEveryStep) {
  const GraphRows rows = clustered_rows(1500, 50, 12, 1.5f);
  const FlatPointer flat = flat_of(rows, ELANUS_COSINE);
  const Bytes expected = build_file(flat, ELANUS_GRAPH, 0, uint32_t(kernel_sets().size()) - 1);
  for (uint32_t pairs : {1u, 3000u, 100000000u}) {
    const Bytes found = file_of(build(flat, options_of(ELANUS_GRAPH), GetParam(), pairs), ELANUS_GRAPH);
    ASSERT_EQ(expected.size(), found.size());
    EXPECT_EQ(0, memcmp(expected.data(), found.data(), found.size())) << "steps of " << pairs;
  }
}

RUN_ON_EVERY_KERNELS(AnnIndexes);

TEST(AnnIndex, TellsWhatOfAFileIsNeededForEachStage) {
  const FlatPointer flat = flat_of(large_rows(), ELANUS_L2);
  const Bytes file = build_file(flat, ELANUS_GRAPH);
  uint64_t bytes = 0, before = 0;
  uint32_t more = 0;
  // The header, then the prefix, then all is known.
  for (uint64_t size : {uint64_t(0), uint64_t(127)}) {
    ASSERT_EQ(ELANUS_OK, elanus_index_extent(file.data(), size, ELANUS_STAGE_SCAN, &bytes, &more));
    EXPECT_EQ(1u, more);
    EXPECT_EQ(128u, bytes);
  }
  ASSERT_EQ(ELANUS_OK, elanus_index_extent(file.data(), 128, ELANUS_STAGE_SCAN, &bytes, &more));
  EXPECT_EQ(1u, more);
  const uint64_t prefix = bytes;
  for (elanus_stage stage : {ELANUS_STAGE_SCAN, ELANUS_STAGE_REFINE, ELANUS_STAGE_GRAPH}) {
    ASSERT_EQ(ELANUS_OK, elanus_index_extent(file.data(), prefix, stage, &bytes, &more));
    EXPECT_EQ(0u, more);
    EXPECT_GT(bytes, before);
    before = bytes;
    IndexPointer index;
    EXPECT_EQ(ELANUS_OK, try_open(copy_of(file.data(), bytes), ELANUS_PARTIAL, &index));
    EXPECT_EQ(stage, about(index).stage);
    IndexPointer less;
    const elanus_status status = try_open(copy_of(file.data(), bytes - 1), ELANUS_PARTIAL, &less);
    if (stage == ELANUS_STAGE_SCAN) EXPECT_EQ(ELANUS_CORRUPT, status);
    else EXPECT_EQ(stage - 1, about(less).stage);
  }
  EXPECT_EQ(file.size(), before);
}

TEST(AnnIndex, RefusesWhatBreaksTheContract) {
  const FlatPointer flat = flat_of(clustered_rows(50, 8, 3, 1), ELANUS_L2), empty = open_flat(8, ELANUS_L2, 0);
  elanus_build_options options = options_of(ELANUS_IVF);
  elanus_builder *out = nullptr;
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_open(empty.get(), &options, 0, &out));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_open(flat.get(), nullptr, 0, &out));
  EXPECT_EQ(ELANUS_UNSUPPORTED, elanus_builder_open(flat.get(), &options, 1000, &out));
  options.kind = 3;
  EXPECT_EQ(ELANUS_UNSUPPORTED, elanus_builder_open(flat.get(), &options, 0, &out));
  options.kind = ELANUS_IVF;
  ASSERT_EQ(ELANUS_OK, elanus_builder_open(flat.get(), &options, 0, &out));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_write(out, ELANUS_IVF, nullptr, 0));
  const uint8_t *bytes;
  size_t size_bytes;
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_bytes(out, &bytes, &size_bytes));
  elanus_builder_close(out);
  const BuilderPointer builder = build(flat, options);
  const std::vector<uint8_t> large(ELANUS_CALIBRATION_MAX + 1);
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_write(builder.get(), ELANUS_GRAPH, nullptr, 0));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_write(builder.get(), ELANUS_IVF, nullptr, 1));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_write(builder.get(), ELANUS_IVF, large.data(), uint32_t(large.size())));
  const Bytes file = file_of(builder, ELANUS_IVF);
  IndexPointer index;
  EXPECT_EQ(ELANUS_INVALID, try_open(file, 4, &index));
  EXPECT_EQ(ELANUS_UNSUPPORTED, try_open(file, 0, &index, 1000));
  elanus_index *opened = nullptr;
  EXPECT_EQ(ELANUS_INVALID, elanus_index_open(file.data() + 1, file.size() - 1, 0, 0, &opened));
  uint64_t needed;
  uint32_t more;
  EXPECT_EQ(ELANUS_INVALID, elanus_index_extent(file.data(), file.size(), ELANUS_STAGE_GRAPH, &needed, &more));
  EXPECT_EQ(ELANUS_INVALID, elanus_index_extent(file.data(), file.size(), 0, &needed, &more));
  EXPECT_EQ(ELANUS_INVALID, elanus_index_extent(file.data(), file.size(), 4, &needed, &more));
}

// The same on every machine, which those of the standard library's distributions are not.
GraphRows golden_rows() {
  constexpr uint32_t kDim = 24, kClusters = 6;
  elanus::Random random(1);
  const auto value = [&random] { return float(random.below(2001)) / 1000 - 1; };
  std::vector<float> centres(kClusters * kDim);
  for (float &centre : centres) centre = 3 * value();
  GraphRows rows{kDim, {}};
  for (uint32_t i = 0; i < 200; i++) {
    for (uint32_t j = 0; j < kDim; j++) rows.values.push_back(centres[i % kClusters * kDim + j] + value());
  }
  return rows;
}

// Stored bytes must open and answer for ever: these files never change. A later version adds others.
TEST(AnnIndex, OfVersionOneOpensAndAnswers) {
  const GraphRows rows = golden_rows();
  const FlatPointer flat = flat_of(rows, ELANUS_L2);
  for (elanus_kind kind : {ELANUS_GRAPH, ELANUS_IVF}) {
    const std::string name = kind == ELANUS_GRAPH ? "ann-graph-v1.bin" : "ann-ivf-v1.bin";
    const Bytes now = file_of(build(flat, options_of(kind, 21)), kind, {1, 2, 3});
    Bytes golden;
    ASSERT_TRUE(golden.resize(1 << 20));
    FILE *stream = fopen((ELANUS_GOLDEN "/" + name).c_str(), "rb");
    const size_t read = stream == nullptr ? 0 : fread(golden.data(), 1, golden.size(), stream);
    if (stream != nullptr) fclose(stream);
    ASSERT_TRUE(golden.resize(read));
    const std::string found = testing::TempDir() + name;
    if (FILE *copy = read == 0 ? fopen(found.c_str(), "wb") : nullptr) {
      fwrite(now.data(), 1, now.size(), copy);
      fclose(copy);
    }
    ASSERT_NE(0u, read) << ELANUS_GOLDEN "/" << name << " is missing, " << found << " is what is written now";
    const IndexPointer index = open(golden);
    EXPECT_EQ(kind, about(index).kind);
    const SearcherPointer searcher = open_searcher(index, flat.get());
    const std::vector<float> queries(rows.values.begin(), rows.values.begin() + 20 * rows.dim);
    const Result answers = ask(searcher, queries, 20, {10, 200, 200, 200, 0});
    EXPECT_EQ(search(flat, queries, 20, 10).rows, answers.rows);
    // Of the same rows and options the same bytes are written, so that a rebuilt index is the one that was there.
    ASSERT_EQ(golden.size(), now.size());
    EXPECT_EQ(0, memcmp(golden.data(), now.data(), now.size())) << name;
  }
}

// As a graph nothing of a row is held but its 4-bit code, its edges and its place in a list: 460 bytes at d = 768 and 14
// edges. The rest is for the centres: their codes, and sign codes to find the nearest of the lists.
TEST(AnnIndex, OfAGraphHoldsOfARowItsCodeItsEdgesAndItsPlace) {
  const GraphRows rows = clustered_rows(2000, 768, 40, 0.5f);
  const FlatPointer flat = flat_of(rows, ELANUS_COSINE);
  const Bytes file = build_file(flat, ELANUS_GRAPH);
  elanus::IndexFile reading;
  elanus::Extent graph;
  ASSERT_EQ(elanus::FileStatus::kOk, reading.open(file.data(), file.size(), file.size()));
  ASSERT_TRUE(reading.extent(elanus::SectionKind::kGraphNeighbours, &graph));
  const IndexPointer index = open(file);
  const size_t centres = (64 + about(index).lists) * (elanus::code7_bytes(768) + 120) + 8192;
  EXPECT_LE(elanus_index_bytes(index.get()), rows.count() * (elanus::code4_bytes(768) + 4) + graph.length + centres);
}

}  // namespace
}  // namespace ann_test
