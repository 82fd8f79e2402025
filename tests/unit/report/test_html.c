/* Markup: nothing that people write gets out of its place. */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

static void escaped(const char *text, const char *expected)
{
    gr_text out = {0};
    gr_html_escape(&out, text);
    assert_string_equal(out.data != NULL ? out.data : "", expected);
    gr_text_free(&out);
}

static void texts_stay_texts(void **state)
{
    (void)state;
    escaped("", "");
    escaped("plain ü 鼠 🐁", "plain ü 鼠 🐁");
    escaped("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    escaped("\"onload='x'", "&quot;onload=&#39;x&#39;");
    escaped("]]>--></style>&amp;", "]]&gt;--&gt;&lt;/style&gt;&amp;amp;");
    escaped("a\x01\x1f\x7f"
            "b",
            "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
            "b");
    escaped("a\tb\nc", "a\tb\nc");
    escaped("right\xe2\x80\xaeleft\xe2\x81\xa6", "right\xef\xbf\xbdleft\xef\xbf\xbd"); /* an override, an isolate */
    escaped("\xef\xbf\xbf", "\xef\xbf\xbd");                                           /* no character of XML */
    escaped("\xff\xc3(\xed\xa0\x80\xe2\x82",
            "\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void written(const char *expected, gr_html *html)
{
    assert_false(html->text.failed);
    assert_string_equal(html->text.data, expected);
    gr_text_free(&html->text);
}

static void markup_takes_values(void **state)
{
    (void)state;
    gr_html html = {.level = 3, .prefix = "r2-"};
    gr_html_put(&html, "<%h id=\"%ix\" title=\"%t\">%s %d%%</%H>", "\"&", "<b>", 12LL);
    written("<h3 id=\"r2-x\" title=\"&quot;&amp;\"><bdi>&lt;b&gt;</bdi> 12%</h4>", &html);
    gr_html_put(&html, "%f %f %f %g %g %g %p", 0.5, -0.25, NAN, 1e-8, -1234.0, INFINITY, 0.1234);
    written("0.500 −0.250 – 1 × 10⁻⁸ −1.23 × 10³ – 12.3", &html);
    gr_html_put(&html, "%q, %q; %m", 0.0001, 0.04, "<i>%d</i>");
    written("p &lt; 0.001, p = 0.040; <i>%d</i>", &html);
    gr_html_real(&html.text, -0.0001, 3);
    written("0.000", &html);
}

static void bytes_are_base64(void **state)
{
    (void)state;
    static const char *const coded[] = {"data:x;base64,", "data:x;base64,Zg==", "data:x;base64,Zm8=", "data:x;base64,Zm9v",
                                        "data:x;base64,Zm9vYg=="};
    for (size_t n = 0; n < sizeof coded / sizeof coded[0]; n++) {
        gr_text out = {0};
        gr_html_data(&out, "x", "foob", n); /* RFC 4648, 10 */
        assert_string_equal(out.data, coded[n]);
        gr_text_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_stay_texts), cmocka_unit_test(markup_takes_values),
                                       cmocka_unit_test(bytes_are_base64)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
