// Codes for the fuzzers: a quantizer of one centre, a query, and code records, all from the input, so that a searcher
// meets factors and queries of every kind.
#pragma once

#include "quant/query.h"
#include "support.h"

namespace fuzzing {

struct Codes {
  elanus::Quantizer quantizer;
  elanus::Query query;
  elanus::Array<uint8_t> records;  // 4-bit, of rows 0 .. count

  // False where this machine lacks the kernels drawn.
  bool init(Input &input, uint32_t count) {
    const elanus::CodeKernels *kernels = elanus::code_kernels_at(input.byte() % 4);
    if (kernels == nullptr) return false;
    const uint32_t dim = input.between(2, 40);
    MUST(quantizer.init(dim, input.between(ELANUS_L2, ELANUS_COSINE), input.byte(), kernels));
    MUST(quantizer.train({nullptr, nullptr, 0, dim}));
    records = input.array<uint8_t>(count * elanus::code4_bytes(quantizer.padded_dim()));
    MUST(query.init(quantizer));
    query.prepare(input.array<float>(dim).data());
    query.prepare_scan();
    return true;
  }
  elanus::CodeRows rows() const { return {records.data(), elanus::code4_bytes(quantizer.padded_dim())}; }
};

}  // namespace fuzzing
