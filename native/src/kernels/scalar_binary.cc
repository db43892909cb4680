// Bits counted in plain C++, 64 at a time. The truth that the other sets are tested against.
#include <stdint.h>
#include <string.h>

namespace {

struct BitLanes {
  using Bits = uint64_t;
  using Part = uint64_t;
  using Sum = uint64_t;
  static constexpr uint32_t kBytes = 8, kRows = 2, kPartSteps = UINT32_MAX;
  static inline Bits load_some(const uint8_t *at, uint32_t count) {
    Bits bits = 0;
    memcpy(&bits, at, count);
    return bits;
  }
  static inline Bits load(const uint8_t *at) { return load_some(at, kBytes); }
  static inline Bits both(Bits a, Bits b) { return a & b; }
  static inline Bits either(Bits a, Bits b) { return a ^ b; }
  static inline Part no_part() { return 0; }
  static inline Part count(Bits bits, Part part) { return part + uint64_t(__builtin_popcountll(bits)); }
  static inline Sum no_sum() { return 0; }
  static inline Sum add(Part part, Sum sum) { return sum + part; }
  static inline uint32_t total(Sum sum) { return uint32_t(sum); }
  static inline void totals(const Sum *sums, uint32_t *counts) {
    for (uint32_t r = 0; r < kRows; r++) counts[r] = total(sums[r]);
  }
};

}  // namespace

#include "kernels/binary_tile.inc"

namespace elanus {
extern const BinaryKernels kBinaryScalar = {"scalar", count_pairs<Differing>, count_pairs<Common>};
}
