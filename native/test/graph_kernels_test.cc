// Kernels of graph building: every set gives exactly what plain loops give, in every shape and at the largest values.
#include <algorithm>

#include "graph_support.h"

namespace {

using namespace elanus;

struct Codes {
  uint32_t dim;
  size_t stride;
  std::vector<int8_t> values;
  Codes(uint32_t count, uint32_t dim) : dim(dim), stride(build_code_stride(dim)), values(count * stride) {}
  int8_t *row(size_t i) { return values.data() + i * stride; }
  BuildCodeSums sums(size_t i) {
    BuildCodeSums sums = {0, 0};
    for (uint32_t j = 0; j < dim; j++) {
      sums.norm += row(i)[j] * row(i)[j];
      sums.sum += row(i)[j];
    }
    return sums;
  }
  int32_t distance(size_t a, size_t b) {
    int32_t sum = 0;
    for (uint32_t j = 0; j < dim; j++) sum += (row(a)[j] - row(b)[j]) * (row(a)[j] - row(b)[j]);
    return sum;
  }
};

Codes random_codes(uint32_t count, uint32_t dim, bool largest) {
  Codes codes(count, dim);
  std::mt19937 random(kSeed + dim);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j < dim; j++) {
      const int32_t value = int32_t(random() % (2 * kBuildCodeMax + 1)) - kBuildCodeMax;
      codes.row(i)[j] = int8_t(largest ? (value < 0 || i == 0 ? -kBuildCodeMax : kBuildCodeMax) : value);
    }
  }
  return codes;
}

void expect_true_ranks(const BuildKernels &kernels, Codes codes, uint32_t rows, uint32_t columns) {
  const uint32_t words = packed_words(kernels, codes.dim);
  std::vector<uint32_t> packed(size_t(kPanelRows) * words), panel(size_t(kPanelRows) * words);
  std::vector<BuildCodeSums> sums(rows);
  std::vector<int32_t> norms(kPanelRows);
  for (uint32_t i = 0; i < columns; i++) {
    kernels.pack_row(codes.row(i), words, packed.data() + size_t(i) * words);
    norms[i] = codes.sums(i).norm;
  }
  kernels.pack_panel(packed.data(), columns, words, panel.data());
  for (uint32_t i = 0; i < rows; i++) {
    kernels.pack_row(codes.row(i), words, packed.data() + size_t(i) * words);
    sums[i] = codes.sums(i);
  }
  std::vector<Rank> ranks(size_t(rows) * kPanelRows);
  kernels.rank_all({packed.data(), sums.data(), rows, words, panel.data(), norms.data(), ranks.data(), kPanelRows});
  for (uint32_t r = 0; r < rows; r++) {
    for (uint32_t c = 0; c < columns; c++) {
      ASSERT_EQ(rank_of(codes.distance(r, c)), ranks[r * kPanelRows + c]) << codes.dim << " " << r << "," << c;
    }
  }
}

using GraphKernels = EveryKernels;

TEST_P(GraphKernels, RankAllPairsExactly) {
  const BuildKernels &kernels = *build_kernels_at(GetParam());
  for (uint32_t dim : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 31u, 64u, 65u, 384u, 1001u}) {
    expect_true_ranks(kernels, random_codes(64, dim, false), 64, 64);
  }
  for (uint32_t rows : {1u, 2u, 11u, 12u, 13u, 25u}) expect_true_ranks(kernels, random_codes(64, 96, false), rows, 64);
  for (uint32_t rows : {1u, 15u, 33u, 63u}) expect_true_ranks(kernels, random_codes(64, 96, false), rows, rows);
}

TEST_P(GraphKernels, HoldTheLargestDistances) {
  expect_true_ranks(*build_kernels_at(GetParam()), random_codes(16, 32768, true), 16, 16);
}

TEST_P(GraphKernels, MultiplyTwoCodesExactly) {
  const BuildKernels &kernels = *build_kernels_at(GetParam());
  for (uint32_t dim : {1u, 63u, 64u, 65u, 128u, 130u, 784u, 32768u}) {
    for (bool largest : {false, true}) {
      Codes codes = random_codes(8, dim, largest);
      for (uint32_t i = 0; i < 8; i++) {
        const int32_t dot = kernels.dot(codes.row(0), codes.row(i), codes.sums(i).sum, codes.stride);
        ASSERT_EQ(codes.distance(0, i), codes.sums(0).norm + codes.sums(i).norm - 2 * dot) << "dim " << dim;
      }
    }
  }
}

// The rule in words: the nearest left, the first of equals; then all go that are nearer to it than to the row.
std::vector<uint32_t> chosen_by_rule(const std::vector<Rank> &ranks, size_t stride, uint32_t count, uint32_t row,
                                     uint32_t limit) {
  std::vector<uint32_t> left, chosen;
  for (uint32_t c = 0; c < count; c++) {
    if (c != row) left.push_back(c);
  }
  while (!left.empty() && chosen.size() < limit) {
    const auto rank = [&](uint32_t from, uint32_t to) { return ranks[from * stride + to]; };
    const auto nearer = [&](uint32_t a, uint32_t b) { return rank(row, a) < rank(row, b); };
    const uint32_t nearest = *std::min_element(left.begin(), left.end(), nearer);
    chosen.push_back(nearest);
    std::erase_if(left, [&](uint32_t c) { return c == nearest || rank(nearest, c) < rank(row, c); });
  }
  return chosen;
}

TEST_P(GraphKernels, ChooseByTheRule) {
  const BuildKernels &kernels = *build_kernels_at(GetParam());
  std::mt19937 random(kSeed);
  for (uint32_t count : {1u, 2u, 3u, 63u, 64u, 65u, 130u}) {
    for (uint32_t different : {2u, 50u, 60000u}) {
      const size_t stride = (count + kPanelRows - 1) / kPanelRows * kPanelRows;
      std::vector<Rank> ranks(stride * stride, kRankNone), left(stride);
      for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = 0; b < a; b++) ranks[a * stride + b] = ranks[b * stride + a] = Rank(random() % different);
      }
      for (uint32_t row = 0; row < count; row++) {
        std::vector<uint32_t> chosen(9);
        chosen.resize(kernels.choose({ranks.data(), stride, count, row}, 9, left.data(), chosen.data()));
        ASSERT_EQ(chosen_by_rule(ranks, stride, count, row, 9), chosen) << count << " " << different << " row " << row;
      }
    }
  }
}

RUN_ON_EVERY_KERNELS(GraphKernels);

TEST(Rank, OrdersAsDistancesDo) {
  EXPECT_EQ(0, rank_of(0));
  EXPECT_EQ(1, rank_of(1));
  Rank last = 0;
  for (int64_t distance = 0; distance < (1 << 30); distance += 1 + distance / 1000) {
    const Rank rank = rank_of(int32_t(distance));
    ASSERT_LE(last, rank) << distance;
    ASSERT_LT(rank, kRankNone);
    // A difference of 1 in 2000 is seen.
    ASSERT_LT(rank, rank_of(int32_t(distance + distance / 2000 + 1))) << distance;
    last = rank;
  }
}

}  // namespace
