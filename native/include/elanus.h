/* elanus.h - the one door into the core.
**
** WebAssembly, Node-API, tests and fuzzers all enter here, and nothing else is exported. For every function:
**
**   1. It returns an elanus_status; zero is success. Outputs are written only on success.
**   2. It does no I/O, starts no thread, reads no clock, draws no randomness, keeps no global state.
**   3. Pointers in are borrowed for the call and aligned for their type. An index belongs to the caller, who
**      returns it with its _close.
**   4. Two threads may use two indexes at once, never one index, except that searches may share one.
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

#define ELANUS_ABI_VERSION 1u
#define ELANUS_DIM_MAX 32768u
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
  ELANUS_COSINE = 3  /* score = cosine similarity, descending; a zero vector scores 0 */
};

ELANUS_API uint32_t elanus_abi_version(void);
/* What a status means, a static string. */
ELANUS_API const char *elanus_status_text(elanus_status status);

/* Memory that a caller on the other side of a wall (WebAssembly) can fill. 64-byte aligned. NULL if there is none. */
ELANUS_API void *elanus_alloc(size_t size_bytes);
ELANUS_API void elanus_free(void *memory);

/* Kernel sets that this machine can run, best first; the last is always "scalar". NULL beyond the last. */
ELANUS_API const char *elanus_kernels_name(uint32_t position);

/* Flat index: exact search over f32 vectors that the index copies. Rows are numbered from 0 in order of appending. */
typedef struct elanus_flat elanus_flat;

/* dim 1..ELANUS_DIM_MAX. `kernels` is a position of elanus_kernels_name; 0 is the best. */
ELANUS_API elanus_status elanus_flat_open(uint32_t dim, elanus_metric metric, uint32_t kernels, elanus_flat **out);
ELANUS_API void elanus_flat_close(elanus_flat *flat);
ELANUS_API uint32_t elanus_flat_size(const elanus_flat *flat);
/* Makes room for `count` more rows, so that appending them cannot fail for lack of memory. */
ELANUS_API elanus_status elanus_flat_reserve(elanus_flat *flat, uint32_t count);
/* `vectors` is count x dim, row-major. At most 2^31 - 1 rows in all. */
ELANUS_API elanus_status elanus_flat_append(elanus_flat *flat, const float *vectors, uint32_t count);
/* Copies rows first .. first + count to `out` (count x dim). */
ELANUS_API elanus_status elanus_flat_read(const elanus_flat *flat, uint32_t first, uint32_t count, float *out);

/* Best `k` rows (1..ELANUS_K_MAX) of each of `query_count` queries (query_count x dim), best first, equal scores by
** row number. Row i takes part if bit i of `alive` (byte i >> 3, bit i & 7; ceil(size / 64) * 8 bytes) is set; all
** take part if `alive` is NULL. A score that is NaN is worse than every other.
** Query q: counts[q] rows at rows[q * k ..], their scores at scores[q * k ..]. */
ELANUS_API elanus_status elanus_flat_search(const elanus_flat *flat, const float *queries, uint32_t query_count,
                                            uint32_t k, const uint8_t *alive, uint32_t *counts, uint32_t *rows,
                                            float *scores);
/* Bytes that the index holds. */
ELANUS_API size_t elanus_flat_bytes(const elanus_flat *flat);

/* Builder: from the rows of a flat index, of a kind, to the bytes of an index file (docs/format.md). */
typedef struct elanus_builder elanus_builder;

/* Values are stored in index files: do not change them. */
typedef uint32_t elanus_kind;
enum {
  ELANUS_GRAPH = 1 /* searched by 4-bit codes */
};

/* `rows` holds at least one row, and neither changes nor is closed before the builder. `rows_sha256` (32 bytes) names
** the file that the rows are from. The same rows and seed give the same bytes, however the steps are cut. */
ELANUS_API elanus_status elanus_builder_open(const elanus_flat *rows, elanus_kind kind, uint32_t seed,
                                             const uint8_t *rows_sha256, uint32_t kernels, elanus_builder **out);
ELANUS_API void elanus_builder_close(elanus_builder *builder);
/* Works for about `pairs` comparisons of two rows (5 to 40 ns each); *done is 1 after the last step. After an error
** the builder is only good to be closed. */
ELANUS_API elanus_status elanus_builder_step(elanus_builder *builder, uint32_t pairs, uint32_t *done);
/* After the last step: the file, which belongs to the builder. */
ELANUS_API elanus_status elanus_builder_bytes(const elanus_builder *builder, const uint8_t **bytes, size_t *size_bytes);

/* Index: an index file, opened. Any number of threads may share it; each searches by a searcher of its own. */
typedef struct elanus_index elanus_index;

/* Copies what it needs of `bytes`, which are untrusted and 64-byte aligned. */
ELANUS_API elanus_status elanus_index_open(const uint8_t *bytes, size_t size_bytes, uint32_t kernels, elanus_index **out);
/* Not before its searchers are closed. */
ELANUS_API void elanus_index_close(elanus_index *index);
/* Bytes that the index holds. */
ELANUS_API size_t elanus_index_bytes(const elanus_index *index);

/* Searcher: what searches by one thread write to. */
typedef struct elanus_searcher elanus_searcher;
#define ELANUS_EF_MAX 32768u

/* `rows` are the full vectors of the index, for exact scores; both outlive the searcher. ELANUS_INVALID if dimension,
** metric or number of rows are not those of the index. `ef_max` is 1..ELANUS_EF_MAX. */
ELANUS_API elanus_status elanus_searcher_open(const elanus_index *index, const elanus_flat *rows, uint32_t ef_max,
                                              elanus_searcher **out);
ELANUS_API void elanus_searcher_close(elanus_searcher *searcher);
/* As elanus_flat_search, approximately: of the rows nearest by their codes `ef` are kept (at least k; beyond ef_max
** the search is exact), and the best `rerank` of them (at least k) are scored exactly. If k rows take part, k are found. */
ELANUS_API elanus_status elanus_searcher_search(elanus_searcher *searcher, const float *queries, uint32_t query_count,
                                                uint32_t k, uint32_t ef, uint32_t rerank, const uint8_t *alive,
                                                uint32_t *counts, uint32_t *rows, float *scores);
/* Searches for rows of the index, each as if it were not there, which tells what parameters give for queries that are
** no rows. `selves` are row_count rows, in the index; ef is k..ef_max. Answers are as those of elanus_searcher_search. */
ELANUS_API elanus_status elanus_searcher_search_rows(elanus_searcher *searcher, const uint32_t *selves,
                                                     uint32_t row_count, uint32_t k, uint32_t ef, uint32_t rerank,
                                                     uint32_t *counts, uint32_t *rows, float *scores);
/* What the searches so far cost: rows expanded, codes read, vectors read, queries answered by an exact scan. */
ELANUS_API void elanus_searcher_cost(const elanus_searcher *searcher, uint64_t cost[4]);

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

#ifdef __cplusplus
}
#endif
#endif /* ELANUS_H */
