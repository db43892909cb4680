// Array: owns a block of trivially copyable items, 64-byte aligned. It never grows by itself and never throws: who
// resizes learns whether there was memory, and after a refusal the array is as it was.
#pragma once

#include <string.h>

#include <type_traits>

#include "base/memory.h"

namespace elanus {

template <class T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Array() = default;
  ~Array() { release(items_); }
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  Array(Array &&other) : items_(other.items_), size_(other.size_) {
    other.items_ = nullptr;
    other.size_ = 0;
  }
  Array &operator=(Array &&other) {
    if (this == &other) return *this;
    release(items_);
    items_ = other.items_;
    size_ = other.size_;
    other.items_ = nullptr;
    other.size_ = 0;
    return *this;
  }

  // `size` items: those that were there, then zeros. False if there is no memory.
  bool resize(size_t size) {
    T *items = static_cast<T *>(allocate_array(size > 0 ? size : 1, sizeof(T)));
    if (items == nullptr) return false;
    const size_t kept = size < size_ ? size : size_;
    if (kept > 0) memcpy(static_cast<void *>(items), items_, kept * sizeof(T));
    memset(static_cast<void *>(items + kept), 0, (size - kept) * sizeof(T));
    release(items_);
    items_ = items;
    size_ = size;
    return true;
  }

  size_t size() const { return size_; }
  size_t bytes() const { return size_ * sizeof(T); }
  T *data() { return items_; }
  const T *data() const { return items_; }
  T &operator[](size_t i) { return items_[i]; }
  const T &operator[](size_t i) const { return items_[i]; }
  T *begin() { return items_; }
  T *end() { return items_ + size_; }
  const T *begin() const { return items_; }
  const T *end() const { return items_ + size_; }

 private:
  T *items_ = nullptr;
  size_t size_ = 0;
};

}  // namespace elanus
