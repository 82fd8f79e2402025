/* How a page looks: contrast computed from its own style, and a policy that names its own script. */
#include "report/html_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static char *page;

static int make(void **state)
{
    (void)state;
    gr_html html = {0};
    gr_html_begin(&html, "<title>");
    gr_html_end(&html);
    page = html.text.data;
    return html.text.failed;
}

static int drop(void **state)
{
    (void)state;
    gr_free(page);
    return 0;
}

/* The relative luminance of WCAG 2.1. */
static double luminance(const char *colour)
{
    unsigned long rgb = strtoul(colour + 1, NULL, 16);
    double sum = 0.0;
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    assert_int_equal(colour[0], '#');
    for (int c = 0; c < 3; c++) {
        double v = (double)(rgb >> (16 - 8 * c) & 255) / 255.0;
        sum += weights[c] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static const char *colour_of(const char *scheme, const char *name)
{
    char word[32];
    snprintf(word, sizeof word, "--%s:", name);
    const char *at = strstr(scheme, word);
    assert_non_null(at);
    return at + strlen(word);
}

static void check_contrast(const char *scheme)
{
    static const char *const letters[] = {"ink", "soft", "accent", "good", "bad"}, *const grounds[] = {"paper", "panel"};
    for (int l = 0; l < 5; l++)
        for (int g = 0; g < 2; g++) {
            double a = luminance(colour_of(scheme, letters[l])), b = luminance(colour_of(scheme, grounds[g]));
            double contrast = (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
            if (!(contrast >= 4.5))
                fail_msg("%s on %s: %.2f", letters[l], grounds[g], contrast);
        }
}

static void text_can_be_read(void **state)
{
    (void)state;
    const char *light = strstr(page, ":root{"), *dark = strstr(page, "prefers-color-scheme:dark"),
               *paper = strstr(page, "@media print");
    assert_true(light != NULL && dark != NULL && paper != NULL);
    check_contrast(light);
    check_contrast(dark);
    check_contrast(paper);
    assert_string_not_equal(colour_of(light, "paper"), colour_of(dark, "paper"));
}

static void nothing_is_loaded(void **state)
{
    (void)state;
    static const char *const never[] = {"@import", "@font-face", "url(", "<link", "http://", "src="};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        const char *at = strstr(page, never[i]);
        if (at != NULL && strncmp(at, "http://www.w3.org/1999/xhtml", 28) != 0)
            fail_msg("the page has %s", never[i]);
    }
    assert_non_null(strstr(page, "default-src &#39;none&#39;"));
    assert_non_null(strstr(page, "<title>&lt;title&gt;</title>"));
}

static void the_policy_names_the_script(void **state)
{
    (void)state;
    const char *begin = strstr(page, "<script>") + 8, *end = strstr(page, "</script>");
    char hash[GR_SHA256_ROOM];
    unsigned char bytes[32];
    gr_text expected = {0};
    gr_sha256(begin, (size_t)(end - begin), hash);
    for (int i = 0; i < 32; i++) {
        const char pair[3] = {hash[2 * i], hash[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    gr_html_data(&expected, "", bytes, 32);
    assert_non_null(strstr(page, strchr(expected.data, ',') + 1));
    for (const char *at = begin; at < end; at++)
        assert_true(*at != '<' && *at != '&'); /* XML and HTML read it alike */
    gr_text_free(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_can_be_read), cmocka_unit_test(nothing_is_loaded),
                                       cmocka_unit_test(the_policy_names_the_script)};
    return cmocka_run_group_tests(tests, make, drop);
}
