// Index file: what is written is read, whole or in part, section by section or block by block, for ever the same.
#include "index_file_support.h"

#include <stdio.h>

namespace index_file_test {
namespace {

TEST(IndexFile, HandsOutWhatWasWritten) {
  for (const Sizes &sizes : {kSmall, kLarge}) {
    const Array<uint8_t> file = make_file(sizes);
    IndexFile index;
    ASSERT_EQ(FileStatus::kOk, open(&index, file));
    for (const auto &[kind, length] : sizes) expect_section(&index, kind, length, FileStatus::kOk);
    Section section;
    EXPECT_EQ(FileStatus::kAbsent, index.section(SectionKind::kSparsePostings, &section));
  }
}

TEST(IndexFile, SaysWhatItIsOf) {
  const Array<uint8_t> file = make_file(kSmall);
  IndexFile index;
  ASSERT_EQ(FileStatus::kOk, open(&index, file));
  const layout::Header &header = index.header();
  EXPECT_EQ(elanus::IndexKind::kGraph, header.kind);
  EXPECT_EQ(100u, header.dim);
  EXPECT_EQ(128u, header.padded_dim);
  EXPECT_EQ(1u, header.metric);
  EXPECT_EQ(elanus::ElementType::kFloat, header.element_type);
  EXPECT_EQ(1000u, header.rows);
  EXPECT_EQ(2u, header.column);
  EXPECT_EQ(0x1122334455667788u, header.seed);
  EXPECT_EQ(0, memcmp(subject().rows_sha256, header.rows_sha256, 32));
}

TEST(IndexFile, HasStagesAsTheirSectionsArrive) {
  const Array<uint8_t> file = make_file(kLarge);
  IndexFile index;
  ASSERT_EQ(FileStatus::kPartial, index.open(file.data(), 127, file.size()));
  EXPECT_EQ(128u, index.prefix_bytes());
  ASSERT_EQ(FileStatus::kPartial, index.open(file.data(), 128, file.size()));
  const uint64_t prefix = index.prefix_bytes();
  EXPECT_EQ(layout::prefix_bytes(4, file.size() - prefix), prefix);
  ASSERT_EQ(FileStatus::kOk, index.open(file.data(), prefix, file.size()));
  const uint32_t opening = 1, scan = 2, refine = 4, graph = 8;
  const auto stages_at = [&](uint64_t blocks, int64_t more) {
    index.arrived(prefix + blocks * layout::kBlockBytes + more);
    return index.stages();
  };
  EXPECT_EQ(0u, stages_at(1, -1));
  EXPECT_EQ(opening, stages_at(1, 0));
  EXPECT_FALSE(index.searchable());
  EXPECT_EQ(opening, stages_at(3, -1));
  EXPECT_EQ(opening | scan | refine, stages_at(3, 0));
  EXPECT_TRUE(index.searchable());
  expect_section(&index, SectionKind::kIvfBlocks, 2 * layout::kBlockBytes, FileStatus::kOk);
  index.arrived(file.size() - 1);
  expect_section(&index, SectionKind::kGraphNeighbours, 2 * layout::kBlockBytes, FileStatus::kPartial);
  index.arrived(file.size());
  EXPECT_EQ(opening | scan | refine | graph, index.stages());
  expect_section(&index, SectionKind::kGraphNeighbours, 2 * layout::kBlockBytes, FileStatus::kOk);
}

TEST(IndexFile, IsReadByRangesOfBlocks) {
  const Array<uint8_t> file = make_file(kLarge);
  IndexFile index;
  ASSERT_EQ(FileStatus::kPartial, index.open(file.data(), 128, file.size()));
  const Array<uint8_t> prefix = copy(file, index.prefix_bytes());
  ASSERT_EQ(FileStatus::kOk, index.open(prefix.data(), prefix.size(), file.size()));
  elanus::Extent lists;
  EXPECT_FALSE(index.extent(SectionKind::kSparsePostings, &lists));
  ASSERT_TRUE(index.extent(SectionKind::kIvfBlocks, &lists));
  const std::vector<uint8_t> expected = contents(SectionKind::kIvfBlocks, lists.length);
  // The section begins 64 bytes into block 0.
  constexpr uint32_t kRanges[][3] = {{0, 1, 1}, {65471, 1, 1}, {65471, 2, 2}, {65472, 65536, 1}, {0, 131072, 3}};
  for (const auto &[first, length, blocks_expected] : kRanges) {
    const elanus::Extent blocks = index.blocks_around({lists.offset + first, length});
    EXPECT_EQ(blocks_expected, layout::block_count(blocks.length));
    std::vector<uint8_t> bytes(file.data() + blocks.offset, file.data() + blocks.offset + blocks.length);
    EXPECT_TRUE(index.matches(blocks, bytes.data()));
    EXPECT_EQ(0, memcmp(expected.data() + first, bytes.data() + (lists.offset + first - blocks.offset), length));
    bytes.back() ^= 1;
    EXPECT_FALSE(index.matches(blocks, bytes.data()));
  }
  // The last block is shorter.
  const elanus::Extent last = index.blocks_around({file.size() - 1, 1});
  EXPECT_EQ(file.size(), last.offset + last.length);
  EXPECT_TRUE(index.matches(last, file.data() + last.offset));
}

TEST(IndexFile, PassesOverWhatIsOptionalAndUnknown) {
  Sizes sizes = kSmall;
  sizes.push_back({SectionKind(47), 10});
  const Array<uint8_t> file = make_file(sizes);
  IndexFile index;
  ASSERT_EQ(FileStatus::kOk, open(&index, file));
  EXPECT_EQ(15u, index.stages());
  for (const auto &[kind, length] : kSmall) expect_section(&index, kind, length, FileStatus::kOk);
}

TEST(IndexFile, MayConsistOfEmptySections) {
  const Array<uint8_t> file = make_file({{SectionKind::kParameters, 0}, {SectionKind::kIvfBlocks, 0}});
  EXPECT_EQ(192u, file.size());
  IndexFile index;
  ASSERT_EQ(FileStatus::kOk, open(&index, file));
  expect_section(&index, SectionKind::kIvfBlocks, 0, FileStatus::kOk);
  EXPECT_TRUE(index.searchable());
}

TEST(IndexFile, IsWrittenInOrderOfStagesAndEachSectionOnce) {
  elanus::IndexFileWriter writer(subject());
  EXPECT_TRUE(writer.add(SectionKind::kCentres, 1));
  EXPECT_TRUE(writer.add(SectionKind::kParameters, 1));
  EXPECT_TRUE(writer.add(SectionKind::kExtraPlane, 1));
  EXPECT_FALSE(writer.add(SectionKind::kIvfBlocks, 1));
  EXPECT_FALSE(writer.add(SectionKind::kExtraPlane, 1));
  EXPECT_FALSE(writer.add(SectionKind::kGraphOffsets, layout::kFileBytesMax));
  EXPECT_FALSE(writer.add(SectionKind::kGraphOffsets, ~uint64_t(0)));
  for (uint32_t i = 3; i < layout::kSectionsMax; i++) EXPECT_TRUE(writer.add(SectionKind(1000 + i), 1));
  EXPECT_FALSE(writer.add(SectionKind(2000), 1));
  ASSERT_TRUE(writer.allocate());
  EXPECT_EQ(nullptr, writer.section(SectionKind::kIvfBlocks));
}

TEST(IndexFile, ThatIsTooLargeForMemoryIsNotBegun) {
  elanus::IndexFileWriter writer(subject());
  ASSERT_TRUE(writer.add(SectionKind::kSignPlane, uint64_t(1) << 51));
  EXPECT_FALSE(writer.allocate());
}

// Stored bytes must stay readable: this file never changes. A later version adds another.
TEST(IndexFile, OfVersionOneIsByteForByteWhatWeWriteToday) {
  Sizes sizes = kSmall;
  sizes.push_back({SectionKind(47), 10});
  const Array<uint8_t> file = make_file(sizes);
  std::vector<char> golden(file.size() + 1);
  FILE *stream = fopen(ELANUS_GOLDEN "/index-v1.bin", "rb");
  ASSERT_NE(nullptr, stream);
  golden.resize(fread(golden.data(), 1, golden.size(), stream));
  fclose(stream);
  const bool equal = golden.size() == file.size() && memcmp(golden.data(), file.data(), file.size()) == 0;
  const std::string found = testing::TempDir() + "index-v1.bin";
  if (FILE *copy = equal ? nullptr : fopen(found.c_str(), "wb")) {
    fwrite(file.data(), 1, file.size(), copy);
    fclose(copy);
  }
  EXPECT_TRUE(equal) << ELANUS_GOLDEN "/index-v1.bin differs from what was written now, " << found;
}

}  // namespace
}  // namespace index_file_test
