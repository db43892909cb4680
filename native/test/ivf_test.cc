// Ivf: what a search finds is what there is, with every filter and on every odd set of rows; what was stored is opened
// if it makes sense and refused if not.
#include "ivf_support.h"

#include <limits>

namespace ivf_test {
namespace {

IvfRequest wanting(uint32_t k, uint32_t probes, uint32_t scan_keep, uint32_t code_keep) {
  return {nullptr, k, probes, scan_keep, code_keep};
}

TEST(Ivf, HoldsEveryRowOnce) {
  Fixture fixture(clustered(1000, 24, 10), 24, ELANUS_L2, 40);
  std::set<uint32_t> rows;
  const Ivf &ivf = fixture.ivf;
  for (uint32_t list = 0; list < 40; list++) {
    for (uint32_t slot = ivf.begins()[list]; slot < ivf.begins()[list + 1]; slot++) {
      uint32_t row;
      memcpy(&row, ivf.block(slot / 32) + scan_row_at(ivf.padded_dim()) + slot % 32 * 4, 4);
      EXPECT_TRUE(rows.insert(row).second);
    }
  }
  EXPECT_EQ(1000u, rows.size());
  EXPECT_EQ(999u, *rows.rbegin());
}

TEST(Ivf, ProbingEverythingAndKeepingEverythingIsExact) {
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    Fixture fixture(clustered(700, 20, 8), 20, metric, 30);
    for (uint32_t q = 0; q < 10; q++) {
      const float *query = fixture.view().row(q * 17);
      EXPECT_EQ(fixture.truth(query, 20), fixture.search(query, wanting(20, 30, 700, 0)));
      EXPECT_EQ(fixture.truth(query, 20), fixture.search(query, wanting(20, 30, 700, 700)));
    }
  }
}

TEST(Ivf, AFewListsFindNearlyAll) {
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    Fixture fixture(clustered(3000, 96, 40), 96, metric, ivf_lists_for(3000));
    std::mt19937 random(kSeed);
    double recall = 0;
    for (uint32_t q = 0; q < 40; q++) {
      std::vector<float> query(96);
      const float *near = fixture.view().row(random() % 3000);
      for (uint32_t i = 0; i < 96; i++) query[i] = near[i] + float(random() % 1000) / 1000 - 0.5f;
      recall += overlap(fixture.search(query.data(), wanting(10, 12, 100, 40)), fixture.truth(query.data(), 10));
      EXPECT_LT(fixture.costs.scanned, 3000u);
      EXPECT_EQ(12u, fixture.costs.lists);
      EXPECT_EQ(40u, fixture.scored);
    }
    EXPECT_GT(recall / 40, 0.95) << "metric " << metric;
  }
}

TEST(Ivf, OneListIsAFlatScan) {
  Fixture fixture(clustered(500, 64, 5), 64, ELANUS_L2, 1);
  double recall = 0;
  for (uint32_t q = 0; q < 20; q++) {
    const float *query = fixture.view().row(q);
    recall += overlap(fixture.search(query, wanting(10, 1, 80, 30)), fixture.truth(query, 10));
    EXPECT_EQ(500u, fixture.costs.scanned);
  }
  EXPECT_GT(recall / 20, 0.95);
}

TEST(Ivf, GivesKRowsWheneverKRowsPass) {
  Fixture fixture(clustered(2000, 32, 20), 32, ELANUS_L2, 60);
  std::mt19937 random(kSeed);
  for (uint32_t passing : {0u, 1u, 9u, 10u, 11u, 200u, 2000u}) {
    std::vector<uint8_t> alive(256);
    for (uint32_t i = 0; i < passing; i++) {
      uint32_t row = random() % 2000;
      while ((alive[row / 8] >> (row % 8) & 1) != 0) row = (row + 1) % 2000;
      alive[row / 8] |= uint8_t(1 << row % 8);
    }
    for (float patience : {0.0f, 1.0f, 300.0f}) {
      for (uint32_t probes : {1u, 5u, 60u}) {
        IvfRequest request = wanting(10, probes, 50, 20);
        request.alive = alive.data();
        request.patience = patience;
        const float *query = fixture.view().row(random() % 2000);
        const std::vector<uint32_t> found = fixture.search(query, request);
        EXPECT_EQ(std::min(10u, passing), found.size());
        for (uint32_t row : found) EXPECT_NE(0, alive[row / 8] >> (row % 8) & 1);
        if (passing <= 10) {
          EXPECT_EQ(fixture.truth(query, 10, alive.data()), found);
        }
      }
    }
  }
}

// The filter leaves out what is near the query: patience goes on to lists that a few probes do not reach.
TEST(Ivf, PatienceOutlivesAFilterAgainstTheQuery) {
  Fixture fixture(clustered(4000, 48, 30), 48, ELANUS_L2, ivf_lists_for(4000));
  double patient = 0, probing = 0;
  for (uint32_t q = 0; q < 20; q++) {
    const float *query = fixture.view().row(q * 191);
    std::vector<uint8_t> alive(500, 0xff);
    for (uint32_t row : fixture.truth(query, 1500)) alive[row / 8] &= uint8_t(~(1 << row % 8));
    const std::vector<uint32_t> truth = fixture.truth(query, 10, alive.data());
    IvfRequest request = wanting(10, 4, 1000, 300);
    request.alive = alive.data();
    probing += overlap(fixture.search(query, request), truth);
    request.probes = std::numeric_limits<uint32_t>::max();
    request.patience = 1500;
    patient += overlap(fixture.search(query, request), truth);
  }
  EXPECT_GT(patient / 20, 0.9);
  EXPECT_LT(probing / 20, 0.5);
}

TEST(Ivf, PatienceEndsASearchEarly) {
  Fixture fixture(clustered(4000, 48, 30), 48, ELANUS_L2, ivf_lists_for(4000));
  IvfRequest request = wanting(10, std::numeric_limits<uint32_t>::max(), 100, 40);
  request.patience = 300;
  fixture.search(fixture.view().row(7), request);
  EXPECT_LT(fixture.costs.lists, fixture.ivf.list_count() / 2);
}

TEST(Ivf, TheBoundOfRerankingLosesNothing) {
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    Fixture fixture(clustered(2000, 128, 20), 128, metric, 60);
    uint32_t all = 0, bounded = 0, lost = 0;
    for (uint32_t q = 0; q < 50; q++) {
      const float *query = fixture.view().row(q * 31);
      const std::vector<uint32_t> found = fixture.search(query, wanting(10, 20, 200, 100));
      all += fixture.scored;
      const std::vector<uint32_t> sooner = fixture.search(query, wanting(10, 20, 200, 100), 3);
      bounded += fixture.scored;
      for (uint32_t i = 0; i < 10; i++) lost += i >= sooner.size() || sooner[i] != found[i];
    }
    EXPECT_LE(lost, 2u) << "metric " << metric;
    EXPECT_LT(bounded, all * 2 / 3) << "metric " << metric;
  }
}

TEST(Ivf, IsTheSameWithEveryKernels) {
  const std::vector<float> values = clustered(600, 40, 9);
  Fixture first(values, 40, ELANUS_COSINE, 20, 0);
  const Ivf::Sections a = first.ivf.sections();
  for (uint32_t set = 1; code_kernels_at(set) != nullptr; set++) {
    Fixture other(values, 40, ELANUS_COSINE, 20, set);
    const Ivf::Sections b = other.ivf.sections();
    ASSERT_EQ(a.blocks_bytes, b.blocks_bytes);
    EXPECT_EQ(0, memcmp(a.blocks, b.blocks, a.blocks_bytes)) << code_kernels_at(set)->name;
    EXPECT_EQ(0, memcmp(a.centres, b.centres, a.centres_bytes));
    EXPECT_EQ(first.codes, other.codes);
    EXPECT_EQ(first.search(values.data(), wanting(10, 3, 40, 20)), other.search(values.data(), wanting(10, 3, 40, 20)));
  }
}

TEST(Ivf, WorksOnOddRows) {
  const float huge = 3e38f, tiny = 1e-45f;
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    for (uint32_t dim : {1u, 2u, 33u}) {
      for (uint32_t count : {1u, 3u, 200u}) {
        for (float value : {0.0f, 0.7f, huge, -huge, tiny}) {
          // All equal, but for one.
          std::vector<float> values(size_t(count) * dim, value);
          values[0] = 1;
          Fixture fixture(values, dim, metric, ivf_lists_for(count));
          for (uint32_t k : {1u, 10u, 40u}) {
            const std::vector<uint32_t> found = fixture.search(values.data(), wanting(k, 2, 10, 5));
            EXPECT_EQ(std::min(k, count), found.size());
            const std::vector<uint32_t> last = fixture.search(values.data() + (count - 1) * dim, wanting(k, 2, 10, 5));
            EXPECT_EQ(std::min(k, count), last.size());
          }
        }
      }
    }
  }
}

TEST(Ivf, AnEmptyIndexFindsNothing) {
  Fixture fixture({}, 8, ELANUS_L2, 1);
  const float query[8] = {};
  EXPECT_TRUE(fixture.search(query, wanting(5, 3, 20, 10)).empty());
}

TEST(Ivf, OpensWhatItStored) {
  Fixture fixture(clustered(300, 30, 4), 30, ELANUS_IP, 17);
  const float *query = fixture.values.data();
  const std::vector<uint32_t> before = fixture.search(query, wanting(10, 4, 50, 0));
  Ivf opened;
  ASSERT_EQ(ELANUS_OK, opened.open(fixture.ivf.sections(), 300, fixture.quantizer));
  Ivf original = static_cast<Ivf &&>(fixture.ivf);
  fixture.ivf = static_cast<Ivf &&>(opened);
  EXPECT_EQ(before, fixture.search(query, wanting(10, 4, 50, 0)));
}

// Every list touches as few blocks as its rows fill, or hardly more.
TEST(Ivf, ListsShareFewBlocks) {
  Fixture fixture(clustered(3000, 24, 40), 24, ELANUS_L2, 80);
  const uint32_t *begins = fixture.ivf.begins();
  uint32_t touched = 0, needed = 0;
  for (uint32_t i = 0; i < 80; i++) {
    if (begins[i] == begins[i + 1]) continue;
    touched += (begins[i + 1] - 1) / 32 - begins[i] / 32 + 1;
    needed += (begins[i + 1] - begins[i] + 31) / 32;
  }
  EXPECT_LE(touched, needed + 20);
  EXPECT_EQ(94u, fixture.ivf.block_count());
  EXPECT_EQ(94u * fixture.ivf.block_bytes(), fixture.ivf.sections().blocks_bytes);
}

TEST(Ivf, AnAbsentRowIsAsOneThatDoesNotPass) {
  Fixture fixture(clustered(900, 32, 12), 32, ELANUS_L2, 40);
  for (uint32_t row = 0; row < 900; row += 37) {
    std::vector<uint8_t> alive(113, 0xff);
    alive[row / 8] ^= uint8_t(1 << row % 8);
    IvfRequest request = wanting(10, 0, 50, 20);
    request.patience = 300;
    request.absent = row;
    const std::vector<uint32_t> found = fixture.search(fixture.view().row(row), request);
    request.absent = UINT32_MAX;
    request.alive = alive.data();
    EXPECT_EQ(fixture.search(fixture.view().row(row), request), found);
    EXPECT_EQ(0, std::count(found.begin(), found.end(), row));
  }
}

TEST(Ivf, WithoutProbesOrPatienceAllListsAreRead) {
  Fixture fixture(clustered(900, 32, 12), 32, ELANUS_L2, 40);
  fixture.search(fixture.view().row(5), wanting(10, 0, 50, 20));
  EXPECT_EQ(40u, fixture.costs.lists);
  EXPECT_EQ(900u, fixture.costs.scanned);
}

TEST(Ivf, OwnsBlocksThatWereBorrowed) {
  Fixture fixture(clustered(300, 30, 4), 30, ELANUS_L2, 17);
  const Ivf::Sections stored = fixture.ivf.sections();
  std::vector<uint8_t> blocks(stored.blocks, stored.blocks + stored.blocks_bytes);
  Ivf::Sections borrowed = stored;
  borrowed.blocks = blocks.data();
  Ivf ivf;
  ASSERT_EQ(ELANUS_OK, ivf.open(borrowed, 300, fixture.quantizer));
  EXPECT_EQ(blocks.data(), ivf.block(0));
  const size_t before = ivf.bytes();
  for (int time = 0; time < 2; time++) {
    ASSERT_EQ(ELANUS_OK, ivf.own_blocks());
    EXPECT_EQ(before + blocks.size(), ivf.bytes());
  }
  std::fill(blocks.begin(), blocks.end(), uint8_t(0));
  EXPECT_EQ(0, memcmp(stored.blocks, ivf.sections().blocks, stored.blocks_bytes));
}

TEST(Ivf, KeepsTheRowsOfBlocksThatItDrops) {
  Fixture fixture(clustered(300, 30, 4), 30, ELANUS_L2, 17);
  std::vector<uint32_t> rows;
  for (uint32_t slot = 0; slot < 300; slot++) {
    uint32_t row;
    memcpy(&row, fixture.ivf.block(slot / 32) + scan_row_at(fixture.ivf.padded_dim()) + slot % 32 * 4, 4);
    rows.push_back(row);
  }
  EXPECT_EQ(nullptr, fixture.ivf.rows());
  const size_t before = fixture.ivf.bytes(), blocks_bytes = fixture.ivf.sections().blocks_bytes;
  ASSERT_EQ(ELANUS_OK, fixture.ivf.drop_blocks());
  EXPECT_EQ(rows, std::vector<uint32_t>(fixture.ivf.rows(), fixture.ivf.rows() + 300));
  EXPECT_EQ(before - blocks_bytes + 300 * 4, fixture.ivf.bytes());
  EXPECT_EQ(nullptr, fixture.ivf.sections().blocks);
  EXPECT_EQ(0u, fixture.ivf.sections().blocks_bytes);
}

TEST(Ivf, DropsNoBlocksWhereARowIsMissing) {
  Fixture fixture(clustered(300, 30, 4), 30, ELANUS_L2, 17);
  const Ivf::Sections stored = fixture.ivf.sections();
  for (uint32_t row : {300u, UINT32_MAX, 0u, 299u}) {
    std::vector<uint8_t> blocks(stored.blocks, stored.blocks + stored.blocks_bytes);
    uint8_t *at = blocks.data() + scan_row_at(fixture.ivf.padded_dim());
    if (memcmp(at, &row, 4) == 0) at += 4;
    memcpy(at, &row, 4);
    Ivf::Sections bad = stored;
    bad.blocks = blocks.data();
    Ivf ivf;
    ASSERT_EQ(ELANUS_OK, ivf.open(bad, 300, fixture.quantizer));
    EXPECT_EQ(ELANUS_CORRUPT, ivf.drop_blocks());
    EXPECT_EQ(nullptr, ivf.rows());
    EXPECT_EQ(blocks.data(), ivf.block(0));
  }
}

TEST(Ivf, RefusesSectionsThatMakeNoSense) {
  Fixture fixture(clustered(300, 30, 4), 30, ELANUS_L2, 17);
  const Ivf::Sections good = fixture.ivf.sections();
  Ivf ivf;
  EXPECT_EQ(ELANUS_CORRUPT, ivf.open(good, 299, fixture.quantizer));
  for (int part = 0; part < 3; part++) {
    for (int by : {-1, 1}) {
      Ivf::Sections bad = good;
      (part == 0 ? bad.centres_bytes : part == 1 ? bad.begins_bytes : bad.blocks_bytes) += size_t(by);
      EXPECT_EQ(ELANUS_CORRUPT, ivf.open(bad, 300, fixture.quantizer)) << "part " << part;
    }
  }
  for (uint32_t i = 0; i < 18; i++) {
    for (uint32_t value : {301u, 0x80000000u, UINT32_MAX}) {
      std::vector<uint32_t> begins(fixture.ivf.begins(), fixture.ivf.begins() + 18);
      begins[i] = value;
      Ivf::Sections bad = good;
      bad.begins = reinterpret_cast<const uint8_t *>(begins.data());
      EXPECT_EQ(ELANUS_CORRUPT, ivf.open(bad, 300, fixture.quantizer)) << "begin " << i;
    }
  }
}

// The file's checksums let it through, so it is damage that was stored: rows may be missing, memory may not be hurt.
TEST(Ivf, SurvivesDamagedBlocksAndCodes) {
  Fixture fixture(clustered(300, 30, 4), 30, ELANUS_L2, 17);
  const Ivf::Sections stored = fixture.ivf.sections();
  std::mt19937 random(kSeed);
  for (uint32_t round = 0; round < 50; round++) {
    std::vector<uint8_t> blocks(stored.blocks, stored.blocks + stored.blocks_bytes);
    std::vector<uint8_t> centres(stored.centres, stored.centres + stored.centres_bytes);
    for (uint32_t i = 0; i < 300; i++) blocks[random() % blocks.size()] = uint8_t(random());
    for (uint32_t i = 0; i < 30; i++) centres[random() % centres.size()] = uint8_t(random());
    for (uint32_t i = 0; i < 300; i++) fixture.codes[random() % fixture.codes.size()] = uint8_t(random());
    Ivf::Sections bad = stored;
    bad.blocks = blocks.data();
    bad.centres = centres.data();
    Ivf damaged;
    ASSERT_EQ(ELANUS_OK, damaged.open(bad, 300, fixture.quantizer));
    std::swap(damaged, fixture.ivf);
    const std::vector<uint8_t> alive(40, 0x5a);
    IvfRequest request = wanting(10, 17, 50, 20);
    fixture.search(fixture.values.data(), request, 3);
    request.alive = alive.data();
    request.patience = 100;
    fixture.search(fixture.values.data(), request);
    std::swap(damaged, fixture.ivf);
  }
}

}  // namespace
}  // namespace ivf_test
