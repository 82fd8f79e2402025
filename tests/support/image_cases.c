#include "support/image_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"

bool test_image_case(char **at, const char *end, test_image_given *g)
{
    if (*at == end)
        return false;
    int used = 0;
    assert_int_equal(sscanf(*at, "%63s %d %d %zu %d %d %zu%n", g->name, &g->in_w, &g->in_h, &g->in_size, &g->out_w,
                            &g->out_h, &g->out_size, &used),
                     7);
    g->in = (const uint8_t *)*at + used + 1;
    g->out = g->in + g->in_size;
    *at += (size_t)used + 1 + g->in_size + g->out_size;
    assert_true(*at <= end);
    return true;
}

char *test_image_cases(const char *path, char **end)
{
    gr_error err = {0};
    char *data;
    size_t size;
    if (gr_file_read(path, 1 << 20, &data, &size, &err) != GR_OK)
        fail_msg("%s", err.text);
    *end = data + size;
    return data;
}

int test_image_difference(const test_image_given *g, const gr_image *image)
{
    if (image->width != g->out_w || image->height != g->out_h)
        fail_msg("%s: is %d x %d, must be %d x %d", g->name, image->width, image->height, g->out_w, g->out_h);
    int worst = 0;
    for (size_t i = 0; i < g->out_size; i++) {
        int difference = abs(image->pixels[i] - g->out[i]);
        worst = difference > worst ? difference : worst;
    }
    return worst;
}
