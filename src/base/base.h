/* The ground floor: memory, random numbers, threads, strings and files. Knows nothing of tensors, images or config keys.
 * Only this folder calls the system's allocator. */
#ifndef GR_BASE_PRIVATE_H
#define GR_BASE_PRIVATE_H

#include <stdbool.h>
#include <stdio.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* ---- memory (memory.c) -------------------------------------------------------------------------------------------- */

/* `count * size` bytes, zeroed; the product is checked for overflow. NULL when it overflows or memory is short. The
 * caller frees it with gr_free. A zero product gives a valid, unique pointer. */
void *gr_alloc(size_t count, size_t size) GR_MUST_CHECK;
/* Like gr_alloc, aligned to 64 bytes (a cache line, and the widest vector). Contents are not zeroed. */
void *gr_alloc_aligned(size_t count, size_t size) GR_MUST_CHECK;
/* Grows or shrinks `block` (from gr_alloc, or NULL) to count * size bytes; NULL leaves `block` as it was. */
void *gr_realloc(void *block, size_t count, size_t size) GR_MUST_CHECK;
/* GIVES (gr_free) a copy of `text`; NULL when memory is short. */
char *gr_strdup(const char *text) GR_MUST_CHECK;
/* Frees a block of gr_alloc, gr_alloc_aligned or gr_realloc; NULL is fine. */
void gr_free(void *block);
/* true when a * b or a + b fits size_t; the result goes to *out. */
bool gr_mul_size(size_t a, size_t b, size_t *out) GR_MUST_CHECK;
bool gr_add_size(size_t a, size_t b, size_t *out) GR_MUST_CHECK;

/* A bump allocator: many small objects with one common end of life. */
typedef struct gr_arena gr_arena;
gr_arena *gr_arena_create(void) GR_MUST_CHECK;
/* Zeroed, 16-byte aligned; lives until gr_arena_destroy. NULL when memory is short. */
void *gr_arena_alloc(gr_arena *arena, size_t count, size_t size) GR_MUST_CHECK;
char *gr_arena_strdup(gr_arena *arena, const char *text) GR_MUST_CHECK;
char *gr_arena_strndup(gr_arena *arena, const char *text, size_t length) GR_MUST_CHECK;
char *gr_arena_printf(gr_arena *arena, const char *fmt, ...) GR_PRINTF(2, 3) GR_MUST_CHECK;
void gr_arena_destroy(gr_arena *arena);

/* ---- random numbers (random.c) ------------------------------------------------------------------------------------- */

/* What a random stream is for: part of its key, so that two uses never share numbers. Append, never reorder: the numbers
 * are part of what makes an old run reproducible. */
typedef enum gr_purpose {
    GR_FOR_INIT = 1,
    GR_FOR_SHUFFLE,
    GR_FOR_AUGMENT,
    GR_FOR_DROPOUT,
    GR_FOR_SPLIT,
    GR_FOR_BALANCE,
    GR_FOR_SYNTH,
    GR_FOR_BOOTSTRAP,
    GR_FOR_TEST,
    GR_FOR_SWEEP,
    GR_FOR_ROWS
} gr_purpose;

/* Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a pure function of key and counter,
 * hence the same on every machine and with any number of threads. */
typedef struct gr_rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    int used; /* numbers of `block` already handed out */
} gr_rng;

/* One block of four numbers for a key and a counter. */
void gr_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);
/* The stream for (seed, purpose, a, b), for example a = epoch and b = sample. */
gr_rng gr_rng_make(uint64_t seed, gr_purpose purpose, uint32_t a, uint64_t b);
uint32_t gr_rng_u32(gr_rng *rng);
/* Uniform in [0, 1) with 24 bits (float) or 53 bits (double). */
float gr_rng_float(gr_rng *rng);
double gr_rng_double(gr_rng *rng);
/* Uniform in [0, bound); bound > 0; no modulo bias. */
uint64_t gr_rng_below(gr_rng *rng, uint64_t bound);
/* Normal with mean 0 and standard deviation 1 (Box-Muller). */
double gr_rng_normal(gr_rng *rng);
/* Fisher-Yates shuffle of items[count]. */
void gr_rng_shuffle(gr_rng *rng, int64_t *items, size_t count);

/* ---- threads (threads.c) -------------------------------------------------------------------------------------------- */

/* Sets how many threads gr_parallel_for uses; 0: all cores the process may run on. */
void gr_threads_set(int count);
int gr_threads_get(void);
/* Calls fn(ctx, index, thread) once for each index in [0, count), each thread taking one contiguous range; returns when
 * all are done. `thread` in [0, gr_threads_get()) names a private scratch. Do not nest: a call from within fn runs
 * serially, as thread 0. Results must not depend on which thread ran an index. */
void gr_parallel_for(int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx);

/* ---- strings (strings.c) -------------------------------------------------------------------------------------------- */

/* The word of words[count] nearest to `word` by edit distance (a swap of neighbours counts one), or NULL when none is near
 * enough to be what was meant. */
const char *gr_nearest(const char *word, const char *const *words, size_t count);
/* true when text[length] is valid UTF-8 (no overlong forms, surrogates or NUL). */
bool gr_utf8_valid(const char *text, size_t length);
/* How many bytes the blank at the beginning of `text` has, or the one before `end` (not before `text`), 0 where there is none: a
 * space, tab or line end, a no-break or narrow one, the byte-order mark; UTF-8. Never fails. */
size_t gr_blank(const char *text);
size_t gr_blank_before(const char *text, const char *end);
bool gr_starts_with(const char *text, const char *prefix);
bool gr_ends_with(const char *text, const char *suffix);
/* Strict number parsing: the whole of `text`, in the C locale, finite; false when it is not one. */
bool gr_parse_double(const char *text, double *out) GR_MUST_CHECK;
bool gr_parse_int64(const char *text, int64_t *out) GR_MUST_CHECK;


/* ---- hashing (hash.c) ------------------------------------------------------------------------------------------------ */

/* FNV-1a over bytes (Fowler, Noll and Vo), to be chained: start with hash 0. Never fails. */
uint64_t gr_hash(uint64_t hash, const void *bytes, size_t size);
/* The same over the bytes of `text` without its NUL. */
uint64_t gr_hash_text(uint64_t hash, const char *text);

/* ---- lists of strings (names.c) --------------------------------------------------------------------------------------- */

/* GIVES (gr_free) the order that sorts names[count] by their bytes, equal names in their order; NULL when memory is short.
 */
int64_t *gr_names_sort(const char *const *names, int64_t count) GR_MUST_CHECK;
/* The index of `name` in names[count], sorted by `order`; -1 when it is not there. Never fails. */
int64_t gr_names_find(const char *const *names, const int64_t *order, int64_t count, const char *name);
/* Puts names that are all numbers ("7", "-3", "012", "2.5") in the order of their values, equal ones in that of their bytes; leaves
 * others as they are. Never fails. */
void gr_names_by_value(const char **names, int64_t count);
/* GIVES (gr_free) a number for each of names[count], equal for equal names, from 0 in the order in which they appear first;
 * *different: how many. NULL when memory is short. */
int64_t *gr_names_number(const char *const *names, int64_t count, int64_t *different) GR_MUST_CHECK;

/* ---- files (files.c) ------------------------------------------------------------------------------------------------- */

/* Reads a whole regular file of at most `limit` bytes; gives *data (gr_free) with a NUL behind the last byte.
 * Fails: GR_INVALID (absent, not a regular file, larger than limit, unreadable), GR_NOMEM. */
gr_status gr_file_read(const char *path, size_t limit, char **data, size_t *size, gr_error *err) GR_MUST_CHECK;
/* Writes a file so that `path` holds either its old content or all of the new one, whatever happens: temporary file in the
 * same folder, fsync, rename, fsync of the folder. Fails: GR_INVALID (its folder absent or not
 * writable, `path` a folder), GR_IO. */
gr_status gr_file_write(const char *path, const void *data, size_t size, gr_error *err) GR_MUST_CHECK;
/* The same in pieces: begin, any number of writes to `stream`, then commit or abort. */
typedef struct gr_atomic_file {
    FILE *stream;
    char *path, *temporary;
} gr_atomic_file;
gr_status gr_atomic_begin(gr_atomic_file *file, const char *path, gr_error *err) GR_MUST_CHECK;
gr_status gr_atomic_commit(gr_atomic_file *file, gr_error *err) GR_MUST_CHECK;
void gr_atomic_abort(gr_atomic_file *file);
/* Makes a folder and its parents; fine when it exists. Fails: GR_INVALID. */
gr_status gr_make_folders(const char *path, gr_error *err) GR_MUST_CHECK;
bool gr_path_exists(const char *path);
bool gr_is_folder(const char *path);
/* Path arithmetic; each gives a new string (gr_free), NULL when memory is short. gr_path_join returns `name` alone when it
 * is absolute. gr_path_folder("a/b.c") is "a", of "b.c" ".". */
char *gr_path_join(const char *folder, const char *name) GR_MUST_CHECK;
char *gr_path_folder(const char *path) GR_MUST_CHECK;
/* Seconds since some fixed moment, monotonic. */
double gr_seconds(void);

#endif
