// Index file, damaged: every flipped bit and every truncation is refused where it matters and nowhere else, and a table of
// contents that lies with good checksums is refused before anything it points to is read.
#include <functional>

#include "index_file_support.h"

namespace index_file_test {
namespace {

struct Parts {
  uint64_t prefix;
  std::vector<elanus::Extent> blocks;  // of each section, as many as it touches
};

Parts parts_of(const Array<uint8_t> &file, const Sizes &sizes) {
  IndexFile index;
  EXPECT_EQ(FileStatus::kOk, open(&index, file));
  Parts parts{index.prefix_bytes(), {}};
  for (const auto &[kind, length] : sizes) {
    elanus::Extent extent;
    EXPECT_TRUE(index.extent(kind, &extent));
    EXPECT_EQ(length, extent.length);
    parts.blocks.push_back(index.blocks_around(extent));
  }
  return parts;
}

void expect_damage_at(const Array<uint8_t> &file, const Sizes &sizes, const Parts &parts, uint64_t at) {
  IndexFile index;
  if (at < parts.prefix) {
    ASSERT_EQ(FileStatus::kCorrupt, open(&index, file)) << "byte " << at;
    Section section;
    ASSERT_EQ(FileStatus::kAbsent, index.section(sizes[0].first, &section));
    return;
  }
  ASSERT_EQ(FileStatus::kOk, open(&index, file)) << "byte " << at;
  for (size_t i = 0; i < sizes.size(); i++) {
    const bool hit = at >= parts.blocks[i].offset && at - parts.blocks[i].offset < parts.blocks[i].length;
    expect_section(&index, sizes[i].first, sizes[i].second, hit ? FileStatus::kCorrupt : FileStatus::kOk);
  }
}

TEST(IndexFileDamage, OfAnyBitIsFound) {
  Array<uint8_t> file = make_file(kSmall);
  const Parts parts = parts_of(file, kSmall);
  for (uint64_t at = 0; at < file.size(); at++) {
    for (uint8_t bit = 0; bit < 8; bit++) {
      file[at] ^= uint8_t(1 << bit);
      expect_damage_at(file, kSmall, parts, at);
      file[at] ^= uint8_t(1 << bit);
    }
  }
}

TEST(IndexFileDamage, InOneBlockLeavesTheOthersUsable) {
  Array<uint8_t> file = make_file(kLarge);
  const Parts parts = parts_of(file, kLarge);
  for (uint64_t at = 0; at < file.size(); at += at < parts.prefix ? 1 : 997) {
    file[at] ^= uint8_t(1 << (at & 7));
    expect_damage_at(file, kLarge, parts, at);
    file[at] ^= uint8_t(1 << (at & 7));
  }
}

void expect_truncation_at(const Array<uint8_t> &file, const Sizes &sizes, const Parts &parts, uint64_t size) {
  const Array<uint8_t> head = copy(file, size);
  IndexFile index;
  // As a whole file it has not the size that its header says; as the head of one it gives what has arrived.
  ASSERT_EQ(FileStatus::kCorrupt, index.open(head.data(), size, size)) << "size " << size;
  const FileStatus status = index.open(head.data(), size, file.size());
  ASSERT_EQ(size < parts.prefix ? FileStatus::kPartial : FileStatus::kOk, status) << "size " << size;
  if (status == FileStatus::kPartial) {
    ASSERT_EQ(size < 128 ? 128 : parts.prefix, index.prefix_bytes());
    ASSERT_FALSE(index.searchable());
    return;
  }
  for (size_t i = 0; i < sizes.size(); i++) {
    const bool whole = sizes[i].second == 0 || parts.blocks[i].offset + parts.blocks[i].length <= size;
    expect_section(&index, sizes[i].first, sizes[i].second, whole ? FileStatus::kOk : FileStatus::kPartial);
  }
}

TEST(IndexFileDamage, TruncationsGiveExactlyTheSectionsThatAreWhole) {
  const Array<uint8_t> small = make_file(kSmall), large = make_file(kLarge);
  const Parts parts = parts_of(small, kSmall), parts_of_large = parts_of(large, kLarge);
  for (uint64_t size = 0; size < small.size(); size++) expect_truncation_at(small, kSmall, parts, size);
  for (uint64_t block = 1; block < 5; block++) {
    const uint64_t end = parts_of_large.prefix + block * layout::kBlockBytes;
    for (uint64_t size : {end - 1, end, end + 1}) {
      if (size < large.size()) expect_truncation_at(large, kLarge, parts_of_large, size);
    }
  }
}

TEST(IndexFileDamage, AFileThatIsLongerThanItsHeaderSaysIsRefused) {
  const Array<uint8_t> file = make_file(kSmall);
  for (uint64_t more : {1u, 63u, 64u, 65536u}) {
    Array<uint8_t> longer;
    ASSERT_TRUE(longer.resize(file.size() + more));
    memcpy(longer.data(), file.data(), file.size());
    IndexFile index;
    EXPECT_EQ(FileStatus::kCorrupt, open(&index, longer)) << more;
  }
}

using Change = std::function<void(layout::Header &, layout::Entry *)>;

// What a file gives whose header and table of contents were changed by someone who can compute checksums.
FileStatus status_of(const Change &change) {
  Array<uint8_t> file = make_file(kSmall);
  const uint64_t prefix = parts_of(file, kSmall).prefix;
  layout::Header header;
  layout::Entry entries[8];
  memcpy(&header, file.data(), sizeof(header));
  memcpy(entries, file.data() + sizeof(header), sizeof(entries));
  change(header, entries);
  memcpy(file.data() + sizeof(header), entries, sizeof(entries));
  header.prefix_crc = elanus::crc32c(0, file.data() + sizeof(header), prefix - sizeof(header));
  header.crc = layout::header_crc(header);
  memcpy(file.data(), &header, sizeof(header));
  IndexFile index;
  return open(&index, file);
}

using layout::Entry;
using layout::Header;

TEST(IndexFileDamage, AHostileTableOfContentsIsRefused) {
  constexpr uint64_t kHuge[] = {uint64_t(1) << 31, uint64_t(1) << 32, uint64_t(1) << 53,
                                uint64_t(1) << 63, ~uint64_t(63),     ~uint64_t(0)};
  const auto refused = [](const char *how, const Change &change) {
    EXPECT_EQ(FileStatus::kCorrupt, status_of(change)) << how;
  };
  EXPECT_EQ(FileStatus::kOk, status_of([](Header &, Entry *) {}));
  for (uint32_t i = 0; i < 8; i++) {
    refused("offset misaligned", [=](Header &, Entry *entries) { entries[i].offset += 1; });
    refused("gap or beyond the file", [=](Header &, Entry *entries) { entries[i].offset += 64; });
    refused("overlap with what is before", [=](Header &, Entry *entries) { entries[i].offset -= 64; });
    refused("in the prefix", [=](Header &, Entry *entries) { entries[i].offset = 0; });
    refused("longer: overlap with what follows", [=](Header &, Entry *entries) { entries[i].length += 64; });
    for (uint64_t huge : kHuge) {
      refused("huge offset", [=](Header &, Entry *entries) { entries[i].offset = huge; });
      refused("huge length", [=](Header &, Entry *entries) { entries[i].length = huge; });
      refused("wraps around", [=](Header &, Entry *entries) { entries[i].length = huge - entries[i].offset; });
    }
  }
  refused("shorter: gap", [](Header &, Entry *entries) { entries[5].length = 1; });
  refused("descending", [](Header &, Entry *entries) { std::swap(entries[0], entries[1]); });
  refused("twice the same kind", [](Header &, Entry *entries) { entries[1].kind = entries[0].kind; });
  refused("twice the same unknown kind", [](Header &, Entry *entries) {
    for (Entry *entry : {entries + 6, entries + 7}) entry->kind = SectionKind(99), entry->flags = 1;
  });
  refused("the same section twice", [](Header &, Entry *entries) { entries[1] = entries[0]; });
}

TEST(IndexFileDamage, AHostileHeaderIsRefused) {
  const auto refused = [](const char *how, const Change &change) {
    EXPECT_EQ(FileStatus::kCorrupt, status_of(change)) << how;
  };
  for (uint32_t count : {0u, 7u, 9u, 32u, 33u, 0x7fffffffu, 0xffffffffu}) {
    refused("number of sections", [=](Header &header, Entry *) { header.section_count = count; });
  }
  for (uint64_t length : {uint64_t(0), uint64_t(64), uint64_t(1) << 40, uint64_t(1) << 63, ~uint64_t(0)}) {
    refused("length of the body", [=](Header &header, Entry *) { header.body_bytes = length; });
  }
  for (uint32_t rows : {0u, 0x80000000u, 0xffffffffu}) {
    refused("rows", [=](Header &header, Entry *) { header.rows = rows; });
  }
  for (uint32_t dim : {0u, 49u, 129u, 32769u, 0xffffffffu}) {
    refused("dimension", [=](Header &header, Entry *) { header.dim = dim; });
  }
  for (uint32_t dim : {0u, 99u, 201u, 0xffffffffu}) {
    refused("padded dimension", [=](Header &header, Entry *) { header.padded_dim = dim; });
  }
  refused("dimension of a sparse index", [](Header &header, Entry *) { header.kind = elanus::IndexKind::kSparse; });
  refused("version 0", [](Header &header, Entry *) { header.version = 0; });
  refused("reserved bytes", [](Header &header, Entry *) { header.zero[27] = 1; });
}

TEST(IndexFileDamage, WhatANewerVersionMayWriteIsUnsupported) {
  const auto unsupported = [](const char *how, const Change &change) {
    EXPECT_EQ(FileStatus::kUnsupported, status_of(change)) << how;
  };
  unsupported("version", [](Header &header, Entry *) { header.version = 2; });
  unsupported("version, and all else", [](Header &header, Entry *) { header.version = 2, header.section_count = 99; });
  unsupported("kind", [](Header &header, Entry *) { header.kind = elanus::IndexKind(6); });
  unsupported("metric", [](Header &header, Entry *) { header.metric = 7; });
  unsupported("type", [](Header &header, Entry *) { header.element_type = elanus::ElementType(106); });
  unsupported("section", [](Header &, Entry *entries) { entries[6].kind = SectionKind(47); });
  unsupported("flag", [](Header &, Entry *entries) { entries[6].flags = 2; });
}

}  // namespace
}  // namespace index_file_test
