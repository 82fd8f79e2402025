/* Memory: products that overflow, alignment, arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void test_alloc(void **state)
{
    (void)state;
    size_t out;
    assert_true(gr_mul_size(SIZE_MAX / 4, 4, &out) && !gr_mul_size(SIZE_MAX / 2, 3, &out));
    assert_true(gr_add_size(SIZE_MAX - 1, 1, &out) && !gr_add_size(SIZE_MAX, 1, &out));
    assert_null(gr_alloc(SIZE_MAX / 2, 3));
    assert_null(gr_alloc_aligned(SIZE_MAX / 2, 3));
    assert_null(gr_alloc_aligned(SIZE_MAX, 1));
    void *nothing = gr_alloc(0, 8), *nothing_aligned = gr_alloc_aligned(0, 8);
    assert_true(nothing != NULL && nothing_aligned != NULL);
    gr_free(nothing);
    gr_free(nothing_aligned);
    gr_free(NULL);

    unsigned char *zeros = gr_alloc(100, 7);
    assert_non_null(zeros);
    for (int i = 0; i < 700; i++)
        assert_int_equal(zeros[i], 0);
    assert_null(gr_realloc(zeros, SIZE_MAX / 2, 3));
    zeros[699] = 5; /* a refused growth leaves the block */
    zeros = gr_realloc(zeros, 2000, 1);
    assert_non_null(zeros);
    assert_int_equal(zeros[699], 5);
    gr_free(zeros);
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *block = gr_alloc_aligned(size, 1);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 64, 0);
        memset(block, 1, size);
        gr_free(block);
    }
}

static void test_arena(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    assert_non_null(arena);
    unsigned char *blocks[400];
    for (size_t i = 0; i < 400; i++) {
        size_t size = i % 50 == 49 ? 100000 : i + 1; /* some larger than the arena's own blocks */
        blocks[i] = gr_arena_alloc(arena, size, 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 400; i++)
        assert_int_equal(blocks[i][i], i % 251);
    assert_null(gr_arena_alloc(arena, SIZE_MAX / 2, 3));
    assert_null(gr_arena_alloc(arena, SIZE_MAX - 3, 1));
    assert_null(gr_arena_strndup(arena, "", SIZE_MAX));
    assert_string_equal(gr_arena_strdup(arena, "word"), "word");
    assert_string_equal(gr_arena_strndup(arena, "word", 2), "wo");
    assert_string_equal(gr_arena_printf(arena, "%s %d", "n", 7), "n 7");
    assert_string_equal(gr_arena_join(arena, "a/", "", "b"), "a/b");
    gr_arena_destroy(arena);
    gr_arena_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
