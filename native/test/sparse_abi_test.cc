// Sparse rows through elanus.h: what a builder writes is opened and searched as brute force does, is the same bytes for
// ever, and bytes that are damaged or of something else get a status.
#include <stdio.h>

#include <memory>
#include <numeric>

#include "base/checksum.h"
#include "elanus.h"
#include "index/index_file_layout.h"
#include "sparse/layout.h"
#include "sparse_support.h"

namespace elanus::sparse_test {
namespace {

struct Csr {
  std::vector<uint32_t> indptr = {0}, indices;
  std::vector<float> values;

  explicit Csr(const std::vector<Vector> &rows = {}) {
    for (const Vector &row : rows) {
      indices.insert(indices.end(), row.terms.begin(), row.terms.end());
      values.insert(values.end(), row.weights.begin(), row.weights.end());
      indptr.push_back(uint32_t(indices.size()));
    }
  }
  uint32_t count() const { return uint32_t(indptr.size() - 1); }
};

struct Close {
  void operator()(elanus_sparse_builder *builder) const { elanus_sparse_builder_close(builder); }
  void operator()(elanus_sparse *index) const { elanus_sparse_close(index); }
};
using Builder = std::unique_ptr<elanus_sparse_builder, Close>;
using Index = std::unique_ptr<elanus_sparse, Close>;

constexpr uint8_t kSha256[32] = {1, 2, 3};

Builder make_builder(elanus_sparse_weights weights = ELANUS_IMPACTS) {
  elanus_sparse_builder *builder = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_sparse_builder_open(weights, &builder));
  return Builder(builder);
}

elanus_status append(const Builder &builder, const Csr &rows) {
  return elanus_sparse_builder_append(builder.get(), rows.indptr.data(), rows.count(), rows.indices.data(), rows.values.data(), nullptr);
}

// A copy, aligned as elanus_sparse_open wants it.
Array<uint8_t> finish(const Builder &builder) {
  const uint8_t *bytes = nullptr;
  size_t size_bytes = 0;
  EXPECT_EQ(ELANUS_OK, elanus_sparse_builder_finish(builder.get(), kSha256, &bytes, &size_bytes));
  Array<uint8_t> file;
  EXPECT_TRUE(file.resize(size_bytes));
  memcpy(file.data(), bytes, size_bytes);
  return file;
}

Array<uint8_t> file_of(const std::vector<Vector> &rows) {
  const Builder builder = make_builder();
  EXPECT_EQ(ELANUS_OK, append(builder, Csr(rows)));
  return finish(builder);
}

Index open(const Array<uint8_t> &file) {
  elanus_sparse *index = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_sparse_open(file.data(), file.size(), &index));
  return Index(index);
}

elanus_status opened(const Array<uint8_t> &file, size_t size_bytes) {
  elanus_sparse *index = nullptr;
  const elanus_status status = elanus_sparse_open(file.data(), size_bytes, &index);
  EXPECT_EQ(status == ELANUS_OK, index != nullptr);
  elanus_sparse_close(index);
  return status;
}

// Of one query.
std::vector<Hit> hits(const Index &index, const Csr &queries, uint32_t q, const SparseParams &params, const uint8_t *alive,
                      const elanus_range *range, const elanus_bm25 *bm25 = nullptr) {
  const uint32_t count = queries.count();
  std::vector<uint32_t> counts(count), rows(count * params.k);
  std::vector<float> scores(count * params.k);
  EXPECT_EQ(ELANUS_OK, elanus_sparse_search(index.get(), queries.indptr.data(), count, queries.indices.data(),
                                            queries.values.data(), params.k, params.drop_ratio, bm25, alive, range, counts.data(),
                                            rows.data(), scores.data()));
  std::vector<Hit> found;
  for (uint32_t i = q * params.k; i < q * params.k + counts[q]; i++) found.push_back({rows[i], scores[i]});
  return found;
}

std::vector<Vector> some_rows(uint32_t count) {
  Random random(kSeed);
  return random_rows(random, count, 200, 30, true, Kind::kFloats);
}

TEST(SparseAbi, FindsWhatComputingEveryScoreFinds) {
  const std::vector<Vector> rows = some_rows(700);
  const Builder builder = make_builder();
  ASSERT_EQ(ELANUS_OK, append(builder, Csr(std::vector<Vector>(rows.begin(), rows.begin() + 100))));
  ASSERT_EQ(ELANUS_OK, append(builder, Csr()));
  ASSERT_EQ(ELANUS_OK, append(builder, Csr(std::vector<Vector>(rows.begin() + 100, rows.end()))));
  const Index index = open(finish(builder));
  EXPECT_EQ(700u, elanus_sparse_size(index.get()));
  Random random(7);
  const std::vector<Vector> queries = random_rows(random, 20, 220, 12, true, Kind::kFloats);
  const std::vector<uint8_t> half = random_bits(random, 700, 0.5);
  for (uint32_t q = 0; q < queries.size(); q++) {
    for (const std::vector<uint8_t> *alive : {static_cast<const std::vector<uint8_t> *>(nullptr), &half}) {
      for (const elanus_range &range : {elanus_range{-1, INFINITY}, elanus_range{0.5f, 2}, elanus_range{1, INFINITY}, elanus_range{2, 1}}) {
        SparseParams params;
        params.k = 1 + q * 7;
        params.radius = range.radius;
        params.range_filter = range.range_filter;
        const std::vector<Hit> expected = naive_search(rows, queries[q], params, SparseWeights::kImpacts, alive);
        const uint8_t *bits = alive == nullptr ? nullptr : alive->data();
        ASSERT_EQ(expected, hits(index, Csr(queries), q, params, bits, &range));
        params.drop_ratio = 0.9f;  // of no use under a range_filter, which must not cost hits
        if (range.range_filter < 10) {
          ASSERT_EQ(expected, hits(index, Csr(queries), q, params, bits, &range));
        }
      }
    }
  }
  uint64_t cost[2] = {};
  elanus_sparse_cost(index.get(), cost);
  EXPECT_GT(cost[0], 0u);
  EXPECT_GT(elanus_sparse_bytes(index.get()), 700u);
}

TEST(SparseAbi, AppendsAllOfABatchOrNothing) {
  const Builder builder = make_builder();
  const Csr good({vector_of({{1, 1.0f}, {5, 2.0f}}), vector_of({}), vector_of({{5, 0.0f}})});
  ASSERT_EQ(ELANUS_OK, append(builder, good));
  const auto refused = [&](const std::vector<uint32_t> &indptr, const std::vector<uint32_t> &indices, const std::vector<float> &values) {
    return elanus_sparse_builder_append(builder.get(), indptr.data(), uint32_t(indptr.size() - 1), indices.data(), values.data(), nullptr) == ELANUS_INVALID;
  };
  EXPECT_TRUE(refused({0, 1, 3}, {1, 5, 5}, {1, 1, 1}));                // the same index twice
  EXPECT_TRUE(refused({0, 1, 3}, {1, 5, 4}, {1, 1, 1}));                // descending
  EXPECT_TRUE(refused({0, 1, 2}, {1, 5}, {1, -1}));
  EXPECT_TRUE(refused({0, 1, 2}, {1, 5}, {1, NAN}));
  EXPECT_TRUE(refused({0, 1, 2}, {1, 5}, {1, INFINITY}));
  EXPECT_TRUE(refused({1, 2}, {1, 5}, {1, 1}));                         // does not begin with 0
  EXPECT_TRUE(refused({0, 2, 1}, {1, 5}, {1, 1}));                      // descends
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_append(builder.get(), nullptr, 0, nullptr, nullptr, nullptr));
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_append(builder.get(), good.indptr.data(), 3, nullptr, good.values.data(), nullptr));
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_append(nullptr, good.indptr.data(), 3, good.indices.data(), good.values.data(), nullptr));
  const Array<uint8_t> file = finish(builder);
  EXPECT_EQ(3u, elanus_sparse_size(open(file).get()));
  EXPECT_EQ(ELANUS_INVALID, append(builder, good)) << "it is finished";
}

TEST(SparseAbi, RefusesWhatBreaksTheContractAndWritesNothing) {
  const Index index = open(file_of(some_rows(50)));
  const uint32_t indptr[] = {0, 1, 3}, indices[] = {1, 3, 5}, twice[] = {1, 3, 3}, descending[] = {0, 3, 1};
  const float values[] = {1, 1, 1}, negative[] = {1, 1, -1};
  uint32_t counts[2] = {9, 9}, rows[2] = {9, 9};
  float scores[2] = {9, 9};
  const auto tried = [&](const uint32_t *starts, const uint32_t *terms, const float *weights, uint32_t k, float drop_ratio,
                         const elanus_range *range) {
    return elanus_sparse_search(index.get(), starts, 2, terms, weights, k, drop_ratio, nullptr, nullptr, range, counts, rows, scores);
  };
  const elanus_range nan = {NAN, 1};
  EXPECT_EQ(ELANUS_INVALID, tried(nullptr, indices, values, 1, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, nullptr, values, 1, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, indices, nullptr, 1, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, twice, values, 1, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(descending, indices, values, 1, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, indices, negative, 1, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, indices, values, 0, 0, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, indices, values, ELANUS_K_MAX + 1, 0, nullptr));
  for (float ratio : {-0.1f, 1.0f, float(NAN)}) EXPECT_EQ(ELANUS_INVALID, tried(indptr, indices, values, 1, ratio, nullptr));
  EXPECT_EQ(ELANUS_INVALID, tried(indptr, indices, values, 1, 0, &nan));
  EXPECT_EQ(9u, counts[0]);
  EXPECT_EQ(9u, rows[0]);
  EXPECT_EQ(ELANUS_OK, tried(indptr, indices, values, 1, 0, nullptr));

  const uint32_t many[] = {0, ELANUS_SPARSE_TERMS_MAX + 1};
  std::vector<uint32_t> terms(many[1]);
  std::iota(terms.begin(), terms.end(), 0u);
  const std::vector<float> weights(many[1], 1.0f);
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_search(index.get(), many, 1, terms.data(), weights.data(), 1, 0, nullptr, nullptr, nullptr, counts, rows, scores));
  elanus_sparse_builder *none = nullptr;
  const uint8_t *bytes;
  size_t size_bytes;
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_finish(none, kSha256, &bytes, &size_bytes));
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_finish(make_builder().get(), kSha256, &bytes, &size_bytes)) << "no row";
}

TEST(SparseAbi, TellsEveryFlippedBitAndEveryTornEnd) {
  const Array<uint8_t> file = file_of(some_rows(20));
  for (size_t size_bytes = 0; size_bytes < file.size(); size_bytes += 1 + size_bytes / 50) EXPECT_EQ(ELANUS_CORRUPT, opened(file, size_bytes));
  Array<uint8_t> damaged;
  ASSERT_TRUE(damaged.resize(file.size()));
  for (size_t at = 0; at < file.size(); at++) {
    memcpy(damaged.data(), file.data(), file.size());
    damaged[at] ^= uint8_t(1u << at % 8);
    EXPECT_NE(ELANUS_OK, opened(damaged, file.size())) << "byte " << at;
  }
}

// The checksums of a file that was changed, put right.
void reseal(Array<uint8_t> *file) {
  layout::Header header;
  memcpy(&header, file->data(), sizeof(header));
  const size_t prefix = size_t(layout::prefix_bytes(header.section_count, header.body_bytes));
  const uint32_t block = crc32c(0, file->data() + prefix, file->size() - prefix);
  memcpy(file->data() + layout::table_offset(header.section_count), &block, sizeof(block));
  header.prefix_crc = crc32c(0, file->data() + sizeof(header), prefix - sizeof(header));
  header.crc = layout::header_crc(header);
  memcpy(file->data(), &header, sizeof(header));
}

TEST(SparseAbi, TellsFilesThatContradictThemselvesAndFilesOfOtherKinds) {
  const auto changed = [](auto change) {
    Array<uint8_t> file = file_of(some_rows(20));
    layout::Header header;
    memcpy(&header, file.data(), sizeof(header));
    change(header);
    memcpy(file.data(), &header, sizeof(header));
    reseal(&file);
    return opened(file, file.size());
  };
  EXPECT_EQ(ELANUS_OK, changed([](layout::Header &) {}));
  EXPECT_EQ(ELANUS_CORRUPT, changed([](layout::Header &header) { header.rows++; }));
  EXPECT_EQ(ELANUS_CORRUPT, changed([](layout::Header &header) { header.element_type = ElementType::kFloat; }));
  EXPECT_EQ(ELANUS_UNSUPPORTED, changed([](layout::Header &header) { header.metric = 5; }));
  EXPECT_EQ(ELANUS_CORRUPT, changed([](layout::Header &header) { header.metric = 6; })) << "rows without lengths";
  EXPECT_EQ(ELANUS_UNSUPPORTED, changed([](layout::Header &header) { header.kind = IndexKind::kGraph, header.dim = 1, header.padded_dim = 1; }));
  EXPECT_EQ(ELANUS_UNSUPPORTED, changed([](layout::Header &header) { header.version++; }));

  // Damage that the file's own checksums do not show.
  Array<uint8_t> file = file_of(some_rows(20));
  file[file.size() - 100] ^= 1;
  reseal(&file);
  EXPECT_EQ(ELANUS_CORRUPT, opened(file, file.size()));
}

TEST(SparseAbi, RowsWithoutTermsAreNoHits) {
  const Index index = open(file_of({vector_of({}), vector_of({{7, 0.0f}}), vector_of({})}));
  EXPECT_EQ(3u, elanus_sparse_size(index.get()));
  EXPECT_TRUE(hits(index, Csr({vector_of({{7, 1.0f}})}), 0, {}, nullptr, nullptr).empty());
  EXPECT_TRUE(hits(index, Csr({vector_of({})}), 0, {}, nullptr, nullptr).empty());
}

// Frequencies and lengths, in two batches.
Array<uint8_t> text_file(const std::vector<Vector> &rows) {
  const Builder builder = make_builder(ELANUS_FREQUENCIES);
  const auto middle = rows.begin() + ptrdiff_t(rows.size() / 2);
  for (const std::vector<Vector> &part : {std::vector<Vector>(rows.begin(), middle), std::vector<Vector>(middle, rows.end())}) {
    const Csr csr(part);
    std::vector<uint32_t> lengths;
    for (const Vector &row : part) lengths.push_back(row.length);
    EXPECT_EQ(ELANUS_OK, elanus_sparse_builder_append(builder.get(), csr.indptr.data(), csr.count(), csr.indices.data(),
                                                      csr.values.data(), lengths.data()));
  }
  return finish(builder);
}

TEST(SparseAbi, ScoresFrequenciesByBm25AndCountsThoseAlive) {
  Random random(kSeed);
  const std::vector<Vector> rows = random_rows(random, 600, 150, 30, true, Kind::kFrequencies);
  const Index index = open(text_file(rows));
  EXPECT_EQ(uint32_t(ELANUS_FREQUENCIES), elanus_sparse_weights_of(index.get()));
  const std::vector<Vector> queries = random_rows(random, 20, 160, 8, true, Kind::kFloats);
  const std::vector<uint8_t> half = random_bits(random, 600, 0.5);
  const elanus_bm25 bm25 = {0.9f, 0.4f, 17.5f};
  for (const std::vector<uint8_t> *alive : {static_cast<const std::vector<uint8_t> *>(nullptr), &half}) {
    const uint8_t *bits = alive == nullptr ? nullptr : alive->data();
    const auto takes_part = [&](uint32_t row) { return bits == nullptr || (bits[row / 8] >> row % 8 & 1) != 0; };
    for (uint32_t q = 0; q < queries.size(); q++) {
      SparseParams params;
      params.k1 = bm25.k1, params.b = bm25.b, params.average_length = bm25.average_length;
      ASSERT_EQ(naive_search(rows, queries[q], params, SparseWeights::kFrequencies, alive), hits(index, Csr(queries), q, params, bits, nullptr, &bm25));
    }
    std::vector<uint32_t> terms(200), having(200), expected(200);
    std::iota(terms.begin(), terms.end(), 0u);
    uint64_t totals[2], expected_totals[2] = {0, 0};
    for (uint32_t row = 0; row < rows.size(); row++) {
      if (!takes_part(row)) continue;
      expected_totals[0] += rows[row].length > 0;
      expected_totals[1] += rows[row].length;
      for (uint32_t i = 0; i < rows[row].terms.size(); i++) expected[rows[row].terms[i]] += rows[row].weights[i] > 0;
    }
    ASSERT_EQ(ELANUS_OK, elanus_sparse_having(index.get(), terms.data(), 200, bits, having.data()));
    EXPECT_EQ(expected, having);
    ASSERT_EQ(ELANUS_OK, elanus_sparse_totals(index.get(), bits, totals));
    EXPECT_EQ(expected_totals[0], totals[0]);
    EXPECT_EQ(expected_totals[1], totals[1]);
  }
}

TEST(SparseAbi, FrequenciesAndImpactsAreNotTakenForEachOther) {
  elanus_sparse_builder *none = nullptr;
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_open(2, &none));
  const Builder builder = make_builder(ELANUS_FREQUENCIES);
  const Csr rows({vector_of({{1, 1.0f}}), vector_of({{2, 16777217.0f * 2}})});
  const uint32_t lengths[] = {1, 2}, long_lengths[] = {1, 0x80000000u};
  const auto append_with = [&](const Csr &csr, uint32_t count, const uint32_t *row_lengths) {
    return elanus_sparse_builder_append(builder.get(), csr.indptr.data(), count, csr.indices.data(), csr.values.data(), row_lengths);
  };
  EXPECT_EQ(ELANUS_INVALID, append_with(rows, 2, lengths)) << "a frequency above 2^24";
  EXPECT_EQ(ELANUS_INVALID, append_with(rows, 1, nullptr));
  EXPECT_EQ(ELANUS_INVALID, append_with(rows, 1, long_lengths + 1));
  EXPECT_EQ(ELANUS_OK, append_with(rows, 1, lengths));
  const Index text = open(finish(builder));
  EXPECT_EQ(1u, elanus_sparse_size(text.get())) << "nothing of what was refused";
  const Builder impacts = make_builder();
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_builder_append(impacts.get(), rows.indptr.data(), 1, rows.indices.data(), rows.values.data(), lengths));
  const Index learned = open(file_of({vector_of({{1, 1.0f}})}));
  EXPECT_EQ(uint32_t(ELANUS_IMPACTS), elanus_sparse_weights_of(learned.get()));

  uint32_t count, row;
  float score;
  uint64_t totals[2];
  const auto search = [&](const Index &index, const elanus_bm25 *bm25) {
    return elanus_sparse_search(index.get(), rows.indptr.data(), 1, rows.indices.data(), rows.values.data(), 1, 0, bm25, nullptr, nullptr, &count, &row, &score);
  };
  const elanus_bm25 good = {1.2f, 0.75f, 1};
  EXPECT_EQ(ELANUS_INVALID, search(text, nullptr));
  EXPECT_EQ(ELANUS_INVALID, search(learned, &good));
  for (const elanus_bm25 &bad : {elanus_bm25{-1, 0.5f, 1}, elanus_bm25{NAN, 0.5f, 1}, elanus_bm25{INFINITY, 0.5f, 1}, elanus_bm25{1, -0.1f, 1}, elanus_bm25{1, 1.1f, 1}, elanus_bm25{1, 0.5f, 0}, elanus_bm25{1, 0.5f, NAN}}) {
    EXPECT_EQ(ELANUS_INVALID, search(text, &bad));
  }
  EXPECT_EQ(ELANUS_OK, search(text, &good));
  EXPECT_EQ(1u, count);
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_totals(learned.get(), nullptr, totals));
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_totals(nullptr, nullptr, totals));
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_having(nullptr, rows.indices.data(), 1, nullptr, &count));
  EXPECT_EQ(ELANUS_INVALID, elanus_sparse_having(text.get(), nullptr, 1, nullptr, &count));
}

// Stored bytes must stay readable: this file never changes. A later version adds another.
void expect_golden(const Array<uint8_t> &file, const char *name) {
  std::vector<uint8_t> golden(file.size() + 1);
  FILE *stream = fopen((std::string(ELANUS_GOLDEN "/") + name).c_str(), "rb");
  if (stream != nullptr) {
    golden.resize(fread(golden.data(), 1, golden.size(), stream));
    fclose(stream);
  }
  const bool equal = golden.size() == file.size() && memcmp(golden.data(), file.data(), file.size()) == 0;
  const std::string found = testing::TempDir() + name;
  if (FILE *copy = equal ? nullptr : fopen(found.c_str(), "wb")) {
    fwrite(file.data(), 1, file.size(), copy);
    fclose(copy);
  }
  EXPECT_TRUE(equal) << ELANUS_GOLDEN "/" << name << " differs from what was written now, " << found;
}

TEST(SparseAbi, AFileOfVersionOneIsByteForByteWhatWeWriteToday) {
  const std::vector<Vector> impacts = {vector_of({{1, 0.5f}, {9, 2.0f}}), vector_of({}), vector_of({{1, 1.25f}, {0xffffffffu, 3.0f}}), vector_of({{9, 0.5f}})};
  expect_golden(file_of(impacts), "sparse-v1.bin");
  const std::vector<Vector> texts = {vector_of({{1, 2.0f}, {9, 1.0f}}, 3), vector_of({}), vector_of({{9, 40.0f}, {0xffffffffu, 1.0f}}, 41)};
  expect_golden(text_file(texts), "sparse-bm25-v1.bin");
}

TEST(SparseAbi, ClosingOrAskingNothingIsHarmless) {
  elanus_sparse_close(nullptr);
  elanus_sparse_builder_close(nullptr);
  elanus_sparse_cost(nullptr, nullptr);
  EXPECT_EQ(0u, elanus_sparse_size(nullptr));
  EXPECT_EQ(0u, elanus_sparse_bytes(nullptr));
}

}  // namespace
}  // namespace elanus::sparse_test
