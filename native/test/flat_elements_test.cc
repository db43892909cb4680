// Flat over every element: rows are read back as they were appended, and rows of another type are found and scored
// exactly as the f32 rows of the same values.
#include "flat_support.h"

namespace {

using FlatElements = EveryKernels;
using Bytes = std::vector<uint8_t>;

// Whole numbers of -100 .. 100: values of every type.
std::vector<float> whole_numbers(std::mt19937 &random, size_t count) {
  std::vector<float> values(count);
  for (float &value : values) value = float(int(random() % 201) - 100);
  return values;
}

TEST_P(FlatElements, AnswerAsTheF32RowsOfTheSameValues) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : {1u, 7u, 64u, 131u}) {
    const uint32_t rows = 300;
    std::vector<float> values = whole_numbers(random, size_t(rows) * dim);
    std::fill_n(values.begin(), dim, 0.0f);  // a zero row
    const std::vector<float> queries = random_vectors(random, size_t(5) * dim);
    for (elanus_metric metric : kMetrics) {
      const FlatPointer truth = open_flat(dim, metric, GetParam());
      ASSERT_EQ(ELANUS_OK, elanus_flat_append(truth.get(), values.data(), rows));
      for (elanus_element element : kTypedElements) {
        const FlatPointer flat = open_element(dim, metric, element, GetParam());
        const Bytes bytes = bytes_of(element, values);
        const size_t row_bytes = bytes.size() / rows;
        ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), bytes.data(), 100));
        ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), bytes.data() + 100 * row_bytes, rows - 100));
        Bytes back(bytes.size());
        ASSERT_EQ(ELANUS_OK, elanus_flat_read(flat.get(), 0, rows, back.data()));
        ASSERT_EQ(bytes, back);
        const Result expected = search(truth, queries, 5, rows), found = search(flat, queries, 5, rows);
        ASSERT_EQ(expected.rows, found.rows) << "element " << element << ", dim " << dim << ", metric " << metric;
        ASSERT_EQ(expected.scores, found.scores) << "element " << element << ", dim " << dim << ", metric " << metric;
      }
    }
  }
}

TEST_P(FlatElements, OfBitsAreCounted) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : {8u, 72u, 2048u, ELANUS_BINARY_DIM_MAX}) {
    const uint32_t rows = dim > 10000 ? 20 : 200, row_bytes = dim / 8;
    Bytes bits(size_t(rows) * row_bytes);
    for (uint8_t &byte : bits) byte = uint8_t(random());
    std::fill_n(bits.begin(), row_bytes, uint8_t(0));
    for (elanus_metric metric : {ELANUS_HAMMING, ELANUS_JACCARD}) {
      const FlatPointer flat = open_element(dim, metric, ELANUS_BINARY_VECTOR, GetParam());
      ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), bits.data(), rows));
      Bytes back(bits.size());
      ASSERT_EQ(ELANUS_OK, elanus_flat_read(flat.get(), 0, rows, back.data()));
      ASSERT_EQ(bits, back);
      const uint8_t *query = bits.data() + size_t(rows - 1) * row_bytes;
      const Result found = search_any(flat, query, 1, rows, nullptr, nullptr);
      ASSERT_EQ(rows, found.counts[0]);
      ASSERT_EQ(0.0f, found.scores[0]);
      for (uint32_t i = 0; i < rows; i++) {
        uint32_t differing = 0, either = 0;
        for (uint32_t byte = 0; byte < row_bytes; byte++) {
          const uint8_t other = bits[size_t(found.rows[i]) * row_bytes + byte];
          differing += uint32_t(__builtin_popcount(other ^ query[byte]));
          either += uint32_t(__builtin_popcount(other | query[byte]));
        }
        const float jaccard = either == 0 ? 1 : float(differing) / float(either);
        ASSERT_EQ(metric == ELANUS_HAMMING ? float(differing) : jaccard, found.scores[i]);
        ASSERT_TRUE(i == 0 || found.scores[i - 1] <= found.scores[i]);
      }
      // Two empty sets are as far apart as can be.
      const Result empty = search_any(flat, bits.data(), 1, rows, nullptr, nullptr);
      for (uint32_t i = 0; metric == ELANUS_JACCARD && i < rows; i++) ASSERT_EQ(1.0f, empty.scores[i]);
    }
  }
}

TEST_P(FlatElements, OpenRefusesWhatDoesNotGoTogether) {
  elanus_flat *flat = nullptr;
  const auto opened = [&](uint32_t dim, elanus_metric metric, elanus_element element) {
    return elanus_flat_open(dim, metric, element, GetParam(), &flat);
  };
  for (elanus_element element : {ELANUS_FLOAT_VECTOR, ELANUS_FLOAT16_VECTOR, ELANUS_BFLOAT16_VECTOR, ELANUS_INT8_VECTOR}) {
    EXPECT_EQ(ELANUS_INVALID, opened(16, ELANUS_HAMMING, element));
    EXPECT_EQ(ELANUS_INVALID, opened(16, ELANUS_JACCARD, element));
    EXPECT_EQ(ELANUS_INVALID, opened(0, ELANUS_L2, element));
    EXPECT_EQ(ELANUS_INVALID, opened(ELANUS_DIM_MAX + 1, ELANUS_L2, element));
  }
  for (elanus_metric metric : kMetrics) EXPECT_EQ(ELANUS_INVALID, opened(16, metric, ELANUS_BINARY_VECTOR));
  for (uint32_t dim : {0u, 7u, 12u, ELANUS_BINARY_DIM_MAX + 8, 0xfffffff8u}) {
    EXPECT_EQ(ELANUS_INVALID, opened(dim, ELANUS_HAMMING, ELANUS_BINARY_VECTOR)) << dim;
  }
  for (elanus_element element : {0u, 99u, 104u, 106u}) EXPECT_EQ(ELANUS_INVALID, opened(16, ELANUS_L2, element));
  EXPECT_EQ(nullptr, flat);
}

TEST_P(FlatElements, OfBitsHaveNoGraph) {
  const FlatPointer flat = open_element(16, ELANUS_HAMMING, ELANUS_BINARY_VECTOR, GetParam());
  const uint8_t row[2] = {1, 2};
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), row, 1));
  const elanus_build_options options = {ELANUS_GRAPH, 0, 1, {}};
  elanus_builder *builder = nullptr;
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_open(flat.get(), &options, GetParam(), &builder));
  EXPECT_EQ(nullptr, builder);
}

TEST_P(FlatElements, ARowOfNoNumbersIsWorseThanAllOthers) {
  const FlatPointer flat = open_element(2, ELANUS_L2, ELANUS_FLOAT16_VECTOR, GetParam());
  const uint16_t rows[6] = {0x7e00, 0x7e00, 0x3c00, 0x3c00, 0, 0};  // NaN, ones, zeros
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), rows, 3));
  const Result found = search(flat, {0, 0}, 1, 3);
  EXPECT_EQ((std::vector<uint32_t>{2, 1, 0}), found.rows);
  EXPECT_TRUE(std::isnan(found.scores[2]));
}

RUN_ON_EVERY_KERNELS(FlatElements);

}  // namespace
