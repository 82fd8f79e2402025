/* Motion JPEG in AVI: sizes, index and rate as the format's description has them; FFmpeg reads it in tests/cli. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "video/avi_write.h"

static uint32_t get32(const gr_text *film, size_t at)
{
    const uint8_t *p = (const uint8_t *)film->data + at;
    assert_true(at + 4 <= film->size);
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t find(const gr_text *film, const char *name, size_t from)
{
    for (size_t i = from; i + 4 <= film->size; i++)
        if (memcmp(film->data + i, name, 4) == 0)
            return i;
    fail_msg("no %s", name);
    return 0;
}

static void chunks_and_index_agree(void **state)
{
    (void)state;
    const uint8_t *frames[3] = {(const uint8_t *)"abc", (const uint8_t *)"defg", (const uint8_t *)"h"};
    const size_t size[3] = {3, 4, 1};
    gr_text film = {0};
    gr_error err = {0};
    assert_int_equal(gr_avi_encode(frames, size, 3, 64, 48, 5000, 1000, &film, &err), GR_OK);
    assert_memory_equal(film.data, "RIFF", 4);
    assert_int_equal(get32(&film, 4), film.size - 8);
    size_t main = find(&film, "avih", 0), stream = find(&film, "strh", 0), movi = find(&film, "movi", 0);
    assert_int_equal(get32(&film, main + 8), 200000); /* microseconds a frame */
    assert_int_equal(get32(&film, main + 8 + 16), 3);
    assert_int_equal(get32(&film, main + 8 + 32), 64);
    assert_int_equal(get32(&film, main + 8 + 36), 48);
    assert_int_equal(get32(&film, stream + 8 + 20), 1000);
    assert_int_equal(get32(&film, stream + 8 + 24), 5000);
    size_t index = find(&film, "idx1", movi);
    assert_int_equal(get32(&film, movi - 4), index - movi);
    assert_int_equal(get32(&film, index + 4), 48);
    for (size_t i = 0; i < 3; i++) {
        size_t chunk = movi + get32(&film, index + 8 + 16 * i + 8);
        assert_memory_equal(film.data + chunk, "00dc", 4);
        assert_int_equal(get32(&film, chunk + 4), size[i]);
        assert_memory_equal(film.data + chunk + 8, frames[i], size[i]);
        assert_int_equal(chunk % 2, movi % 2);
    }
    gr_text_free(&film);
}

static void nothing_is_no_film(void **state)
{
    (void)state;
    gr_text film = {0};
    gr_error err = {0};
    assert_int_equal(gr_avi_encode(NULL, NULL, 0, 64, 48, 5, 1, &film, &err), GR_INVALID);
    const uint8_t *frame = NULL;
    size_t huge = (size_t)1 << 31;
    assert_int_equal(gr_avi_encode(&frame, &huge, 1, 64, 48, 5, 1, &film, &err), GR_INVALID);
    assert_int_equal(film.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chunks_and_index_agree), cmocka_unit_test(nothing_is_no_film)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
