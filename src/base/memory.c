/* The one door to the system's allocator. With GR_HOSTILE_MEMORY, fresh memory that is not promised to be zero holds
 * garbage, so that a read of what was never written shows, and an arena gives each request a block of its own, so that a step
 * beyond it shows too. */
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef GR_HOSTILE_MEMORY
enum { LINE = 64, ARENA_BLOCK = 0, ARENA_ALIGN = 1 };
#else
enum { LINE = 64, ARENA_BLOCK = 64 * 1024, ARENA_ALIGN = 16 };
#endif

enum { HUGE_PAGE = 2 * 1024 * 1024, HUGE_FROM = 2 * HUGE_PAGE };

bool gr_mul_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool gr_add_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

void *gr_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (!gr_mul_size(count, size, &bytes))
        return NULL;
    return calloc(bytes > 0 ? bytes : 1, 1);
}

/* Large blocks ask for huge pages: kernels that walk many rows at once would wait for the translation of 4 KB pages, and
 * the processor fetches ahead within a page only. Where the system has none, the block is as good as any other. */
static void *aligned_block(size_t bytes)
{
    void *block = NULL;
    if (posix_memalign(&block, bytes >= HUGE_FROM ? HUGE_PAGE : LINE, bytes) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (bytes >= HUGE_FROM)
        madvise(block, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return block;
}

void *gr_alloc_aligned(size_t count, size_t size)
{
    size_t bytes;
    if (!gr_mul_size(count, size, &bytes) || !gr_add_size(bytes, LINE, &bytes))
        return NULL;
    bytes = bytes / LINE * LINE;
    void *block = aligned_block(bytes > 0 ? bytes : LINE);
#ifdef GR_HOSTILE_MEMORY
    if (block != NULL)
        memset(block, 0xff, bytes > 0 ? bytes : LINE); /* as floats: NaN */
#endif
    return block;
}

void *gr_realloc(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!gr_mul_size(count, size, &bytes))
        return NULL;
    return realloc(block, bytes > 0 ? bytes : 1);
}

char *gr_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = gr_alloc(size, 1);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void gr_free(void *block)
{
    free(block);
}

/* ---- arena: a list of blocks, newest first; only the newest has room ---- */

typedef struct block {
    struct block *next;
    size_t used, capacity;
    _Alignas(16) char bytes[];
} block;

struct gr_arena {
    block *newest;
};

gr_arena *gr_arena_create(void)
{
    return gr_alloc(1, sizeof(gr_arena));
}

void *gr_arena_alloc(gr_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (!gr_mul_size(count, size, &bytes) || !gr_add_size(bytes, ARENA_ALIGN - 1, &bytes))
        return NULL;
    bytes = bytes / ARENA_ALIGN * ARENA_ALIGN;
    block *b = arena->newest;
    if (b == NULL || b->capacity - b->used < bytes) {
        size_t capacity = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK, whole;
        if (!gr_add_size(capacity, sizeof(block), &whole))
            return NULL;
        b = gr_alloc(whole, 1);
        if (b == NULL)
            return NULL;
        b->capacity = capacity;
        b->next = arena->newest;
        arena->newest = b;
    }
    void *out = b->bytes + b->used;
    b->used += bytes;
    return out;
}

char *gr_arena_strndup(gr_arena *arena, const char *text, size_t length)
{
    size_t bytes;
    if (!gr_add_size(length, 1, &bytes))
        return NULL;
    char *copy = gr_arena_alloc(arena, bytes, 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *gr_arena_strdup(gr_arena *arena, const char *text)
{
    return gr_arena_strndup(arena, text, strlen(text));
}

char *gr_arena_join(gr_arena *arena, const char *a, const char *b, const char *c)
{
    size_t sizes[3] = {strlen(a), strlen(b), strlen(c)}, bytes = 1;
    for (int i = 0; i < 3; i++)
        if (!gr_add_size(bytes, sizes[i], &bytes))
            return NULL;
    char *text = gr_arena_alloc(arena, bytes, 1);
    if (text == NULL)
        return NULL;
    memcpy(text, a, sizes[0]);
    memcpy(text + sizes[0], b, sizes[1]);
    memcpy(text + sizes[0] + sizes[1], c, sizes[2]);
    return text;
}

char *gr_arena_printf(gr_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0)
        return NULL;
    char *text = gr_arena_alloc(arena, (size_t)length + 1, 1);
    if (text == NULL)
        return NULL;
    va_start(args, fmt);
    vsnprintf(text, (size_t)length + 1, fmt, args);
    va_end(args);
    return text;
}

void gr_arena_destroy(gr_arena *arena)
{
    if (arena == NULL)
        return;
    for (block *b = arena->newest; b != NULL;) {
        block *next = b->next;
        gr_free(b);
        b = next;
    }
    gr_free(arena);
}
