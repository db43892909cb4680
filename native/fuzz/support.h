// Support for the fuzzers: values drawn from the fuzzer's bytes, and index files with good checksums. A new fuzzer is a file
// <name>_fuzz.cc with one FUZZ(input) { … } and a folder corpus/<name>; CMake and the scripts find it by its name.
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "index/index_file_layout.h"

// What must hold whatever the bytes are; the fuzzer keeps the input that breaks it.
#define MUST(condition)                  \
  do {                                   \
    if (!(condition)) __builtin_trap();  \
  } while (false)

#define FUZZ(input)                                                             \
  static void fuzz(fuzzing::Input &input);                                      \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {    \
    fuzzing::Input input(bytes, size);                                          \
    fuzz(input);                                                                \
    return 0;                                                                   \
  }                                                                             \
  static void fuzz(fuzzing::Input &input)

namespace fuzzing {

// Reads from the front; when the bytes are used up it gives zeros.
class Input {
 public:
  Input(const uint8_t *bytes, size_t size) : bytes_(bytes), size_(size) {}

  bool is_empty() const { return size_ == 0; }

  template <class T>
  T value() {
    T value = {};
    const size_t taken = size_ < sizeof(T) ? size_ : sizeof(T);
    if (taken > 0) memcpy(static_cast<void *>(&value), bytes_, taken);
    bytes_ += taken;
    size_ -= taken;
    return value;
  }
  uint8_t byte() { return value<uint8_t>(); }
  // first .. last.
  uint32_t between(uint32_t first, uint32_t last) {
    return first + uint32_t((last - first < 256 ? byte() : value<uint32_t>()) % (uint64_t(last) - first + 1));
  }

  // Fills it, with zeros at the end if need be, in memory that ends where it ends.
  template <class T>
  elanus::Array<T> array(size_t count) {
    elanus::Array<T> items;
    MUST(items.resize(count));
    const size_t taken = size_ < items.bytes() ? size_ : items.bytes();
    if (taken > 0) memcpy(static_cast<void *>(items.data()), bytes_, taken);
    bytes_ += taken;
    size_ -= taken;
    return items;
  }
  elanus::Array<uint8_t> rest() { return array<uint8_t>(size_); }

 private:
  const uint8_t *bytes_;
  size_t size_;
};

// Puts the checksums of an index file right, as a writer does it, but from a header and a table of contents that may
// say anything: so that what is behind the checksums is reached.
inline void reseal(elanus::Array<uint8_t> &file) {
  namespace layout = elanus::layout;
  layout::Header header;
  if (file.size() < sizeof(header)) return;
  memcpy(&header, file.data(), sizeof(header));
  memcpy(header.magic, layout::kMagic, sizeof(header.magic));
  if (header.section_count <= layout::kSectionsMax && header.body_bytes <= file.size()) {
    const uint64_t prefix = layout::prefix_bytes(header.section_count, header.body_bytes);
    if (prefix + header.body_bytes == file.size()) {
      uint8_t *table = file.data() + layout::table_offset(header.section_count);
      for (uint64_t at = prefix; at < file.size(); at += layout::kBlockBytes, table += sizeof(uint32_t)) {
        const uint64_t left = file.size() - at;
        const uint32_t crc = elanus::crc32c(0, file.data() + at, left < layout::kBlockBytes ? left : layout::kBlockBytes);
        memcpy(table, &crc, sizeof(crc));
      }
      header.prefix_crc = elanus::crc32c(0, file.data() + sizeof(header), prefix - sizeof(header));
    }
  }
  header.crc = layout::header_crc(header);
  memcpy(file.data(), &header, sizeof(header));
}

// Whether row `row` takes part. REQUIRES: `alive` is as elanus_flat_search wants it.
inline bool is_alive(const elanus::Array<uint8_t> &alive, uint32_t row) { return (alive[row >> 3] >> (row & 7)) & 1; }

}  // namespace fuzzing
