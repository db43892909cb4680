// Fuzzer: stored lists that may say anything. What can be opened can be searched, whatever the request, by blocks or,
// where these name every row once, without them.
#include "codes.h"
#include "index/ivf_search.h"
#include "index/list_search.h"

using elanus::Array;

static constexpr uint32_t kRowsMax = 200;
static constexpr uint32_t kListsMax = 12;
static constexpr uint32_t kKeepMax = 50;

static void search_without_blocks(elanus::Ivf *ivf, const elanus::CodeRows &codes, const elanus::IvfRequest &request) {
  if (ivf->drop_blocks() != ELANUS_OK) return;
  elanus::ListScratch scratch;
  MUST(scratch.init(ivf->list_count(), kKeepMax));
  elanus::ListSearch search(*ivf, codes, &scratch);
  elanus::ListRequest by_codes = {request.query, request.k, request.scan_keep, request.patience};
  by_codes.alive = request.alive;
  by_codes.absent = request.absent;
  search.run(by_codes);
  uint32_t passing = 0;
  for (uint32_t row = 0; row < ivf->row_count(); row++) {
    passing += row != request.absent && (request.alive == nullptr || (request.alive[row >> 3] >> (row & 7) & 1) != 0);
  }
  const uint32_t kept = request.scan_keep > request.k ? request.scan_keep : request.k;
  MUST(search.found_count() >= (passing < request.k ? passing : request.k) && search.found_count() <= kept);
  for (uint32_t i = 0; i < search.found_count(); i++) {
    const uint32_t row = search.found()[i].row;
    MUST(row < ivf->row_count() && row != request.absent);
    MUST(request.alive == nullptr || (request.alive[row >> 3] >> (row & 7) & 1) != 0);
  }
}

FUZZ(input) {
  const uint32_t row_count = input.between(0, kRowsMax);
  fuzzing::Codes codes;
  if (!codes.init(input, row_count)) return;
  const uint32_t padded_dim = codes.quantizer.padded_dim(), lists = input.between(0, kListsMax);
  // For most inputs lists of the sizes drawn, so that what is behind the checks is reached.
  Array<uint32_t> begins = input.array<uint32_t>(lists + 1);
  uint32_t blocks = input.between(0, kListsMax);
  if (input.byte() % 8 != 0) {
    for (uint32_t i = 0; i <= lists; i++) {
      const uint32_t before = i == 0 ? 0 : begins[i - 1];
      begins[i] = i == 0 ? 0 : i == lists ? row_count : before + begins[i] % (row_count - before + 1);
    }
    blocks = (row_count + elanus::kScanRows - 1) / elanus::kScanRows;
  }
  const bool is_filtered = input.byte() % 2 == 0;
  const Array<uint8_t> alive = input.array<uint8_t>((row_count + 63) / 64 * 8);
  elanus::IvfRequest request = {&codes.query, input.between(1, kKeepMax), input.between(0, kListsMax + 1),
                                input.between(1, kKeepMax), input.between(0, kKeepMax)};
  request.patience = float(input.byte()) / 16;
  if (is_filtered) request.alive = alive.data();
  if (input.byte() % 2 == 0) request.absent = input.byte();
  const Array<uint8_t> centres = input.array<uint8_t>(lists * elanus::code7_bytes(padded_dim));
  Array<uint8_t> content = input.array<uint8_t>(blocks * elanus::scan_block_bytes(padded_dim));
  if (input.byte() % 2 == 0) {
    for (uint32_t slot = 0; slot < row_count && slot < blocks * elanus::kScanRows; slot++) {
      const uint32_t row = row_count - 1 - slot;
      uint8_t *block = content.data() + slot / elanus::kScanRows * elanus::scan_block_bytes(padded_dim);
      memcpy(block + elanus::scan_row_at(padded_dim) + slot % elanus::kScanRows * sizeof(row), &row, sizeof(row));
    }
  }

  elanus::Ivf ivf;
  if (ivf.open({centres.data(), reinterpret_cast<const uint8_t *>(begins.data()), content.data(), centres.bytes(),
                begins.bytes(), content.bytes()}, row_count, codes.quantizer) != ELANUS_OK) return;
  elanus::IvfScratch scratch;
  MUST(scratch.init(ivf.list_count(), kKeepMax));
  elanus::IvfSearch search(ivf, input.byte() % 2 == 0 ? codes.rows() : elanus::CodeRows{nullptr, 0}, &scratch);
  search.run(request);
  MUST(search.found_count() <= kKeepMax);
  for (uint32_t i = 0; i < search.found_count(); i++) {
    const uint32_t row = search.found()[i].row;
    MUST(row < row_count && row != request.absent && (!is_filtered || fuzzing::is_alive(alive, row)));
  }
  search_without_blocks(&ivf, codes.rows(), request);
}
