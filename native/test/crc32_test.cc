// Crc32: it gives the published value, in pieces as at once, and with the processor's instructions as without.
#include "base/crc32.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using elanus::crc32;
using elanus::crc32_portable;

constexpr uint32_t kSeed = 20261130;

TEST(Crc32, GivesThePublishedValue) {
  for (const auto function : {crc32, crc32_portable}) {
    EXPECT_EQ(0u, function(0, "", 0));
    EXPECT_EQ(0xcbf43926u, function(0, "123456789", 9));
  }
}

TEST(Crc32, IsTheSameWithAndWithoutInstructions) {
  std::mt19937 random(kSeed);
  std::vector<uint8_t> bytes(70000);
  for (uint8_t &byte : bytes) byte = uint8_t(random());
  for (size_t size = 0; size < 400; size++) EXPECT_EQ(crc32_portable(5, bytes.data(), size), crc32(5, bytes.data(), size)) << size;
  for (size_t size : {1536u, 4095u, 4096u, 65536u, 69990u}) {
    for (size_t offset = 0; offset < 9; offset++) {
      EXPECT_EQ(crc32_portable(~0u, bytes.data() + offset, size), crc32(~0u, bytes.data() + offset, size)) << size << " bytes from " << offset;
    }
  }
}

TEST(Crc32, OfPiecesIsThatOfTheWhole) {
  std::mt19937 random(kSeed);
  std::vector<uint8_t> bytes(20000);
  for (uint8_t &byte : bytes) byte = uint8_t(random());
  for (const auto function : {crc32, crc32_portable}) {
    const uint32_t whole = function(0, bytes.data(), bytes.size());
    for (size_t cut : {size_t(0), size_t(1), size_t(4096), size_t(9999), bytes.size()}) {
      EXPECT_EQ(whole, function(function(0, bytes.data(), cut), bytes.data() + cut, bytes.size() - cut)) << cut;
    }
  }
}

}  // namespace
