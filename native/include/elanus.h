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
  ELANUS_UNSUPPORTED = 3  /* this machine or build lacks what was asked for */
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

#ifdef __cplusplus
}
#endif
#endif /* ELANUS_H */
