/* elanus.h - the one door into the core.
**
** WebAssembly, Node-API, tests and fuzzers all enter here, and nothing else is exported. For every function:
**
**   1. It returns an elanus_status; zero is success. Outputs are written only on success.
**   2. It does no I/O, starts no thread, reads no clock, draws no randomness, keeps no global state.
**   3. Pointers in are borrowed for the call and aligned for their type. An index belongs to the caller, who
**      returns it with its _close.
**   4. Two threads may use two handles at once, never one, except that searches share a flat index, searchers an index,
**      and elanus_builder_work runs in several for one builder.
*/
#ifndef ELANUS_H
#define ELANUS_H

#include <stddef.h>
#include <stdint.h>

#ifndef ELANUS_API
#define ELANUS_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define ELANUS_ABI_VERSION 3u
#define ELANUS_DIM_MAX 32768u
#define ELANUS_BINARY_DIM_MAX 262144u
#define ELANUS_K_MAX 16384u

typedef int32_t elanus_status;
enum {
  ELANUS_OK = 0,
  ELANUS_INVALID = 1,     /* an argument breaks the contract */
  ELANUS_NO_MEMORY = 2,   /* nothing changed */
  ELANUS_UNSUPPORTED = 3, /* this machine or build lacks what was asked for, or bytes are of a newer version */
  ELANUS_CORRUPT = 4      /* bytes are damaged, or not what they should be */
};

/* Values are stored in segments: do not change them. */
typedef uint32_t elanus_metric;
enum {
  ELANUS_L2 = 1,     /* score = squared Euclidean distance, ascending */
  ELANUS_IP = 2,     /* score = inner product, descending */
  ELANUS_COSINE = 3, /* score = cosine similarity, descending; a zero vector scores 0 */
  /* Of bit vectors alone. */
  ELANUS_HAMMING = 4, /* score = number of bits that differ, ascending */
  ELANUS_JACCARD = 5  /* score = 1 - |a & b| / |a | b|, ascending; 1 if neither has a bit set, as in Milvus */
};

/* What a vector is made of. Values are stored in segments: do not change them. */
typedef uint32_t elanus_element;
enum {
  ELANUS_BINARY_VECTOR = 100,   /* bits, 8 to a byte; in which order does not matter to the scores */
  ELANUS_FLOAT_VECTOR = 101,    /* float */
  ELANUS_FLOAT16_VECTOR = 102,  /* uint16_t, IEEE 754 binary16 */
  ELANUS_BFLOAT16_VECTOR = 103, /* uint16_t, the upper half of a float */
  ELANUS_INT8_VECTOR = 105      /* int8_t */
};

/* Scores that a search looks for. Distances (L2, HAMMING, JACCARD): range_filter <= score < radius; similarities (IP,
** COSINE): radius < score <= range_filter. Either may be infinite, neither NaN; no NaN score lies in a range. */
typedef struct elanus_range {
  float radius;
  float range_filter;
} elanus_range;

ELANUS_API uint32_t elanus_abi_version(void);
/* What a status means, a static string. */
ELANUS_API const char *elanus_status_text(elanus_status status);

/* Memory that a caller on the other side of a wall (WebAssembly) can fill. 64-byte aligned. NULL if there is none. */
ELANUS_API void *elanus_alloc(size_t size_bytes);
ELANUS_API void elanus_free(void *memory);

/* Checksums, continued from `seed`, that of what came before (0 at the start): CRC-32 of zlib, of Parquet and row sums, and
** CRC-32C (Castagnoli), of our own files. Not in WebAssembly, where JavaScript is as fast and the tables compress badly. */
#ifndef __wasm__
#define ELANUS_NATIVE_API ELANUS_API /* by another name: what begins with ELANUS_API is what the WebAssembly modules export */
ELANUS_NATIVE_API uint32_t elanus_crc32(uint32_t seed, const void *bytes, size_t size_bytes);
ELANUS_NATIVE_API uint32_t elanus_crc32c(uint32_t seed, const void *bytes, size_t size_bytes);
#endif

/* Kernel sets that this machine can run, best first; the last is always "scalar". NULL beyond the last. */
ELANUS_API const char *elanus_kernels_name(uint32_t position);

/* Flat index: exact search over vectors that the index copies. Rows are numbered from 0 in order of appending. */
typedef struct elanus_flat elanus_flat;

/* dim 1..ELANUS_DIM_MAX under L2, IP or COSINE; of bit vectors a multiple of 8 up to ELANUS_BINARY_DIM_MAX under
** HAMMING or JACCARD. Any other combination is ELANUS_INVALID. `kernels` is a position of elanus_kernels_name; 0 is
** the best. */
ELANUS_API elanus_status elanus_flat_open(uint32_t dim, elanus_metric metric, elanus_element element, uint32_t kernels,
                                          elanus_flat **out);
ELANUS_API void elanus_flat_close(elanus_flat *flat);
ELANUS_API uint32_t elanus_flat_size(const elanus_flat *flat);
/* Makes room for `count` more rows, so that appending them cannot fail for lack of memory. */
ELANUS_API elanus_status elanus_flat_reserve(elanus_flat *flat, uint32_t count);
/* `vectors` is count x dim of the element (of bits count x dim / 8 bytes), row-major. At most 2^31 - 1 rows in all. */
ELANUS_API elanus_status elanus_flat_append(elanus_flat *flat, const void *vectors, uint32_t count);
/* Copies rows first .. first + count to `out`, as they were appended. */
ELANUS_API elanus_status elanus_flat_read(const elanus_flat *flat, uint32_t first, uint32_t count, void *out);

/* Best `k` rows (1..ELANUS_K_MAX) of each of `query_count` queries, best first, equal scores by row number. Queries are
** query_count x dim floats whatever the rows are made of, but bit vectors are asked for by bit vectors. Row i takes
** part if bit i of `alive` (byte i >> 3, bit i & 7; ceil(size / 64) * 8 bytes) is set; all take part if `alive` is
** NULL. Of these, rows whose score lies in `range`; all if it is NULL. A score that is NaN is worse than every other.
** Query q: counts[q] rows at rows[q * k ..], their scores at scores[q * k ..]. */
ELANUS_API elanus_status elanus_flat_search(const elanus_flat *flat, const void *queries, uint32_t query_count,
                                            uint32_t k, const uint8_t *alive, const elanus_range *range,
                                            uint32_t *counts, uint32_t *rows, float *scores);
/* Bytes that the index holds. */
ELANUS_API size_t elanus_flat_bytes(const elanus_flat *flat);

/* Exact order of vectors that are in no index, such as those of candidates, read from where they are stored: `vectors` is
** count x dim of the element (not bits), row-major. Writes the positions of the best `k` (1..ELANUS_K_MAX), or of all if
** there are fewer, as elanus_flat_search does for one query of dim floats over a flat index of these rows, to the bit. */
ELANUS_API elanus_status elanus_rank(uint32_t dim, elanus_metric metric, elanus_element element, uint32_t kernels,
                                     const float *query, const void *vectors, uint32_t count, uint32_t k,
                                     uint32_t *found, uint32_t *positions, float *scores);

/* Values are stored in index files: do not change them. */
typedef uint32_t elanus_kind;
enum {
  ELANUS_GRAPH = 1, /* searched by a graph of the rows, and by lists */
  ELANUS_IVF = 2    /* searched by lists of near rows (an inverted file) */
};

/* What of an index file has come, or is wanted: each stage holds those before it. */
typedef uint32_t elanus_stage;
enum {
  ELANUS_STAGE_SCAN = 1,   /* lists of 1-bit codes: searches give answers */
  ELANUS_STAGE_REFINE = 2, /* and 4-bit codes: better ones */
  ELANUS_STAGE_GRAPH = 3   /* and the graph: sooner */
};

/* Builder: from the rows of a flat index to the bytes of index files (docs/format.md). */
typedef struct elanus_builder elanus_builder;

typedef struct {
  elanus_kind kind;
  uint32_t lists; /* of near rows, at most as many as rows are made; 0: as many as suit the number of rows */
  uint32_t seed;
  uint8_t rows_sha256[32]; /* names the file that the rows are from */
} elanus_build_options;

#define ELANUS_CALIBRATION_MAX 65536u

/* `rows` holds at least one row and no bits, and neither changes nor is closed before the builder. The same rows and
** options give the same bytes, however the steps are cut and whoever works. */
ELANUS_API elanus_status elanus_builder_open(const elanus_flat *rows, const elanus_build_options *options, uint32_t kernels,
                                             elanus_builder **out);
ELANUS_API void elanus_builder_close(elanus_builder *builder);
/* Works for about `pairs` comparisons of two rows (5 to 40 ns each); *done is 1 after the last step. After an error
** the builder is only good to be closed. */
ELANUS_API elanus_status elanus_builder_step(elanus_builder *builder, uint32_t pairs, uint32_t *done);

/* Instead of steps, for a caller with threads of its own: building goes by stages of tasks that do not need each other.
** _plan begins the next stage, which has *tasks tasks; none are left after the last. Then _work runs each of them once, in
** any order, in as many threads as there are `workers` (1 to ELANUS_WORKERS_MAX, always the same): of two calls at a time
** the worker, 0 to workers - 1, and the task differ. When all have returned it is time for the next _plan, which, as
** everything else, runs alone. ELANUS_INVALID if tasks are left, or after a step. The bytes are those that steps give. */
#define ELANUS_WORKERS_MAX 1024u
ELANUS_API elanus_status elanus_builder_plan(elanus_builder *builder, uint32_t workers, uint32_t *tasks);
ELANUS_API elanus_status elanus_builder_work(elanus_builder *builder, uint32_t worker, uint32_t task);
/* After the last step, as often as wanted: makes the file, of the kind that was built or of ELANUS_IVF. It holds
** `calibration`, 0 to ELANUS_CALIBRATION_MAX bytes of the caller's, which the core does not read. */
ELANUS_API elanus_status elanus_builder_write(elanus_builder *builder, elanus_kind kind, const uint8_t *calibration,
                                              uint32_t calibration_bytes);
/* The file last made, which belongs to the builder and holds until the next is made. */
ELANUS_API elanus_status elanus_builder_bytes(const elanus_builder *builder, const uint8_t **bytes, size_t *size_bytes);

/* Index: an index file, opened. Any number of threads may share it; each searches by a searcher of its own. */
typedef struct elanus_index elanus_index;

enum {
  ELANUS_AS_IVF = 1, /* passes over the graph, if there is one */
  ELANUS_PARTIAL = 2 /* the bytes are the beginning of the file, at least to the end of ELANUS_STAGE_SCAN */
};

/* Copies what it needs of `bytes`, which are untrusted and 64-byte aligned. `flags`: a sum of the above. */
ELANUS_API elanus_status elanus_index_open(const uint8_t *bytes, size_t size_bytes, uint32_t flags, uint32_t kernels,
                                           elanus_index **out);
/* Not before its searchers are closed. */
ELANUS_API void elanus_index_close(elanus_index *index);

typedef struct {
  elanus_kind kind;   /* how it is searched: ELANUS_GRAPH if the graph is there and was not passed over */
  elanus_stage stage;
  uint32_t lists;
  uint32_t rows;
  uint32_t dim;
  elanus_metric metric;
  elanus_element element;
  uint8_t rows_sha256[32];
} elanus_index_about;

ELANUS_API elanus_status elanus_index_info(const elanus_index *index, elanus_index_about *out);
/* What elanus_builder_write was given, which belongs to the index; 0 bytes if it was nothing. */
ELANUS_API elanus_status elanus_index_calibration(const elanus_index *index, const uint8_t **bytes, size_t *size_bytes);
/* Bytes that the index holds. */
ELANUS_API size_t elanus_index_bytes(const elanus_index *index);

/* How much of an index file must be there for a stage: its first `*bytes`; or, with *more 1, so many are needed to tell.
** `head` is what is there, `head_bytes` of it, untrusted. ELANUS_INVALID if the file has no such stage. */
ELANUS_API elanus_status elanus_index_extent(const uint8_t *head, size_t head_bytes, elanus_stage stage, uint64_t *bytes,
                                             uint32_t *more);

/* Searcher: what searches by one thread write to. */
typedef struct elanus_searcher elanus_searcher;
#define ELANUS_EFFORT_MAX 32768u

/* `rows` are the full vectors of the index, for exact scores, or NULL: then answers are estimates. Both outlive the
** searcher. ELANUS_INVALID if dimension, metric, element or number of rows are not those of the index. `effort_max`, 1 to
** ELANUS_EFFORT_MAX, is how many rows a search may keep on its way. */
ELANUS_API elanus_status elanus_searcher_open(const elanus_index *index, const elanus_flat *rows, uint32_t effort_max,
                                              elanus_searcher **out);
ELANUS_API void elanus_searcher_close(elanus_searcher *searcher);

typedef struct {
  uint32_t k;      /* rows wanted, 1 to ELANUS_K_MAX */
  uint32_t effort; /* of a graph: rows kept on the way (ef), the nearest by their 4-bit codes; at least k are kept, but without a
                   ** filter only the nearest `effort` of them are followed; of an IVF: lists to
                   ** read (nprobe), more while fewer than k rows were found. 0: lists until `patience` ends it, of either kind */
  uint32_t keep;   /* of lists: rows kept by the first estimate, at least k */
  uint32_t rerank; /* rows scored exactly, at least k */
  float patience;  /* under a filter, or with effort 0: the weight of passing rows that are read after the last change among
                   ** the k best by the first estimate (index/patience.h); 0: the search does not stop early */
} elanus_request;

/* As elanus_flat_search, approximately. If k rows take part, k are found. With a k, effort of a graph or keep beyond
** effort_max the answers are exact; without rows that is ELANUS_INVALID. Without rows the best by their estimates are
** found, and scores are those that the estimates stand for: who holds the vectors elsewhere asks for as many as it will
** score, and ranks them. */
ELANUS_API elanus_status elanus_searcher_search(elanus_searcher *searcher, const float *queries, uint32_t query_count,
                                                const elanus_request *request, const uint8_t *alive, uint32_t *counts,
                                                uint32_t *rows, float *scores);
/* As elanus_searcher_search, of a searcher without rows, and of every score also the standard error, at errors[q * k ..]:
** the true score is within 1, 2 and 3 of them in 72, 97 and 99.8 of 100 cases. Who reads vectors in this order can
** stop when no score to come can be among the best. Infinite where only 1-bit codes have come. ELANUS_INVALID with rows. */
ELANUS_API elanus_status elanus_searcher_estimate(elanus_searcher *searcher, const float *queries, uint32_t query_count,
                                                  const elanus_request *request, const uint8_t *alive, uint32_t *counts,
                                                  uint32_t *rows, float *scores, float *errors);
/* Searches for rows of the index, each as if it were not there, which tells what a request gives for queries that are
** no rows. `selves` are row_count rows, in the index. ELANUS_INVALID without rows, or beyond effort_max. */
ELANUS_API elanus_status elanus_searcher_search_rows(elanus_searcher *searcher, const uint32_t *selves,
                                                     uint32_t row_count, const elanus_request *request,
                                                     uint32_t *counts, uint32_t *rows, float *scores);

/* What the searches so far cost. */
typedef struct {
  uint64_t hops;     /* rows of the graph expanded */
  uint64_t scored;   /* 4-bit codes read */
  uint64_t scanned;  /* 1-bit codes read */
  uint64_t lists;    /* lists read */
  uint64_t reranked; /* vectors read */
  uint64_t scans;    /* queries answered by looking at every vector */
} elanus_cost;
ELANUS_API void elanus_searcher_cost(const elanus_searcher *searcher, elanus_cost *cost);

/* Codes: beside a flat index that goes on growing, so that searching it takes a tenth of the time and reading. They are
** made behind the rows, in pieces; rows without codes are scored exactly. One thread at a time uses codes. */
typedef struct elanus_codes elanus_codes;

/* `rows` may grow at any time but not between threads, and is closed after the codes. */
ELANUS_API elanus_status elanus_codes_open(const elanus_flat *rows, uint32_t seed, uint32_t kernels, elanus_codes **out);
ELANUS_API void elanus_codes_close(elanus_codes *codes);
/* Works for about as long as coding `rows_max` rows takes (2 to 30 us each), or as for 1,000; *left is what
** remains in rows, 0 if there is nothing to do before more rows are appended. After ELANUS_NO_MEMORY the codes serve on. */
ELANUS_API elanus_status elanus_codes_update(elanus_codes *codes, uint32_t rows_max, uint32_t *left);
/* As elanus_flat_search, but rows are left out whose code says that they are worse than the k best by more than
** `deviations` (above 0; beyond 64 the search is exact) of the code's error. min(k, rows that take part) rows are found. */
ELANUS_API elanus_status elanus_codes_search(elanus_codes *codes, const float *queries, uint32_t query_count, uint32_t k,
                                             float deviations, const uint8_t *alive, uint32_t *counts, uint32_t *rows,
                                             float *scores);
/* The share of the true neighbours that such searches are expected to find, at least; 1 while they are exact. */
ELANUS_API float elanus_codes_recall(const elanus_codes *codes, float deviations);
/* What the searches so far cost: 1-bit codes read, vectors read for them, queries answered by an exact scan. */
ELANUS_API void elanus_codes_cost(const elanus_codes *codes, uint64_t cost[3]);
/* Bytes that the codes hold. */
ELANUS_API size_t elanus_codes_bytes(const elanus_codes *codes);

/* Sparse rows, and queries over them, come as compressed sparse rows (CSR): row i has the values values[j] at the
** indices indices[j] (its terms) for j = indptr[i] .. indptr[i + 1] - 1. `indptr` has one number more than there are
** rows, begins with 0 and does not descend. Indices of a row ascend; values are finite and not negative, and one of 0
** is as if absent. Anything else is ELANUS_INVALID. */

/* What the values of rows are. They are stored in index files: do not change these. */
typedef uint32_t elanus_sparse_weights;
enum {
  ELANUS_IMPACTS = 0,    /* the score of a row is the sum of products with the values of the query */
  ELANUS_FREQUENCIES = 1 /* of terms in a text, at most 2^24; rows also have lengths, in tokens: BM25 */
};

/* Sparse builder: from sparse rows to the bytes of an index file of kind sparse (docs/format.md). It takes 24 bytes a
** value while it works. The same rows give the same bytes. */
typedef struct elanus_sparse_builder elanus_sparse_builder;

ELANUS_API elanus_status elanus_sparse_builder_open(elanus_sparse_weights weights, elanus_sparse_builder **out);
ELANUS_API void elanus_sparse_builder_close(elanus_sparse_builder *builder);
/* `count` more rows, numbered on from those before; all or none of them. At most 2^31 - 1 rows and 2^32 - 1 values.
** `lengths` is one below 2^31 for each row with frequencies, NULL with impacts. */
ELANUS_API elanus_status elanus_sparse_builder_append(elanus_sparse_builder *builder, const uint32_t *indptr,
                                                      uint32_t count, const uint32_t *indices, const float *values,
                                                      const uint32_t *lengths);
/* Makes the file of at least one row, which belongs to the builder, whose last call it is. `rows_sha256` (32
** bytes) names the file that the rows are from. */
ELANUS_API elanus_status elanus_sparse_builder_finish(elanus_sparse_builder *builder, const uint8_t *rows_sha256,
                                                      const uint8_t **bytes, size_t *size_bytes);

/* Sparse index: a file of kind sparse, opened. It holds what its searches write to: only one thread at a time may use it. */
typedef struct elanus_sparse elanus_sparse;
#define ELANUS_SPARSE_TERMS_MAX 65536u

/* Copies what it needs of `bytes`, which are untrusted and 64-byte aligned. */
ELANUS_API elanus_status elanus_sparse_open(const uint8_t *bytes, size_t size_bytes, elanus_sparse **out);
ELANUS_API void elanus_sparse_close(elanus_sparse *index);
ELANUS_API uint32_t elanus_sparse_size(const elanus_sparse *index);
ELANUS_API elanus_sparse_weights elanus_sparse_weights_of(const elanus_sparse *index);

/* How frequencies make scores: a query's term adds value * (k1 + 1) * tf / (tf + k1 * (1 - b + b * length / average)),
** so BM25 where the value is the term's IDF times its count in the query. All of it may be that of many indexes. */
typedef struct {
  float k1;             /* 0 or more */
  float b;              /* 0 to 1 */
  float average_length; /* above 0 */
} elanus_bm25;

/* As elanus_flat_search under IP, of queries of up to ELANUS_SPARSE_TERMS_MAX terms; a row without a term of the query
** is no hit. `drop_ratio` 0 is exact. Else, 0 < drop_ratio < 1, that share of a query's terms, those of the smallest
** weights, need not find hits, which are still scored by all terms; under a finite range_filter all terms find. `bm25` is for
** frequencies, NULL for impacts. */
ELANUS_API elanus_status elanus_sparse_search(elanus_sparse *index, const uint32_t *indptr, uint32_t query_count,
                                              const uint32_t *indices, const float *values, uint32_t k, float drop_ratio,
                                              const elanus_bm25 *bm25, const uint8_t *alive, const elanus_range *range,
                                              uint32_t *counts, uint32_t *rows, float *scores);
/* Statistics of the rows whose bit is set in `alive`, or of all if it is NULL. For each of `count` terms how many rows have
** it, which of all rows takes no time; with frequencies how many rows have a length above 0, and the sum of lengths. */
ELANUS_API elanus_status elanus_sparse_having(const elanus_sparse *index, const uint32_t *terms, uint32_t count,
                                              const uint8_t *alive, uint32_t *having);
ELANUS_API elanus_status elanus_sparse_totals(const elanus_sparse *index, const uint8_t *alive, uint64_t totals[2]);
/* What the searches so far cost: values added up in whole lists, rows looked up one by one. */
ELANUS_API void elanus_sparse_cost(const elanus_sparse *index, uint64_t cost[2]);
/* Bytes that the index holds. */
ELANUS_API size_t elanus_sparse_bytes(const elanus_sparse *index);

#ifdef __cplusplus
}
#endif
#endif /* ELANUS_H */
