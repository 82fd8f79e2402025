/* A config's manifest and split: sentences begin where the wrong key stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/config.h"
#include "grimace/open.h"
#include "grimace/split.h"

static char folder[] = "/tmp/grimace-open-XXXXXX";
static char path[100];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    gr_error err = {0};
    assert_int_equal(gr_file_write(in_folder(name), text, strlen(text), &err), GR_OK);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    write_text("a.png", "never decoded here");
    write_text("m.csv", "image,animal,pain\na.png,r1,no\n./a.png,r1,yes\n././a.png,r2,no\n./././a.png,r2,yes\n");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    const char *const names[] = {"a.png", "m.csv", "c.yaml"};
    for (int i = 0; i < 3; i++)
        unlink(in_folder(names[i]));
    return rmdir(folder);
}

/* Opens manifest and split of a config with that text. */
static gr_status open_config(const char *text, gr_manifest *m, gr_split *split, int *positive, gr_error *err)
{
    gr_config *config;
    *err = (gr_error){0};
    *split = (gr_split){0};
    write_text("c.yaml", text);
    if (gr_config_load(in_folder("c.yaml"), NULL, 0, &config, err) != GR_OK)
        fail_msg("%s", err->text);
    gr_status status = gr_manifest_open(config, m, err);
    if (status == GR_OK)
        status = gr_manifest_positive(m, config, positive, err);
    if (status == GR_OK)
        status = gr_split_open(config, m, split, err);
    gr_config_destroy(config);
    return status;
}

static void the_config_names_columns_classes_and_scheme(void **state)
{
    (void)state;
    gr_manifest m;
    gr_split split;
    gr_error err;
    int positive;
    const char *text = "data:\n  manifest: m.csv\n  label: pain\n  group: animal\n  classes: [yes, no]\n  positive: yes\n"
                       "split: {scheme: leave_one_group_out}\n";
    if (open_config(text, &m, &split, &positive, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(positive, 0);
    assert_int_equal(m.labels[0], 1);
    assert_int_equal(split.fold_count, 2);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void refuses(const char *text, const char *begin, const char *sentence)
{
    gr_manifest m = {0};
    gr_split split;
    gr_error err;
    int positive;
    assert_int_equal(open_config(text, &m, &split, &positive, &err), GR_INVALID);
    char full[200];
    snprintf(full, sizeof full, "%s/%s", folder, begin);
    if (!gr_starts_with(err.text, full) || strstr(err.text, sentence) == NULL)
        fail_msg("got: %s\nnot: %s ... %s", err.text, full, sentence);
    gr_manifest_free(&m);
}

static void sentences_begin_with_the_configs_line(void **state)
{
    (void)state;
    refuses("data:\n  label: pain\n", "c.yaml", "data.manifest: ");
    refuses("data:\n  manifest: m.csv\n  label: pian\n", "c.yaml:3: data.label: ", "did you mean pain?");
    refuses("data:\n  manifest: m.csv\n  label: pain\n  group: rat\n", "c.yaml:4: data.group: ", "its columns are image, ");
    refuses("data:\n  manifest: m.csv\n  label: pain\n  positive: 1\n", "c.yaml:4: data.positive: ", "no, yes");
    refuses("data:\n  manifest: m.csv\n  label: pain\n  classes: [no, ja]\n", "m.csv:3: pain: ", "'yes' is not one");
    refuses("data:\n  manifest: m.csv\n  label: pain\n  group: animal\nsplit:\n  scheme: stratified_kfold\n  folds: 2\n",
            "c.yaml:6: split.scheme: ", "stratified_group_kfold");
    refuses("data:\n  manifest: m.csv\n  label: pain\nsplit:\n  scheme: stratified_kfold\n  folds: 3\n",
            "c.yaml:6: split.folds: ", "3 is more than the 2 images");
    refuses("data:\n  manifest: absent.csv\n  label: pain\n", "absent.csv", "cannot be opened");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_config_names_columns_classes_and_scheme),
        cmocka_unit_test(sentences_begin_with_the_configs_line),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
