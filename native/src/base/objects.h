// Objects: owns a block of default-constructed objects that hold resources of their own, which Array does not take.
// It never throws: who makes them learns whether there was memory.
#pragma once

#include <new>

#include "base/memory.h"

namespace elanus {

template <class T>
class Objects {
 public:
  Objects() = default;
  ~Objects() { clear(); }
  Objects(const Objects &) = delete;
  Objects &operator=(const Objects &) = delete;

  // `size` new objects in place of those that were there. False, and those stay, if there is no memory.
  bool make(uint32_t size) {
    T *items = static_cast<T *>(allocate_array(size, sizeof(T)));
    if (items == nullptr) return false;
    clear();
    items_ = items;
    for (; size_ < size; size_++) new (items_ + size_) T;
    return true;
  }
  void clear() {
    while (size_ > 0) items_[--size_].~T();
    release(items_);
    items_ = nullptr;
  }

  uint32_t size() const { return size_; }
  T &operator[](uint32_t i) { return items_[i]; }
  T *begin() { return items_; }
  T *end() { return items_ + size_; }

 private:
  T *items_ = nullptr;
  uint32_t size_ = 0;
};

}  // namespace elanus
