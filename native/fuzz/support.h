// Support for the fuzzers: values drawn from the fuzzer's bytes, and index files made of them. A new fuzzer is a file
// <name>_fuzz.cc with one FUZZ(input) { … } and a folder corpus/<name>; CMake and the scripts find it by its name.
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "index/index_file.h"
#include "index/index_file_writer.h"

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
    memcpy(static_cast<void *>(&value), bytes_, taken);
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

// An index file with good checksums that holds the sections named, of up to `bytes_max` each, filled by the input: for what
// reads sections. Each is now and then left out.
template <size_t kCount>
elanus::Array<uint8_t> index_file(Input &input, const elanus::IndexFileSubject &subject,
                                  const elanus::SectionKind (&kinds)[kCount], uint32_t bytes_max) {
  elanus::IndexFileWriter writer(subject);
  uint32_t lengths[kCount];
  uint32_t announced = 0;
  for (size_t i = 0; i < kCount; i++) {
    const bool is_left_out = input.byte() == 0xff;
    lengths[i] = is_left_out ? 0 : input.between(0, bytes_max);
    if (!is_left_out && writer.add(kinds[i], lengths[i])) announced++;
  }
  if (announced == 0) MUST(writer.add(kinds[0], 0));
  MUST(writer.allocate());
  for (size_t i = 0; i < kCount; i++) {
    const elanus::Array<uint8_t> bytes = input.array<uint8_t>(lengths[i]);
    uint8_t *section = writer.section(kinds[i]);
    if (section != nullptr) memcpy(section, bytes.data(), bytes.size());
  }
  return writer.finish();
}

}  // namespace fuzzing
