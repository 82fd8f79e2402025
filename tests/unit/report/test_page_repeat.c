/* How to do it again, and with what it was done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static void it_is_all_there(void **state)
{
    (void)state;
    test_folder_text(
        "classes/about.json",
        "{\"command\": \"grimace cv 'a<b.yaml' --out x\", \"grimace\": \"9.8.7\", \"compiler\": \"12\", \"libraries\": "
        "{\"OpenBLAS\": \"OpenBLAS 0.3\", \"zlib\": \"1.2\"}, \"instruction_set\": \"avx2\", \"processor\": \"P\", "
        "\"threads\": 4, \"began\": \"2026-01-02T03:04:05Z\", \"ended\": \"2026-01-02T05:04:06Z\", \"seconds\": 7262.4, "
        "\"manifests\": [{\"file\": \"m.csv\", \"sha256\": \"abc123\"}], \"sessions\": [{}, {}]}");
    static const char *const words[] = {"<pre>grimace cv &#39;a&lt;b.yaml&#39; --out x</pre>",
                                        "/config.yaml --out again</pre>",
                                        "<pre>name: made\n",
                                        "<bdi>9.8.7</bdi>",
                                        "<bdi>avx2</bdi>",
                                        "<dt>Threads</dt><dd>4</dd>",
                                        "2 h 1 min",
                                        "<bdi>m.csv</bdi>, SHA-256 <code>abc123</code>",
                                        "OpenBLAS 0.3; zlib 1.2",
                                        "2: it was stopped and went on"};
    gr_text part = test_page_part("classes", gr_put_repeat);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        test_text_says(&part, words[i]);
    gr_text_free(&part);
}

/* Who began it stands first; seconds that leave out workers and the killed are no duration. */
static void helpers_do_not_pass_for_makers(void **state)
{
    (void)state;
    test_folder_text("classes/about.json",
                     "{\"command\": \"grimace work x\", \"seconds\": 0.02, \"sessions\": [{\"command\": \"grimace train c.yaml\", "
                     "\"ended\": null}, {\"command\": \"grimace work x\", \"ended\": \"2026-01-02T05:04:06Z\"}]}");
    gr_text part = test_page_part("classes", gr_put_repeat);
    test_text_says(&part, "<p>It was made by</p>\n<pre>grimace train c.yaml</pre>\n<p>and ended by</p>\n<pre>grimace work x</pre>");
    test_text_says(&part, "instruction set:</p>\n<pre>grimace train ");
    assert_null(strstr(part.data, "<dt>Duration</dt>"));
    gr_text_free(&part);
}

static void home_has_no_name(void **state)
{
    (void)state;
    const char *home = getenv("HOME");
    char text[600];
    if (home == NULL || strlen(home) < 2)
        skip();
    snprintf(text, sizeof text,
             "name: made\ndata: {manifest: %s/m.csv, label: pain, group: animal, classes: [a, b, c, d]} # %sly\n", home,
             home);
    test_folder_text("many/config.yaml", text);
    gr_text part = test_page_part("many", gr_put_repeat);
    test_text_says(&part, "{manifest: ~/m.csv, label");
    snprintf(text, sizeof text, "# %sly", home);
    test_text_says(&part, text);
    gr_text_free(&part);
}

static void what_is_not_known_is_said(void **state)
{
    (void)state;
    gr_text part = test_page_part("many", gr_put_repeat);
    test_text_says(&part, "There is no about.json");
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_all_there), cmocka_unit_test(helpers_do_not_pass_for_makers),
                                       cmocka_unit_test(home_has_no_name),
                                       cmocka_unit_test(what_is_not_known_is_said)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
