// Checksum: CRC-32C gives the published values, in pieces as at once, and with the processor's instruction as without.
#include "base/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using elanus::crc32c;
using elanus::crc32c_portable;

constexpr uint32_t kSeed = 20261122;

TEST(Checksum, GivesThePublishedValues) {
  // The check value of the catalogue of CRCs, and RFC 3720, B.4.
  std::vector<uint8_t> ascending(32), descending(32);
  for (uint8_t i = 0; i < 32; i++) ascending[i] = descending[31 - i] = i;
  for (const auto function : {crc32c, crc32c_portable}) {
    EXPECT_EQ(0u, function(0, "", 0));
    EXPECT_EQ(0xe3069283u, function(0, "123456789", 9));
    EXPECT_EQ(0x8a9136aau, function(0, std::vector<uint8_t>(32).data(), 32));
    EXPECT_EQ(0x62a8ab43u, function(0, std::vector<uint8_t>(32, 0xff).data(), 32));
    EXPECT_EQ(0x46dd794eu, function(0, ascending.data(), 32));
    EXPECT_EQ(0x113fdb5cu, function(0, descending.data(), 32));
  }
}

TEST(Checksum, IsTheSameWithAndWithoutTheInstruction) {
  std::mt19937 random(kSeed);
  std::vector<uint8_t> bytes(70000);
  for (uint8_t &byte : bytes) byte = uint8_t(random());
  for (size_t size : {1u, 7u, 8u, 9u, 63u, 4095u, 4096u, 4097u, 4103u, 65536u, 69990u}) {
    for (size_t offset = 0; offset < 9; offset++) {
      EXPECT_EQ(crc32c_portable(5, bytes.data() + offset, size), crc32c(5, bytes.data() + offset, size))
          << size << " bytes from " << offset;
    }
  }
}

TEST(Checksum, OfPiecesIsThatOfTheWhole) {
  std::mt19937 random(kSeed);
  std::vector<uint8_t> bytes(20000);
  for (uint8_t &byte : bytes) byte = uint8_t(random());
  for (const auto function : {crc32c, crc32c_portable}) {
    const uint32_t whole = function(0, bytes.data(), bytes.size());
    for (size_t cut : {size_t(0), size_t(1), size_t(4096), size_t(9999), bytes.size()}) {
      EXPECT_EQ(whole, function(function(0, bytes.data(), cut), bytes.data() + cut, bytes.size() - cut)) << cut;
    }
  }
}

}  // namespace
