/* The system gives a block of its own pages to what is large; that of a picture comes from the heap once it is told so. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/memory_keep.h"

/* Memory checkers count no blocks: there it passes. */
static void pictures_come_from_the_heap(void **state)
{
    (void)state;
    gr_memory_keep();
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    size_t before = mallinfo2().hblks;
    void *picture = gr_alloc(1 << 20, 1);
    assert_non_null(picture);
    assert_int_equal(mallinfo2().hblks, before);
    gr_free(picture);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pictures_come_from_the_heap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
