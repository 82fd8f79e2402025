/* A config's manifest and split: sentences begin where the wrong key stands; who is in a manifest, in which group, and in which
 * part of a fold, with rows of other tables and without rows that are left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/check.h"
#include "grimace/config.h"
#include "grimace/open.h"
#include "grimace/split.h"
#include "support/folder.h"

/* Files that are there, and never decoded here. */
static int make_images(void **state)
{
    static const char *const images[] = {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"};
    if (test_folder_make(state) != 0)
        return 1;
    for (int i = 0; i < 6; i++)
        test_folder_text(images[i], images[i]);
    return 0;
}

static void write_table(void)
{
    test_folder_text("m.csv", "image,animal,pain\na.png,r1,no\n./a.png,r1,yes\n././a.png,r2,no\n./././a.png,r2,yes\n");
}

/* Opens manifest and split of a config with that text. */
static gr_status open_config(const char *text, gr_manifest *m, gr_split *split, int *positive, gr_error *err)
{
    gr_config *config;
    *err = (gr_error){0};
    *split = (gr_split){0};
    test_folder_text("c.yaml", text);
    if (gr_config_load(test_in_folder("c.yaml"), NULL, 0, &config, err) != GR_OK)
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
    write_table();
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
    snprintf(full, sizeof full, "%s", test_in_folder(begin));
    if (!gr_starts_with(err.text, full) || strstr(err.text, sentence) == NULL)
        fail_msg("got: %s\nnot: %s ... %s", err.text, full, sentence);
    gr_manifest_free(&m);
}

static void sentences_begin_with_the_configs_line(void **state)
{
    (void)state;
    write_table();
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

/* ---- rows of other tables, and rows that are left out ------------------------------------------------------------------- */

/* Opens manifest and split of a config with `keys` in its data section. */
static gr_status open_data(const char *keys, gr_manifest *m, gr_split *split, gr_error *err)
{
    char text[600];
    int positive;
    *m = (gr_manifest){0};
    snprintf(text, sizeof text, "data: {manifest: m.csv, label: pain, group: animal, %s}\n", keys);
    return open_config(text, m, split, &positive, err);
}

static void close_both(gr_manifest *m, gr_split *split)
{
    gr_split_free(split);
    gr_manifest_free(m);
}

static void refused(const char *keys, const char *sentence)
{
    gr_manifest m;
    gr_split split;
    gr_error err;
    assert_int_equal(open_data(keys, &m, &split, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
    close_both(&m, &split);
}

static void write_tables(void)
{
    test_folder_text("m.csv", "image,animal,pain,session\na.png,r1,0,s1\nb.png,r1,1,s1\nc.png,r2,0,s2\n./c.png,r2,1,s2\n");
    test_folder_text("x.csv", "pain,image,animal,box_x,box_y,box_w,box_h\n1,d.png,r1,1,2,3,4\n0,e.png,r0,,,,\n");
    test_folder_text("y.csv", "image,animal,pain\nf.png,r1,1\n");
}

static void extra_rows_only_train(void **state)
{
    (void)state;
    gr_manifest m;
    gr_split split;
    gr_error err;
    write_tables();
    if (open_data("extra_manifests: [x.csv, y.csv]", &m, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 7);
    assert_int_equal(m.extra_rows, 3);
    assert_int_equal(m.group_count, 5);
    assert_int_equal(m.extra_groups, 3);
    const char *const images[] = {"a.png", "b.png", "c.png", "./c.png", "x:d.png", "x:e.png", "y:f.png"};
    const char *const groups[] = {"r1", "r1", "r2", "r2", "x:r1", "x:r0", "y:r1"};
    const int labels[] = {0, 1, 0, 1, 1, 0, 1};
    for (int r = 0; r < 7; r++) {
        assert_string_equal(m.images[r], images[r]);
        assert_string_equal(m.group_names[m.groups[r]], groups[r]);
        assert_int_equal(m.labels[r], labels[r]);
        assert_true(gr_path_exists(m.paths[r]));
    }
    assert_string_equal(gr_manifest_cell(&m, 4, gr_manifest_column(&m, "animal")), "r1");
    assert_string_equal(gr_manifest_cell(&m, 4, gr_manifest_column(&m, "session")), "");
    assert_string_equal(m.session[0], "s1");
    assert_string_equal(m.session[6], "");
    assert_true(m.boxes[0].width == 0 && m.boxes[4].width == 3 && m.boxes[5].width == 0);
    assert_true(gr_ends_with(gr_manifest_file(&m, 3), "/m.csv"));
    assert_true(gr_ends_with(gr_manifest_file(&m, 5), "/x.csv"));
    assert_true(gr_ends_with(gr_manifest_file(&m, 6), "/y.csv"));
    assert_int_equal(m.lines[6], 2);
    assert_int_equal(split.rows, 7);
    assert_int_equal(split.fold_count, 2); /* r1 and r2: r1 of x.csv is another animal */
    for (int f = 0; f < 2; f++)
        for (int r = 0; r < 7; r++)
            assert_int_equal(gr_fold_part(&split.folds[f], r), r < 4 && m.groups[r] == f ? GR_PART_TEST : GR_PART_TRAIN);
    assert_int_equal(gr_split_verify(&split, &m, &err), GR_OK);
    gr_manifest own = gr_manifest_own(&m);
    assert_int_equal(own.rows, 4);
    assert_int_equal(own.group_count, 2);
    close_both(&m, &split);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    write_tables();
    refused("extra_manifests: [m.csv]", "m.csv:2: image: ");
    refused("extra_manifests: [m.csv]", "would train and be tested");
    refused("extra_manifests: [none.csv]", "none.csv");
    refused("extra_manifests: [x.csv], only: [animal=r3]", "c.yaml:1: data.only: no row of ");
    refused("only: [animal]", "is not COLUMN=VALUE");
    refused("only: [anmal=r1]", "did you mean animal?");
    test_folder_text("y.csv", "image,animal,pain\nf.png,r1,yes\n");
    refused("extra_manifests: [y.csv]", "y.csv:2: pain: 'yes' is not one of the classes: 0, 1");
    test_folder_text("y.csv", "image,animal,effect\nf.png,r1,1\n");
    refused("extra_manifests: [y.csv]", "data.label: there is no column pain in ");
    test_folder_text("y.csv", "image,pain\nf.png,1\n");
    refused("extra_manifests: [y.csv]", "data.group: there is no column animal in ");
    test_folder_text("m.csv", "image,animal,pain\na.png,r1,0\nb.png,r1,1\nc.png,x:r1,0\n./c.png,x:r1,1\n");
    refused("extra_manifests: [x.csv]", "the name x:r1 would stand for rows of ");
}

static void rows_are_left_out_and_drawn(void **state)
{
    (void)state;
    gr_manifest m, again;
    gr_split split, other;
    gr_error err;
    test_folder_text("m.csv", "image,animal,pain,day,mood\na.png,r1,0,1,x\nb.png,r1,1,1,\n./b.png,r1,0,1,\nc.png,r2,0,2,\n"
                        "d.png,r3,1,1,\ne.png,r3,0,1,\nf.png,r4,1,1,\n./f.png,r4,0,1,\n");
    if (open_data("only: [day=1, mood=]", &m, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 6);
    assert_string_equal(m.images[0], "b.png");
    assert_int_equal(m.lines[2], 6);
    assert_int_equal(m.group_count, 3); /* r2 has no row left */
    assert_int_equal(split.fold_count, 3);
    close_both(&m, &split);
    if (open_data("only: [day=1], at_most: 6", &m, &split, &err) != GR_OK ||
        open_data("only: [day=1], at_most: 6", &again, &other, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 6);
    for (int r = 0; r < 6; r++)
        assert_string_equal(m.images[r], again.images[r]);
    for (int r = 1; r < 6; r++)
        assert_true(m.lines[r] > m.lines[r - 1]);
    close_both(&m, &split);
    close_both(&again, &other);
    if (open_data("at_most: 100", &m, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 8);
    close_both(&m, &split);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_config_names_columns_classes_and_scheme),
        cmocka_unit_test(sentences_begin_with_the_configs_line),
        cmocka_unit_test(extra_rows_only_train),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(rows_are_left_out_and_drawn),
    };
    return cmocka_run_group_tests(tests, make_images, test_folder_remove);
}
