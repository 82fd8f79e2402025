#include "support/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/image.h"

bool test_look_agrees(test_look *look, const void *bytes, size_t size)
{
    int width = 0, height = 0;
    bool good = look(bytes, size, &width, &height);
    gr_image image = {0};
    gr_error err = {0};
    gr_status status = good ? gr_image_decode(bytes, size, "x", &image, &err) : GR_OK;
    if (status != GR_OK)
        fail_msg("the look calls good what is refused: %s", err.text);
    assert_true(!good || (image.width == width && image.height == height));
    gr_image_free(&image);
    return good;
}

void test_look_refuses_parts(test_look *look, const void *bytes, size_t size)
{
    for (size_t cut = 0; cut < size; cut++) {
        /* of its own, so that a byte read behind the end is met */
        void *part = gr_alloc(cut > 0 ? cut : 1, 1);
        assert_non_null(part);
        memcpy(part, bytes, cut);
        if (test_look_agrees(look, part, cut))
            fail_msg("good after %zu of %zu bytes", cut, size);
        gr_free(part);
    }
}
