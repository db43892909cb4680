// Sparse file: an index file of kind sparse around the image of a sparse index: docs/format.md, section 9. Index files
// and sparse indexes are neighbours that do not know each other, so they meet here.
#pragma once

#include "base/array.h"
#include "elanus.h"
#include "sparse/sparse_index.h"

namespace elanus {

// The file that holds `image`, over as many rows. REQUIRES: image is that of a builder of `weights`, over at least one row;
// rows_sha256 is 32 bytes. ELANUS_NO_MEMORY.
elanus_status write_sparse_file(const Array<uint8_t> &image, SparseWeights weights, uint32_t rows, const uint8_t *rows_sha256, Array<uint8_t> *file);

// Copies the image out of a file's bytes, which are untrusted and 64-byte aligned, and opens it over the copy.
// ELANUS_CORRUPT; ELANUS_UNSUPPORTED: of another kind, metric or version; ELANUS_NO_MEMORY.
elanus_status read_sparse_file(const uint8_t *bytes, size_t size_bytes, Array<uint8_t> *image, SparseIndex *index);

}  // namespace elanus
