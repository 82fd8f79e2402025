/* Memory: the only door to the system's allocator, and arenas. */
#ifndef GR_BASE_MEMORY_H
#define GR_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "grimace/base.h"

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
/* The three texts behind each other: many of them are made, and printf is slow. */
char *gr_arena_join(gr_arena *arena, const char *a, const char *b, const char *c) GR_MUST_CHECK;
char *gr_arena_printf(gr_arena *arena, const char *fmt, ...) GR_PRINTF(2, 3) GR_MUST_CHECK;
void gr_arena_destroy(gr_arena *arena);

#endif
