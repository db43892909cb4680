// Support for the tests of flat indexes over any element.
#pragma once

#include "support.h"

inline FlatPointer open_element(uint32_t dim, elanus_metric metric, elanus_element element, uint32_t kernels) {
  elanus_flat *flat = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_flat_open(dim, metric, element, kernels, &flat));
  return FlatPointer(flat);
}

inline Result search_any(const FlatPointer &flat, const void *queries, uint32_t query_count, uint32_t k,
                         const std::vector<uint8_t> *alive, const elanus_range *range) {
  Result result{std::vector<uint32_t>(query_count), std::vector<uint32_t>(size_t(query_count) * k),
                std::vector<float>(size_t(query_count) * k)};
  EXPECT_EQ(ELANUS_OK, elanus_flat_search(flat.get(), queries, query_count, k, alive == nullptr ? nullptr : alive->data(),
                                          range, result.counts.data(), result.rows.data(), result.scores.data()));
  return result;
}
