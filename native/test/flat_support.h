// Support for the tests of flat indexes over any element.
#pragma once

#include <cstring>

#include "kernels/element.h"
#include "support.h"

constexpr elanus_element kTypedElements[] = {ELANUS_FLOAT16_VECTOR, ELANUS_BFLOAT16_VECTOR, ELANUS_INT8_VECTOR};

template <class Value>
std::vector<uint8_t> bytes_as(const std::vector<float> &values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(Value));
  for (size_t i = 0; i < values.size(); i++) {
    Value value;
    elanus::store_value(values[i], &value);
    memcpy(bytes.data() + i * sizeof(Value), &value, sizeof(Value));
  }
  return bytes;
}

// The nearest values of the element.
inline std::vector<uint8_t> bytes_of(elanus_element element, const std::vector<float> &values) {
  switch (element) {
    case ELANUS_FLOAT16_VECTOR: return bytes_as<elanus::F16>(values);
    case ELANUS_BFLOAT16_VECTOR: return bytes_as<elanus::Bf16>(values);
    case ELANUS_INT8_VECTOR: return bytes_as<int8_t>(values);
    default: return bytes_as<float>(values);
  }
}

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
