/* Any bytes become a line of characters that XML and a font can take. */
#include <string.h>

#include "image/letters.h"
#include "support/support.h"

static void expect(const char *text, const char *clean)
{
    gr_text out = {0};
    gr_letters_clean(text, &out);
    assert_string_equal(out.data != NULL ? out.data : "", clean);
    gr_text_free(&out);
}

static void bytes_become_characters(void **state)
{
    (void)state;
    expect("", "");
    expect("rat <1> & \"2\"", "rat <1> & \"2\"");
    expect("a\nb\tc\rd\x01", "a b c d ");
    expect("\xc3\xa9\xe4\xb8\xad\xf0\x9f\x90\x80", "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x90\x80");
    expect("\xff", "\xef\xbf\xbd");
    expect("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"); /* too long a form */
    expect("\xed\xa0\x80!", "\xef\xbf\xbd!");       /* half of a pair */
    expect("\xe4\xb8", "\xef\xbf\xbd\xef\xbf\xbd"); /* cut off */
    expect("\xef\xbf\xbf", "\xef\xbf\xbd");         /* no character of XML */
    expect("\xc2\x85\xe2\x80\xa8x", "  x");         /* ends of lines */
    expect("\xf4\x90\x80\x80", "\xef\xbf\xbd");     /* beyond the last one */
}

/* Every code point comes back, and what is made of any two bytes is valid UTF-8. */
static void all_characters_come_back(void **state)
{
    (void)state;
    for (uint32_t letter = 0x20; letter < 0x110000; letter += letter < 0x3000 ? 1 : 97) {
        gr_text out = {0};
        gr_letter_put(&out, letter);
        const char *at = out.data;
        bool none = (letter >= 0xd800 && letter < 0xe000) || (letter & 0xfffe) == 0xfffe;
        bool blank = (letter >= 0x7f && letter < 0xa0) || letter == 0x2028 || letter == 0x2029;
        assert_int_equal(gr_letter_next(&at, out.data + out.size), none ? 0xfffd : blank ? ' ' : letter);
        assert_ptr_equal(at, out.data + out.size);
        gr_text_free(&out);
    }
    for (int i = 1; i < 65536; i += 7) {
        char text[3] = {(char)(i & 255), (char)(i >> 8), '\0'};
        gr_text out = {0};
        gr_letters_clean(text, &out);
        assert_true(out.size == 0 || gr_utf8_valid(out.data, out.size));
        gr_text_free(&out);
    }
}

static void bold_is_wider(void **state)
{
    (void)state;
    for (uint32_t letter = '0'; letter <= 'z'; letter++)
        if (letter != '^' && letter != '_' && letter != '<' && letter != '=' && letter != '>' && letter != '@' &&
            letter != '`')
            assert_true(gr_letter_width(letter, true) > gr_letter_width(letter, false));
    assert_true(gr_letter_width('i', false) < gr_letter_width('W', false));
    assert_true(gr_letter_width(0x301, false) == 0.0);
    assert_true(gr_letter_width(0x4e2d, false) == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_become_characters), cmocka_unit_test(all_characters_come_back),
                                       cmocka_unit_test(bold_is_wider)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
