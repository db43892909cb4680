// Support for the tests of the index file: sample files, the same on every machine, and what each section of them holds.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <utility>
#include <vector>

#include "base/random.h"
#include "index/index_file.h"
#include "index/index_file_writer.h"

namespace index_file_test {

using elanus::Array;
using elanus::FileStatus;
using elanus::IndexFile;
using elanus::Section;
using elanus::SectionKind;
using elanus::Stage;
namespace layout = elanus::layout;

using Sizes = std::vector<std::pair<SectionKind, uint64_t>>;

// One block: every length around the alignment, and an empty section.
inline const Sizes kSmall = {{SectionKind::kParameters, 40},      {SectionKind::kCalibration, 63},
                             {SectionKind::kCentres, 64},         {SectionKind::kIvfBlocks, 65},
                             {SectionKind::kSignPlane, 1},        {SectionKind::kExtraPlane, 300},
                             {SectionKind::kGraphNeighbours, 127}, {SectionKind::kEntryPoints, 0}};

// Blocks: 0 opening and part of the IVF blocks, 1 and 2 the rest of them, 2 the extra plane, 2 to 4 the neighbours.
inline const Sizes kLarge = {{SectionKind::kParameters, 40},
                             {SectionKind::kIvfBlocks, 2 * layout::kBlockBytes},
                             {SectionKind::kExtraPlane, 1000},
                             {SectionKind::kGraphNeighbours, 2 * layout::kBlockBytes}};

inline elanus::IndexFileSubject subject() {
  elanus::IndexFileSubject subject = {};
  subject.kind = elanus::IndexKind::kGraph;
  subject.dim = 100;
  subject.padded_dim = 128;
  subject.metric = 1;
  subject.element_type = elanus::ElementType::kFloat;
  subject.rows = 1000;
  subject.column = 2;
  subject.seed = 0x1122334455667788;
  for (uint8_t i = 0; i < 32; i++) subject.rows_sha256[i] = i;
  return subject;
}

inline std::vector<uint8_t> contents(SectionKind kind, uint64_t length) {
  elanus::Random random(uint64_t(kind) + 1);
  std::vector<uint8_t> bytes(length);
  for (uint8_t &byte : bytes) byte = uint8_t(random.below(256));
  return bytes;
}

inline Array<uint8_t> make_file(const Sizes &sizes) {
  elanus::IndexFileWriter writer(subject());
  for (const auto &[kind, length] : sizes) EXPECT_TRUE(writer.add(kind, length, uint32_t(kind) >= 40));
  EXPECT_TRUE(writer.allocate());
  for (const auto &[kind, length] : sizes) {
    const std::vector<uint8_t> bytes = contents(kind, length);
    if (length > 0) memcpy(writer.section(kind), bytes.data(), length);
  }
  return writer.finish();
}

// The first `size` bytes, in memory that ends there.
inline Array<uint8_t> copy(const Array<uint8_t> &file, size_t size) {
  Array<uint8_t> head;
  EXPECT_TRUE(head.resize(size));
  memcpy(head.data(), file.data(), size);
  return head;
}
inline Array<uint8_t> copy(const Array<uint8_t> &file) { return copy(file, file.size()); }

inline FileStatus open(IndexFile *index, const Array<uint8_t> &file) {
  return index->open(file.data(), file.size(), file.size());
}

// That what is handed out as the section is what was put in; for another status, that it is `expected`.
inline void expect_section(IndexFile *index, SectionKind kind, uint64_t length, FileStatus expected) {
  Section section = {};
  ASSERT_EQ(expected, index->section(kind, &section)) << "section " << uint32_t(kind);
  if (expected != FileStatus::kOk) return;
  ASSERT_EQ(length, section.length);
  ASSERT_EQ(0u, uintptr_t(section.data) % 64);
  const std::vector<uint8_t> bytes = contents(kind, length);
  ASSERT_TRUE(length == 0 || memcmp(bytes.data(), section.data, length) == 0) << "section " << uint32_t(kind);
}

}  // namespace index_file_test
