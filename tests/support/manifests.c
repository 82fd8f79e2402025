#include "support/manifests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/text.h"
#include "support/folder.h"

void test_manifest(const char *text, const char *group, gr_manifest *m)
{
    gr_error err = {0};
    test_folder_text("m.csv", text);
    gr_manifest_options options = {.label = "label", .group = group, .skip_files = true};
    if (gr_manifest_load(test_in_folder("m.csv"), &options, m, &err) != GR_OK)
        fail_msg("%s", err.text);
}

void test_animals(int animals, int each, int classes, bool grouped, gr_manifest *m)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,label\n");
    for (int i = 0; i < animals * each; i++)
        gr_text_printf(&text, "i%d.png,rat%02d,%d\n", i, i / each, i % classes);
    assert_false(text.failed);
    test_manifest(text.data, grouped ? "animal" : NULL, m);
    gr_text_free(&text);
}

gr_split_scheme test_scheme(const char *name)
{
    for (int s = 0; s < GR_SPLIT_SCHEME_COUNT; s++)
        if (strcmp(gr_split_scheme_name((gr_split_scheme)s), name) == 0)
            return (gr_split_scheme)s;
    fail_msg("no scheme %s", name);
    return GR_SPLIT_COLUMN;
}
