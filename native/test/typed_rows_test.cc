// TypedRows: a row of any element type is read back as given and scores exactly as the f32 row of the same values.
#include "index/typed_rows.h"

#include "index/flat.h"
#include "support.h"

namespace {

using namespace elanus;

constexpr Element kAllElements[] = {Element::kF32, Element::kF16, Element::kBf16, Element::kI8, Element::kU8};

class TypedRowsTest : public EveryKernels {
 protected:
  const Kernels *set() const { return kernels_at(GetParam()); }
  const TypedKernels *typed() const { return typed_kernels_of(set()); }

  // `values` as the element type holds them, and what they then are.
  std::vector<uint8_t> narrowed(Element element, const std::vector<float> &values) const {
    std::vector<uint8_t> held(values.size() * element_bytes(element));
    typed()->narrow[uint32_t(element)](values.data(), values.size(), held.data());
    return held;
  }
  std::vector<float> widened(Element element, const std::vector<uint8_t> &held) const {
    std::vector<float> values(held.size() / element_bytes(element));
    typed()->widen[uint32_t(element)](held.data(), values.size(), values.data());
    return values;
  }
};

// Values that every type can hold some of: fractions for floats, whole numbers for the others.
std::vector<float> values_for(Element element, std::mt19937 &random, size_t count) {
  std::vector<float> values = random_vectors(random, count);
  for (float &value : values) {
    if (element == Element::kI8) value = std::nearbyint(value * 127);
    if (element == Element::kU8) value = std::nearbyint((value + 1) * 127);
  }
  return values;
}

std::vector<uint32_t> all_dims() {
  std::vector<uint32_t> dims(67);
  std::iota(dims.begin(), dims.end(), 1);
  for (uint32_t dim : {128u, 384u, 784u, 1001u, 4096u, 32768u}) dims.push_back(dim);
  return dims;
}

std::vector<float> scores_of(const TypedRows &rows, const float *query) {
  std::vector<uint32_t> numbers(rows.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<float> scores(rows.size());
  rows.score(query, numbers.data(), rows.size(), scores.data());
  return scores;
}

TEST_P(TypedRowsTest, ScoreAsTheF32RowsOfTheSameValues) {
  std::mt19937 random(kSeed);
  for (Element element : kAllElements) {
    for (uint32_t dim : all_dims()) {
      const std::vector<uint8_t> held = narrowed(element, values_for(element, random, size_t(21) * dim));
      const std::vector<float> values = widened(element, held), query = values_for(element, random, dim);
      for (elanus_metric metric : kMetrics) {
        TypedRows rows(dim, element, metric, set()), same(dim, Element::kF32, metric, set());
        ASSERT_TRUE(rows.append(held.data(), 21));
        ASSERT_TRUE(same.append(values.data(), 21));
        const std::vector<float> scores = scores_of(rows, query.data());
        ASSERT_EQ(scores_of(same, query.data()), scores) << "element " << uint32_t(element) << " dim " << dim;
        for (uint32_t row = 0; row < 21; row++) {
          const Truth truth = true_score(metric, query.data(), values.data() + size_t(row) * dim, dim);
          ASSERT_NEAR(truth.score, scores[row], 1e-5 * truth.scale)
              << "element " << uint32_t(element) << " metric " << metric << " dim " << dim << " row " << row;
        }
      }
    }
  }
}

TEST_P(TypedRowsTest, ScoreAnyListOfRowsInItsOrder) {
  std::mt19937 random(kSeed + 1);
  constexpr uint32_t kDim = 100, kRows = 300;
  for (Element element : kAllElements) {
    for (elanus_metric metric : kMetrics) {
      TypedRows rows(kDim, element, metric, set());
      ASSERT_TRUE(rows.append_f32(values_for(element, random, kRows * kDim).data(), kRows));
      const std::vector<float> query = values_for(element, random, kDim), all = scores_of(rows, query.data());
      for (uint32_t count : {0u, 1u, 7u, 8u, 9u, 65u, 500u}) {
        std::vector<uint32_t> numbers(count);
        for (uint32_t &number : numbers) number = random() % kRows;
        std::vector<float> scores(count + 1, 99);
        rows.score(query.data(), numbers.data(), count, scores.data());
        for (uint32_t i = 0; i < count; i++) ASSERT_EQ(all[numbers[i]], scores[i]);
        ASSERT_EQ(99, scores[count]);
      }
    }
  }
}

TEST_P(TypedRowsTest, ReadBackWhatOddPortionsAppended) {
  std::mt19937 random(kSeed + 2);
  for (Element element : kAllElements) {
    for (uint32_t dim : {1u, 7u, 784u, 32768u}) {
      const uint32_t rows_count = 2 * (1 << 20) / (dim * element_bytes(element)) + 5;
      std::vector<uint8_t> held(size_t(rows_count) * dim * element_bytes(element));
      for (uint8_t &byte : held) byte = uint8_t(random());
      TypedRows rows(dim, element, ELANUS_L2, set());
      for (uint32_t done = 0, portion = 1; done < rows_count; done += portion, portion = portion * 2 + 1) {
        portion = std::min(portion, rows_count - done);
        ASSERT_TRUE(rows.append(held.data() + size_t(done) * rows.row_bytes(), portion));
      }
      std::vector<uint8_t> back(held.size());
      rows.read(0, rows_count, back.data());
      ASSERT_EQ(held, back);
      std::vector<float> values(2 * size_t(dim));
      const std::vector<uint8_t> some(held.begin() + rows.row_bytes(), held.begin() + 3 * rows.row_bytes());
      rows.read_f32(1, 2, values.data());
      const std::vector<float> expected = widened(element, some);
      for (size_t i = 0; i < values.size(); i++) {
        ASSERT_TRUE(expected[i] == values[i] || (std::isnan(expected[i]) && std::isnan(values[i])));
      }
    }
  }
}

TEST_P(TypedRowsTest, AppendF32NarrowsEachValue) {
  std::mt19937 random(kSeed + 3);
  for (Element element : kAllElements) {
    for (elanus_metric metric : {ELANUS_L2, ELANUS_COSINE}) {
      const std::vector<float> values = values_for(element, random, 100 * 37);
      TypedRows rows(37, element, metric, set()), same(37, element, metric, set());
      ASSERT_TRUE(rows.append_f32(values.data(), 100));
      ASSERT_TRUE(same.append(narrowed(element, values).data(), 100));
      ASSERT_EQ(scores_of(same, values.data()), scores_of(rows, values.data()));
      ASSERT_EQ(same.bytes(), rows.bytes());
    }
  }
}

TEST_P(TypedRowsTest, ReadNothingBeyondTheLastValue) {
  // Kernels are called on memory that ends where the row ends; the sanitizers see a read beyond it.
  for (Element element : kAllElements) {
    for (uint32_t dim = 1; dim <= 67; dim++) {
      const std::vector<float> query(dim, 1.0f);
      const std::vector<uint8_t> held = narrowed(element, query);
      const void *row = held.data();
      float scores[kBlockRowsMax];
      typed()->dot[uint32_t(element)]({query.data(), 1, 1, dim, &row, scores});
      ASSERT_EQ(dim, scores[0]);
      typed()->l2[uint32_t(element)]({query.data(), 1, 1, dim, &row, scores});
      ASSERT_EQ(0, scores[0]);
    }
  }
}

TEST_P(TypedRowsTest, AZeroRowScoresZeroUnderCosine) {
  for (Element element : kAllElements) {
    TypedRows rows(3, element, ELANUS_COSINE, set());
    const std::vector<float> values = {1, 2, 3, 0, 0, 0}, query = {1, 2, 3}, zero(3);
    ASSERT_TRUE(rows.append_f32(values.data(), 2));
    const std::vector<float> scores = scores_of(rows, query.data());
    EXPECT_NEAR(1, scores[0], 1e-6);
    EXPECT_EQ(0, scores[1]);
    EXPECT_EQ((std::vector<float>{0, 0}), scores_of(rows, zero.data()));
  }
}

TEST_P(TypedRowsTest, HoldTheExtremesOfTheirType) {
  // Sums of the largest values of each type: beyond every narrower type, and no overflow but that of f32.
  const float largest[kElements] = {1e16f, 65504, 1e16f, -128, 255};
  for (Element element : kAllElements) {
    for (uint32_t dim : {1u, 1000u, 32768u}) {
      const std::vector<float> values(dim, largest[uint32_t(element)]), query(dim, -largest[uint32_t(element)]);
      TypedRows rows(dim, element, ELANUS_L2, set());
      ASSERT_TRUE(rows.append_f32(values.data(), 1));
      std::vector<float> held(dim);
      rows.read_f32(0, 1, held.data());
      const Truth truth = true_score(ELANUS_L2, query.data(), held.data(), dim);
      ASSERT_NEAR(truth.score, scores_of(rows, query.data())[0], 1e-5 * truth.scale);
    }
  }
}

TEST_P(TypedRowsTest, FlatFindsWhatTheF32FlatFinds) {
  std::mt19937 random(kSeed + 4);
  constexpr uint32_t kDim = 33, kRows = 500, kQueries = 70;
  for (Element element : kAllElements) {
    for (elanus_metric metric : kMetrics) {
      // Few distinct values: many ties.
      std::vector<float> values(kRows * kDim), queries(kQueries * kDim);
      for (float &value : values) value = float(random() % 3);
      for (float &value : queries) value = float(random() % 3);
      elanus::Flat flat(kDim, metric, set(), element), same(kDim, metric, set());
      ASSERT_TRUE(flat.append(narrowed(element, values).data(), kRows));
      ASSERT_TRUE(same.append(values.data(), kRows));
      std::vector<uint8_t> alive(64);
      for (uint8_t &byte : alive) byte = uint8_t(random());
      for (uint32_t k : {1u, 10u, 600u}) {
        std::vector<uint32_t> counts(kQueries), rows(size_t(kQueries) * k), same_counts(counts), same_rows(rows);
        std::vector<float> scores(size_t(kQueries) * k), same_scores(scores);
        flat.search(queries.data(), kQueries, k, alive.data(), counts.data(), rows.data(), scores.data());
        same.search(queries.data(), kQueries, k, alive.data(), same_counts.data(), same_rows.data(), same_scores.data());
        ASSERT_EQ(same_counts, counts);
        ASSERT_EQ(same_rows, rows);
        ASSERT_EQ(same_scores, scores);
      }
    }
  }
}

TEST_P(TypedRowsTest, AnEmptyOneScoresNothing) {
  const TypedRows rows(5, Element::kF16, ELANUS_COSINE, set());
  const std::vector<float> query(5);
  rows.score(query.data(), nullptr, 0, nullptr);
  EXPECT_EQ(0u, rows.size());
  EXPECT_EQ(0u, rows.bytes());
}

RUN_ON_EVERY_KERNELS(TypedRowsTest);

TEST(HeldExactly, TellsWhetherNarrowingLoses) {
  const std::vector<float> whole = {0, 1, 127, 255}, negative = {-128, 127, 0}, halves = {0.5f, -65504, 0x1p-24f};
  EXPECT_TRUE(held_exactly(Element::kU8, whole.data(), 4));
  EXPECT_FALSE(held_exactly(Element::kI8, whole.data(), 4));
  EXPECT_TRUE(held_exactly(Element::kI8, negative.data(), 3));
  EXPECT_FALSE(held_exactly(Element::kU8, negative.data(), 3));
  EXPECT_TRUE(held_exactly(Element::kF16, halves.data(), 3));
  EXPECT_FALSE(held_exactly(Element::kI8, halves.data(), 1));
  for (float value : {256.0f, -1.0f, 0.5f, 1e9f, -1e9f, std::nanf(""), INFINITY, -0.0f}) {
    EXPECT_FALSE(held_exactly(Element::kU8, &value, 1)) << value;
    EXPECT_TRUE(held_exactly(Element::kF32, &value, 1)) << value;
  }
  for (float value : {65505.0f, 0x1p-25f, 0.1f, 1e9f}) EXPECT_FALSE(held_exactly(Element::kF16, &value, 1)) << value;
  for (float value : {1.00390625f, 0.1f}) EXPECT_FALSE(held_exactly(Element::kBf16, &value, 1)) << value;
}

}  // namespace
