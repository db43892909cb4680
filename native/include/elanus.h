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

/* `rows` holds at least one row, and neither changes nor is closed before the builder. The same rows and options give the
** same bytes, however the steps are cut and whoever works. */
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
** searcher. ELANUS_INVALID if dimension, metric or number of rows are not those of the index. `effort_max`, 1 to
** ELANUS_EFFORT_MAX, is how many rows a search may keep on its way. */
ELANUS_API elanus_status elanus_searcher_open(const elanus_index *index, const elanus_flat *rows, uint32_t effort_max,
                                              elanus_searcher **out);
ELANUS_API void elanus_searcher_close(elanus_searcher *searcher);

typedef struct {
  uint32_t k;      /* rows wanted, 1 to ELANUS_K_MAX */
  uint32_t effort; /* of a graph: rows kept on the way (ef), the nearest by their 4-bit codes, at least k; of an IVF: lists to
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

#ifdef __cplusplus
}
#endif
#endif /* ELANUS_H */
