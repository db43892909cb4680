// ListOrder: candidates whose rows are lists.
#include "index/list_order.h"

#include "index/candidate.h"

namespace elanus {
namespace {

// Lists put in order at a time, and how many more are looked at: rough distances are off by some places.
constexpr uint32_t kOrderStep = 16;
constexpr uint32_t kOrderAhead = 48;

}  // namespace

bool ListOrder::init(uint32_t list_count) {
  const size_t padded = (size_t(list_count) + kScanRows - 1) / kScanRows * kScanRows;
  return rough_.resize(padded) && distances_.resize(list_count) && order_.resize(list_count);
}

void ListOrder::begin(const Ivf &ivf, const Query &query) {
  ivf_ = &ivf;
  query_ = &query;
  next_ = ordered_ = drawn_ = 0;
  ivf.centre_scan().estimate(query, rough_.data());
  for (uint32_t i = 0; i < ivf.list_count(); i++) order_[i] = pack_candidate(rough_[i] + ivf.offsets()[i], i);
}

// The lists are put in order a few at a time, each time among so many more that are roughly the next.
void ListOrder::order_more() {
  uint64_t *order = order_.data();
  const uint32_t lists = ivf_->list_count();
  const uint32_t ahead = ordered_ + kOrderStep + kOrderAhead;
  const uint32_t drawn = (ahead < lists ? ahead : lists) - drawn_;
  if (drawn > 0) {
    select_smallest(order + drawn_, lists - drawn_, drawn);
    uint32_t ids[kOrderStep + kOrderAhead];
    float distances[kOrderStep + kOrderAhead];
    for (uint32_t i = 0; i < drawn; i++) ids[i] = uint32_t(order[drawn_ + i]);
    query_->distances_of(ivf_->centres(), ids, drawn, distances);
    for (uint32_t i = 0; i < drawn; i++) {
      distances_[ids[i]] = distances[i];
      order[drawn_ + i] = pack_candidate(distances[i] + ivf_->offsets()[ids[i]], ids[i]);
    }
    drawn_ += drawn;
  }
  const uint32_t left = drawn_ - ordered_;
  const uint32_t step = left < kOrderStep ? left : kOrderStep;
  select_smallest(order + ordered_, left, step);
  sort_packed(order + ordered_, step);
  ordered_ += step;
}

}  // namespace elanus
