// Approximate index, damaged: every flipped byte and every truncation is found where it matters, and a file that lies with
// good checksums is refused, or searched without harm.
#include <functional>

#include "ann_support.h"
#include "index/index_file.h"
#include "kernels/code_layout.h"

namespace ann_test {
namespace {

using elanus::Extent;
using elanus::IndexFile;
using elanus::SectionKind;
namespace layout = elanus::layout;

struct Small {
  FlatPointer flat = flat_of(clustered_rows(40, 8, 3, 1), ELANUS_L2);
  Bytes graph, ivf;
  Small() {
    const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH, 5));
    graph = file_of(builder, ELANUS_GRAPH, {1, 2, 3});
    ivf = file_of(builder, ELANUS_IVF, {1, 2, 3});
  }
  const Bytes &file(elanus_kind kind) const { return kind == ELANUS_GRAPH ? graph : ivf; }
};

TEST(AnnDamage, OfAnyByteIsFound) {
  const Small small;
  for (elanus_kind kind : {ELANUS_GRAPH, ELANUS_IVF}) {
    Bytes file = copy_of(small.file(kind).data(), small.file(kind).size());
    for (size_t at = 0; at < file.size(); at++) {
      file[at] ^= uint8_t(1 << at % 8);
      IndexPointer index;
      EXPECT_EQ(ELANUS_CORRUPT, try_open(file, 0, &index)) << "byte " << at;
      file[at] ^= uint8_t(1 << at % 8);
    }
  }
}

TEST(AnnDamage, TruncationAtEveryLengthIsRefused) {
  const Small small;
  for (elanus_kind kind : {ELANUS_GRAPH, ELANUS_IVF}) {
    const Bytes &file = small.file(kind);
    for (size_t size = 0; size < file.size(); size++) {
      const Bytes head = copy_of(file.data(), size);
      IndexPointer index;
      EXPECT_EQ(ELANUS_CORRUPT, try_open(head, 0, &index)) << "size " << size;
      // One block of 64 KiB holds all stages: none is there before the last byte.
      EXPECT_EQ(ELANUS_CORRUPT, try_open(head, ELANUS_PARTIAL, &index)) << "size " << size;
    }
    EXPECT_EQ(ELANUS_OK, [&] {
      IndexPointer index;
      return try_open(file, ELANUS_PARTIAL, &index);
    }());
  }
}

// Changes the content of a section; the checksums are put right again.
Bytes with(const Bytes &file, SectionKind kind, const std::function<void(uint8_t *, uint64_t)> &change) {
  Bytes changed = copy_of(file.data(), file.size());
  IndexFile reading;
  Extent part;
  EXPECT_EQ(elanus::FileStatus::kOk, reading.open(file.data(), file.size(), file.size()));
  EXPECT_TRUE(reading.extent(kind, &part));
  change(changed.data() + part.offset, part.length);
  layout::Header header;
  memcpy(&header, changed.data(), sizeof(header));
  const uint64_t prefix = reading.prefix_bytes();
  uint8_t *table = changed.data() + layout::table_offset(header.section_count);
  for (uint64_t at = prefix; at < changed.size(); at += layout::kBlockBytes, table += 4) {
    const uint32_t crc = elanus::crc32c(0, changed.data() + at, std::min<uint64_t>(changed.size() - at, layout::kBlockBytes));
    memcpy(table, &crc, sizeof(crc));
  }
  header.prefix_crc = elanus::crc32c(0, changed.data() + sizeof(header), prefix - sizeof(header));
  header.crc = layout::header_crc(header);
  memcpy(changed.data(), &header, sizeof(header));
  return changed;
}

template <class T>
std::function<void(uint8_t *, uint64_t)> put(uint64_t at, T value) {
  return [at, value](uint8_t *bytes, uint64_t length) {
    ASSERT_LE(at + sizeof(T), length);
    memcpy(bytes + at, &value, sizeof(T));
  };
}

TEST(AnnDamage, LiesWithGoodChecksumsAreRefused) {
  const Small small;
  constexpr uint64_t first_row = elanus::scan_row_at(32);
  const struct {
    const char *what;
    SectionKind kind;
    std::function<void(uint8_t *, uint64_t)> change;
  } lies[] = {
      {"no centres", SectionKind::kParameters, put<uint32_t>(0, 0)},
      {"too many centres", SectionKind::kParameters, put<uint32_t>(0, 257)},
      {"other than zero", SectionKind::kParameters, put<uint32_t>(4, 1)},
      {"a mean that is no number", SectionKind::kParameters, put<float>(8, std::nanf(""))},
      {"a mean that is infinite", SectionKind::kParameters, put<float>(12, INFINITY)},
      {"lists from 1", SectionKind::kListOffsets, put<uint32_t>(0, 1)},
      {"lists backwards", SectionKind::kListOffsets, put<uint32_t>(4, 41)},
      {"lists to beyond the rows", SectionKind::kListOffsets, put<uint32_t>(20, 41)},
      {"a row beyond the last", SectionKind::kIvfBlocks, put<uint32_t>(first_row, 40)},
      {"a row far beyond", SectionKind::kIvfBlocks, put<uint32_t>(first_row, ~0u)},
      {"a row twice", SectionKind::kIvfBlocks, [](uint8_t *bytes, uint64_t) { memcpy(bytes + first_row, bytes + first_row + 4, 4); }},
      {"a centre that is none", SectionKind::kFactors, put<uint8_t>(6, 255)},
      {"a neighbour that is no row", SectionKind::kGraphNeighbours, put<uint32_t>(24, 1u << 30)},
      {"an entry that is no row", SectionKind::kEntryPoints, put<uint32_t>(0, 40)},
  };
  for (const auto &lie : lies) {
    const bool of_graph = elanus::stage_of(lie.kind) == elanus::Stage::kGraph;
    for (elanus_kind kind : {ELANUS_GRAPH, ELANUS_IVF}) {
      if (of_graph && kind == ELANUS_IVF) continue;
      const Bytes file = with(small.file(kind), lie.kind, lie.change);
      for (uint32_t flags : {0u, uint32_t(ELANUS_AS_IVF), uint32_t(ELANUS_PARTIAL)}) {
        IndexPointer index;
        const elanus_status expected = of_graph && flags == ELANUS_AS_IVF ? ELANUS_OK : ELANUS_CORRUPT;
        EXPECT_EQ(expected, try_open(file, flags, &index)) << lie.what << ", flags " << flags;
      }
    }
  }
}

// What cannot be told from the truth: codes, factors and centres that say anything. Answers are then bad, not wrong.
TEST(AnnDamage, NonsenseThatLooksSoundIsSearchedWithoutHarm) {
  const Small small;
  std::mt19937 random(kSeed);
  const std::vector<float> queries = random_vectors(random, 4 * 8);
  for (SectionKind kind : {SectionKind::kCentres, SectionKind::kListCentres, SectionKind::kIvfBlocks, SectionKind::kSignPlane,
                           SectionKind::kExtraPlane, SectionKind::kFactors}) {
    for (const Opening &opening : kOpenings) {
      const Bytes file = with(small.file(opening.file), kind, [&](uint8_t *bytes, uint64_t length) {
        for (uint64_t i = 0; i < length; i++) {
          const bool is_row = kind == SectionKind::kIvfBlocks && i % elanus::scan_block_bytes(32) >= elanus::scan_row_at(32) && i % elanus::scan_block_bytes(32) < elanus::scan_scale_at(32);
          const bool is_centre = kind == SectionKind::kFactors && i % 8 == 6;
          if (!is_row && !is_centre) bytes[i] = uint8_t(random());
        }
      });
      IndexPointer index;
      if (try_open(file, opening.flags, &index) != ELANUS_OK) continue;
      for (const elanus_flat *flat : {static_cast<const elanus_flat *>(small.flat.get()), static_cast<const elanus_flat *>(nullptr)}) {
        const SearcherPointer searcher = open_searcher(index, flat);
        for (const elanus_request &request : {elanus_request{5, 20, 20, 10, 10}, elanus_request{5, 0, 20, 10, 0}}) {
          const Result found = ask(searcher, queries, 4, request);
          EXPECT_EQ(std::vector<uint32_t>(4, 5), found.counts) << opening.name;
          for (uint32_t row : found.rows) EXPECT_LT(row, 40u);
        }
      }
    }
  }
}

TEST(AnnDamage, OfAStageThatIsNotAskedForDoesNoHarm) {
  const GraphRows rows = clustered_rows(3000, 96, 30, 1.5f);
  const FlatPointer flat = flat_of(rows, ELANUS_L2);
  Bytes file = build_file(flat, ELANUS_GRAPH);
  file[file.size() - 70] ^= 1;
  IndexPointer index;
  EXPECT_EQ(ELANUS_CORRUPT, try_open(file, 0, &index));
  EXPECT_EQ(ELANUS_OK, try_open(file, ELANUS_AS_IVF, &index));
}

}  // namespace
}  // namespace ann_test
