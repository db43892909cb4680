// ListOrder: the lists of an index, the nearest to a query first. Sign codes of the centres rate them all; true
// distances are asked for a few at a time, as far as a search gets.
#pragma once

#include "base/array.h"
#include "index/ivf.h"
#include "quant/query.h"

namespace elanus {

class ListOrder {
 public:
  // For indexes of up to `list_count` lists. False if there is no memory.
  bool init(uint32_t list_count);
  uint32_t list_count() const { return uint32_t(order_.size()); }
  size_t bytes() const { return rough_.bytes() + distances_.bytes() + order_.bytes(); }

  // From here on the lists of `ivf`, by their distance to `query`, prepared, for scanning too. Both stay as they are as
  // long as lists are asked for. REQUIRES: this is as large as the index.
  void begin(const Ivf &ivf, const Query &query);
  // The next list, whose centre is at squared distance `*distance`. REQUIRES: fewer than all were asked for.
  uint32_t next(float *distance) {
    if (next_ == ordered_) order_more();
    const uint32_t list = uint32_t(order_[next_++]);
    *distance = distances_[list];
    return list;
  }

 private:
  void order_more();

  const Ivf *ivf_ = nullptr;
  const Query *query_ = nullptr;
  uint32_t next_ = 0;
  uint32_t ordered_ = 0;  // lists of order_ that are in order
  uint32_t drawn_ = 0;    // lists of order_ whose distance is known
  Array<float> rough_, distances_;
  Array<uint64_t> order_;
};

}  // namespace elanus
