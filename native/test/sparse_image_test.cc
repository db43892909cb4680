// Sparse images: what the builder refuses, and that no damage to an image can do more than make it be refused.
#include "sparse_support.h"

namespace elanus::sparse_test {
namespace {

TEST(SparseBuilder, RefusesWhatBreaksTheContractAndAddsNothing) {
  const uint32_t terms[] = {1, 2, 2}, falling[] = {2, 1};
  const float good[] = {1, 1, 1}, negative[] = {1, -1}, nan[] = {1, NAN}, infinite[] = {INFINITY, 1};
  SparseBuilder builder(SparseWeights::kImpacts);
  EXPECT_EQ(ELANUS_INVALID, builder.add({terms, good, 3}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({falling, good, 2}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({terms, negative, 2}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({terms, nan, 2}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({terms, infinite, 2}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({nullptr, good, 2}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({terms, nullptr, 2}, 0));
  EXPECT_EQ(ELANUS_INVALID, builder.add({terms, good, 2}, 5)) << "impacts have no lengths";
  EXPECT_EQ(ELANUS_INVALID, builder.finish(nullptr));
  EXPECT_EQ(0u, builder.row_count());
  EXPECT_EQ(ELANUS_OK, builder.add({nullptr, nullptr, 0}, 0));
  EXPECT_EQ(ELANUS_OK, builder.add({terms, good, 2}, 0));
  EXPECT_EQ(2u, builder.row_count());

  SparseBuilder frequencies(SparseWeights::kFrequencies);
  const float above[] = {16777218.0f};
  EXPECT_EQ(ELANUS_INVALID, frequencies.add({terms, above, 1}, 1));
  EXPECT_EQ(ELANUS_INVALID, frequencies.add({terms, good, 1}, 0x80000000u));
}

TEST(SparseBuilder, StartsAnewAfterFinishing) {
  SparseBuilder builder(SparseWeights::kImpacts);
  const Vector row = vector_of({{5, 1}});
  Array<uint8_t> first, second;
  ASSERT_EQ(ELANUS_OK, builder.add(row.view(), 0));
  ASSERT_EQ(ELANUS_OK, builder.finish(&first));
  ASSERT_EQ(0u, builder.row_count());
  ASSERT_EQ(ELANUS_OK, builder.add(row.view(), 0));
  ASSERT_EQ(ELANUS_OK, builder.finish(&second));
  ASSERT_EQ(first.size(), second.size());
  EXPECT_EQ(0, memcmp(first.data(), second.data(), first.size()));
}

TEST(SparseImage, KeepsFewDistinctWeightsInOneOrTwoBytes) {
  for (const auto &[distinct, weight_bytes] :
       {std::pair{256u, 1u}, std::pair{257u, 2u}, std::pair{4096u, 2u}, std::pair{4097u, 4u}}) {
    std::vector<Vector> rows;
    for (uint32_t i = 0; i < 2 * distinct; i++) rows.push_back(vector_of({{1, float(1 + i % distinct)}}));
    Opened opened(rows);
    sparse::ImageHeader header;
    memcpy(&header, opened.image.data(), sizeof(header));
    EXPECT_EQ(weight_bytes, header.weight_bytes) << distinct;
    SparseParams params;
    params.k = 3;
    const std::vector<Hit> expected = {{distinct - 1, float(distinct)}, {2 * distinct - 1, float(distinct)},
                                       {distinct - 2, float(distinct - 1)}};
    EXPECT_EQ(expected, search(opened, vector_of({{1, 1}}), params));
  }
}

TEST(SparseIndex, RefusesWhatBreaksTheContractAndWritesNothing) {
  Opened opened({vector_of({{1, 1}}), vector_of({{2, 1}})}, SparseWeights::kFrequencies);
  const Vector good = vector_of({{1, 1}, {2, 1}});
  const uint32_t falling[] = {2, 1};
  const float weights[] = {1, 1}, negative[] = {1, -1}, nan[] = {NAN, 1};
  uint32_t rows[2000] = {77}, count = 77;
  float scores[2000] = {77};
  const auto tried = [&](const SparseVector &query, const SparseParams &params) {
    return opened.index.search(query, params, nullptr, &opened.scratch, rows, scores, &count, nullptr);
  };
  EXPECT_EQ(ELANUS_INVALID, tried({falling, weights, 2}, {}));
  EXPECT_EQ(ELANUS_INVALID, tried({good.terms.data(), negative, 2}, {}));
  EXPECT_EQ(ELANUS_INVALID, tried({good.terms.data(), nan, 2}, {}));
  EXPECT_EQ(ELANUS_INVALID, tried({nullptr, weights, 2}, {}));
  for (const SparseParams &params :
       {SparseParams{.k = 0}, SparseParams{.k = 2001}, SparseParams{.radius = NAN}, SparseParams{.drop_ratio = 1},
        SparseParams{.drop_ratio = -0.1f}, SparseParams{.drop_ratio = NAN}, SparseParams{.k1 = -1},
        SparseParams{.k1 = INFINITY}, SparseParams{.b = 1.1f}, SparseParams{.b = NAN}, SparseParams{.average_length = 0},
        SparseParams{.average_length = 1e-44f}, SparseParams{.driver = SparseDriver(9)}}) {
    EXPECT_EQ(ELANUS_INVALID, tried(good.view(), params));
  }
  std::map<uint32_t, float> many;
  for (uint32_t i = 0; i < 513; i++) many[i] = 1;
  EXPECT_EQ(ELANUS_INVALID, tried(vector_of(many).view(), {}));
  SparseScratch small;
  ASSERT_EQ(ELANUS_OK, small.open(1, 10, 10));
  EXPECT_EQ(ELANUS_INVALID, opened.index.search(good.view(), {}, nullptr, &small, rows, scores, &count, nullptr));
  EXPECT_EQ(77u, count);
  EXPECT_EQ(77u, rows[0]);
  EXPECT_EQ(77.0f, scores[0]);
  EXPECT_EQ(ELANUS_INVALID, small.open(1, 0, 10));
  EXPECT_EQ(ELANUS_INVALID, small.open(1, 10, 0));
  EXPECT_EQ(ELANUS_INVALID, small.open(0x80000000u, 10, 10));
}

// Images of all shapes: impacts and frequencies, weights of one, two and four bytes, wide and narrow blocks.
std::vector<Array<uint8_t>> small_images() {
  Random random(kSeed);
  std::vector<Array<uint8_t>> images;
  for (Kind kind : {Kind::kFloats, Kind::kRounded, Kind::kFrequencies}) {
    std::vector<Vector> rows = random_rows(random, 400, 12, 6, true, kind);
    images.push_back(image_of(rows, kind == Kind::kFrequencies ? SparseWeights::kFrequencies : SparseWeights::kImpacts));
  }
  std::vector<Vector> many(4200);
  for (uint32_t row = 0; row < many.size(); row++) many[row] = vector_of({{row % 4, float(row + 1)}});
  images.push_back(image_of(many, SparseWeights::kImpacts));
  return images;
}

// Opens a copy of just its bytes, so that the sanitizer sees any step beyond them, and searches what opens.
elanus_status open_and_search(const uint8_t *bytes, size_t size_bytes) {
  Array<uint8_t> copy;
  EXPECT_TRUE(copy.resize(size_bytes));
  if (size_bytes > 0) memcpy(copy.data(), bytes, size_bytes);
  SparseIndex index;
  const elanus_status status = index.open(copy.data(), size_bytes);
  if (status != ELANUS_OK) return status;
  SparseScratch scratch;
  if (scratch.open(index.row_count(), 16, 10) != ELANUS_OK) return ELANUS_OK;
  const Vector query = vector_of({{0, 1}, {1, 2}, {2, 0.5f}, {3, 1}, {7, 1}});
  for (SparseDriver driver : kDrivers) {
    SparseParams params;
    params.driver = driver;
    // Row by row, an image that claims 2^31 rows takes its time.
    if (driver == SparseDriver::kRows && index.row_count() > 100000) continue;
    uint32_t rows[10], count;
    float scores[10];
    EXPECT_EQ(ELANUS_OK, index.search(query.view(), params, nullptr, &scratch, rows, scores, &count, nullptr));
    for (uint32_t i = 0; i < count; i++) EXPECT_LT(rows[i], index.row_count());
  }
  return status;
}

void seal(std::vector<uint8_t> *bytes) {
  alignas(8) sparse::ImageHeader header;
  memcpy(&header, bytes->data(), sizeof(header));
  header.checksum = sparse::checksum(bytes->data(), bytes->size());
  memcpy(bytes->data(), &header, sizeof(header));
}

TEST(SparseImage, EveryFlippedByteIsRefused) {
  for (const Array<uint8_t> &image : small_images()) {
    std::vector<uint8_t> bytes(image.begin(), image.end());
    ASSERT_EQ(ELANUS_OK, open_and_search(bytes.data(), bytes.size()));
    for (size_t i = 0; i < bytes.size(); i++) {
      for (uint8_t mask : {0x01, 0x80, 0xff}) {
        bytes[i] ^= mask;
        ASSERT_NE(ELANUS_OK, open_and_search(bytes.data(), bytes.size())) << "byte " << i;
        bytes[i] ^= mask;
      }
    }
  }
}

TEST(SparseImage, EveryTruncationIsRefused) {
  for (const Array<uint8_t> &image : small_images()) {
    for (size_t size = 0; size < image.size(); size++) ASSERT_NE(ELANUS_OK, open_and_search(image.data(), size)) << size;
  }
}

// With a checksum that agrees, the rest of the checks stand alone: what they let through must be safe to search.
TEST(SparseImage, ForgedBytesAreRefusedOrHarmless) {
  Random random(kSeed + 1);
  for (const Array<uint8_t> &image : small_images()) {
    const std::vector<uint8_t> whole(image.begin(), image.end());
    const size_t step = std::max<size_t>(1, whole.size() / 500);
    for (size_t i = 0; i < whole.size(); i += i < 1024 ? 1 : 1 + random.below(uint32_t(2 * step))) {
      for (uint32_t value : {0x00u, 0xffu, whole[i] ^ 1u, whole[i] ^ 0x80u, random.below(256)}) {
        std::vector<uint8_t> bytes = whole;
        bytes[i] = uint8_t(value);
        seal(&bytes);
        open_and_search(bytes.data(), bytes.size());
      }
    }
    for (uint32_t i = 0; i < 300; i++) {
      std::vector<uint8_t> bytes = whole;
      const uint32_t changes = 1 + random.below(6);
      for (uint32_t c = 0; c < changes; c++) {
        const uint32_t value = i % 2 == 0 ? random.below(256) : uint32_t(random.next());
        const size_t at = size_t(random.below(uint32_t(bytes.size() - 4))) & ~size_t(3);
        memcpy(bytes.data() + at, &value, 4);
      }
      seal(&bytes);
      open_and_search(bytes.data(), bytes.size());
    }
  }
}

TEST(SparseImage, MisalignedAndForeignBytesAreRefused) {
  const Array<uint8_t> image = image_of({vector_of({{1, 1}})}, SparseWeights::kImpacts);
  SparseIndex index;
  EXPECT_EQ(ELANUS_INVALID, index.open(nullptr, 0));
  EXPECT_EQ(ELANUS_INVALID, index.open(image.data() + 4, image.size() - 4));
  std::vector<uint8_t> bytes(image.begin(), image.end());
  bytes[4] = 2;
  EXPECT_EQ(ELANUS_UNSUPPORTED, open_and_search(bytes.data(), bytes.size())) << "a newer version";
}

TEST(SparseImage, LengthCodesRoundDown) {
  for (uint64_t length = 0; length <= 0x7fffffff; length += 1 + length / 50) {
    const uint32_t floor = sparse::length_floor(sparse::length_code(uint32_t(length)));
    ASSERT_LE(floor, length);
    ASSERT_GE(floor * 1.13 + 1, double(length));
  }
}

}  // namespace
}  // namespace elanus::sparse_test
