// Flat: what was appended is read back, and a call that breaks the contract changes nothing.
#include <cstring>

#include "support.h"

namespace {

using Flat = EveryKernels;

TEST_P(Flat, ReadsBackWhatOddPortionsAppended) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : {1u, 7u, 784u, 32768u}) {
    // Past several chunks, and never a whole number of them.
    const uint32_t rows = dim == 32768 ? 30 : 3 * (1 << 20) / (4 * dim) + 5;
    const std::vector<float> vectors = random_vectors(random, size_t(rows) * dim);
    for (elanus_metric metric : {ELANUS_L2, ELANUS_COSINE}) {
      const FlatPointer flat = open_flat(dim, metric, GetParam());
      for (uint32_t done = 0, portion = 1; done < rows; done += portion, portion = portion * 2 + 1) {
        portion = std::min(portion, rows - done);
        ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data() + size_t(done) * dim, portion));
        ASSERT_EQ(done + portion, elanus_flat_size(flat.get()));
      }
      std::vector<float> back(vectors.size());
      ASSERT_EQ(ELANUS_OK, elanus_flat_read(flat.get(), 0, rows, back.data()));
      ASSERT_EQ(vectors, back) << "dim " << dim;
      const uint32_t last = rows - 1;
      const std::vector<float> query(vectors.end() - dim, vectors.end());
      // At dim 1 all rows point one of two ways.
      if (dim > 1) {
        ASSERT_EQ(last, search(flat, query, 1, 1).rows[0]) << "dim " << dim;
      }
    }
  }
}

TEST_P(Flat, AppendingNothingChangesNothing) {
  const FlatPointer flat = open_flat(4, ELANUS_L2, GetParam());
  EXPECT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), nullptr, 0));
  EXPECT_EQ(0u, elanus_flat_size(flat.get()));
}

TEST_P(Flat, ReservedRoomIsUsed) {
  const FlatPointer flat = open_flat(100, ELANUS_COSINE, GetParam());
  ASSERT_EQ(ELANUS_OK, elanus_flat_reserve(flat.get(), 10000));
  const size_t reserved = elanus_flat_bytes(flat.get());
  EXPECT_GE(reserved, 10000u * 101 * sizeof(float));
  const std::vector<float> vectors(10000 * 100, 1.0f);
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), 10000));
  EXPECT_EQ(reserved, elanus_flat_bytes(flat.get()));
}

TEST_P(Flat, ASmallIndexTakesLittleMoreThanItsRows) {
  const FlatPointer flat = open_flat(16, ELANUS_L2, GetParam());
  const std::vector<float> vector(16, 1.0f);
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vector.data(), 1));
  EXPECT_LT(elanus_flat_bytes(flat.get()), 2048u);
}

TEST_P(Flat, OpenRefusesWhatBreaksTheContract) {
  elanus_flat *flat = nullptr;
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_open(0, ELANUS_L2, ELANUS_FLOAT_VECTOR, GetParam(), &flat));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_open(ELANUS_DIM_MAX + 1, ELANUS_L2, ELANUS_FLOAT_VECTOR, GetParam(), &flat));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_open(4, 0, ELANUS_FLOAT_VECTOR, GetParam(), &flat));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_open(4, 4, ELANUS_FLOAT_VECTOR, GetParam(), &flat));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_open(4, ELANUS_L2, ELANUS_FLOAT_VECTOR, GetParam(), nullptr));
  EXPECT_EQ(ELANUS_UNSUPPORTED, elanus_flat_open(4, ELANUS_L2, ELANUS_FLOAT_VECTOR, uint32_t(kernel_sets().size()), &flat));
  EXPECT_EQ(nullptr, flat);
}

TEST_P(Flat, AppendAndReadRefuseWhatBreaksTheContract) {
  const FlatPointer flat = open_flat(4, ELANUS_L2, GetParam());
  std::vector<float> rows(12, 1.0f);
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_append(nullptr, rows.data(), 3));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_append(flat.get(), nullptr, 3));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_append(flat.get(), rows.data(), 0x80000000u));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_reserve(flat.get(), 0x80000000u));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_reserve(nullptr, 1));
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), rows.data(), 3));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_append(flat.get(), rows.data(), 0x7ffffffdu));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_read(nullptr, 0, 1, rows.data()));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_read(flat.get(), 0, 1, nullptr));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_read(flat.get(), 1, 3, rows.data()));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_read(flat.get(), 4, 0, rows.data()));
  EXPECT_EQ(ELANUS_INVALID, elanus_flat_read(flat.get(), 1, 0xffffffffu, rows.data()));
  EXPECT_EQ(ELANUS_OK, elanus_flat_read(flat.get(), 3, 0, rows.data()));
  EXPECT_EQ(3u, elanus_flat_size(flat.get()));
}

TEST_P(Flat, SearchRefusesWhatBreaksTheContractAndWritesNothing) {
  const FlatPointer flat = open_flat(4, ELANUS_L2, GetParam());
  const std::vector<float> query(4, 1.0f);
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), query.data(), 1));
  uint32_t count = 99, row = 99;
  float score = 99;
  const auto tried = [&](const elanus_flat *index, const float *queries, uint32_t k, uint32_t *counts, uint32_t *rows,
                         float *scores) {
    return elanus_flat_search(index, queries, 1, k, nullptr, nullptr, counts, rows, scores);
  };
  EXPECT_EQ(ELANUS_INVALID, tried(nullptr, query.data(), 1, &count, &row, &score));
  EXPECT_EQ(ELANUS_INVALID, tried(flat.get(), nullptr, 1, &count, &row, &score));
  EXPECT_EQ(ELANUS_INVALID, tried(flat.get(), query.data(), 0, &count, &row, &score));
  EXPECT_EQ(ELANUS_INVALID, tried(flat.get(), query.data(), ELANUS_K_MAX + 1, &count, &row, &score));
  EXPECT_EQ(ELANUS_INVALID, tried(flat.get(), query.data(), 1, nullptr, &row, &score));
  EXPECT_EQ(ELANUS_INVALID, tried(flat.get(), query.data(), 1, &count, nullptr, &score));
  EXPECT_EQ(ELANUS_INVALID, tried(flat.get(), query.data(), 1, &count, &row, nullptr));
  EXPECT_EQ(99u, count);
  EXPECT_EQ(99u, row);
  EXPECT_EQ(99.0f, score);
  EXPECT_EQ(ELANUS_OK, elanus_flat_search(flat.get(), nullptr, 0, 1, nullptr, nullptr, nullptr, nullptr, nullptr));
}

RUN_ON_EVERY_KERNELS(Flat);

TEST(Abi, NamesScalarLast) {
  const std::vector<uint32_t> sets = kernel_sets();
  ASSERT_FALSE(sets.empty());
  EXPECT_STREQ("scalar", elanus_kernels_name(sets.back()));
  EXPECT_EQ(nullptr, elanus_kernels_name(uint32_t(sets.size())));
  EXPECT_EQ(nullptr, elanus_kernels_name(0xffffffffu));
}

TEST(Abi, AllocatesAlignedAndRefusesTheImpossible) {
  for (size_t size_bytes : {size_t(0), size_t(1), size_t(63), size_t(1) << 20}) {
    void *memory = elanus_alloc(size_bytes);
    ASSERT_NE(nullptr, memory);
    EXPECT_EQ(0u, reinterpret_cast<uintptr_t>(memory) % 64);
    memset(memory, 1, size_bytes);
    elanus_free(memory);
  }
  EXPECT_EQ(nullptr, elanus_alloc(SIZE_MAX));
  elanus_free(nullptr);
}

TEST(Abi, ExplainsEveryStatus) {
  EXPECT_EQ(ELANUS_ABI_VERSION, elanus_abi_version());
  for (elanus_status status : {ELANUS_OK, ELANUS_INVALID, ELANUS_NO_MEMORY, ELANUS_UNSUPPORTED}) {
    EXPECT_STRNE("unknown status", elanus_status_text(status));
  }
  EXPECT_STREQ("unknown status", elanus_status_text(77));
}

TEST(Abi, ClosingOrAskingNothingIsHarmless) {
  elanus_flat_close(nullptr);
  EXPECT_EQ(0u, elanus_flat_size(nullptr));
  EXPECT_EQ(0u, elanus_flat_bytes(nullptr));
}

}  // namespace
