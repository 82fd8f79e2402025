/* What a sample answers is what a search answers about the same window, to the bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/visit.h"
#include "fitting/samples.h"
#include "unit/fitting/scenes.h"

typedef struct seen {
    gr_patches patches;
    int64_t room;
} seen;

static gr_status keep(void *ctx, const gr_visited *window, gr_error *err)
{
    seen *s = ctx;
    (void)err;
    if (s->patches.count < s->room)
        gr_visited_pixels(window, s->patches.pixels + s->patches.count++ * s->patches.width * s->patches.height);
    return GR_OK;
}

/* Of all windows of a picture, those pass that a search finds: counted, and as many of the found ones pass. */
static void answers_as_a_search(void **state)
{
    (void)state;
    const char *names[] = {"haar", "tilted", "lbp"};
    scenes s;
    gr_error err = {0};
    gr_grey grey = {0};
    make_scenes(&s);
    assert_int_equal(read_scene(&s, 0, &grey, &err), GR_OK);
    for (int i = 0; i < 3; i++) {
        char path[80];
        gr_cascade c;
        snprintf(path, sizeof path, "tests/parity/detect/%s.xml", names[i]);
        if (gr_cascade_read(path, &c, &err) != GR_OK)
            fail_msg("%s", err.text);
        gr_detect_options o = {.scale = 1.1};
        enum { ROOM = 20000 };
        gr_cascade_stage nothing = {.threshold = -1};
        gr_cascade all = {.kind = c.kind, .width = c.width, .height = c.height, .stage_count = 1, .stages = &nothing};
        size_t size = (size_t)c.width * (size_t)c.height;
        seen found = {{c.width, c.height, 0, gr_alloc(ROOM, size)}, ROOM},
             any = {{c.width, c.height, 0, gr_alloc(ROOM, size)}, ROOM};
        int64_t looked = 0;
        assert_int_equal(gr_cascade_visit(&c, &grey, &o, keep, &found, &looked, &err), GR_OK);
        assert_int_equal(gr_cascade_visit(&all, &grey, &o, keep, &any, NULL, &err), GR_OK);
        assert_true(looked > 1000);
        assert_true(found.patches.count > 10);
        gr_samples samples;
        bool *pass = gr_alloc(2 * ROOM, sizeof *pass);
        memset(pass, 1, 2 * ROOM);
        assert_int_equal(gr_samples_make(c.kind, i == 1, &found.patches, &any.patches, &samples, &err), GR_OK);
        assert_int_equal(gr_samples_pass(&samples, &c, 0, pass, NULL, &err), GR_OK);
        int64_t passed[2] = {0, 0};
        for (int64_t p = 0; p < samples.count; p++)
            passed[p >= samples.positives] += pass[p];
        assert_int_equal(passed[0], found.patches.count);
        assert_true(passed[1] >= found.patches.count); /* a search leaves some windows out */
        assert_true(passed[1] < any.patches.count);
        gr_samples_free(&samples);
        gr_free(pass);
        gr_patches_free(&found.patches);
        gr_patches_free(&any.patches);
        gr_cascade_free(&c);
    }
    gr_grey_free(&grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_as_a_search)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
