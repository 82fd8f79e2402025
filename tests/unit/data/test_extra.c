/* Rows of other tables, and rows that are left out: who is in a manifest, in which group, and in which part of a fold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/check.h"
#include "grimace/config.h"
#include "grimace/open.h"
#include "grimace/split.h"

static char folder[] = "/tmp/grimace-extra-XXXXXX";
static char path[100];
static const char *const files[] = {"a.png", "b.png", "c.png", "d.png", "e.png",
                                    "f.png", "m.csv", "x.csv", "y.csv", "c.yaml"};
enum { FILES = sizeof files / sizeof files[0] };

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
    for (int i = 0; i < 6; i++)
        write_text(files[i], files[i]);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++)
        unlink(in_folder(files[i]));
    return rmdir(folder);
}

/* Opens manifest and split of a config with `keys` in its data section. */
static gr_status open_config(const char *keys, gr_manifest *m, gr_split *split, gr_error *err)
{
    gr_config *config;
    char text[600];
    *err = (gr_error){0};
    *m = (gr_manifest){0};
    *split = (gr_split){0};
    snprintf(text, sizeof text, "data: {manifest: m.csv, label: pain, group: animal, %s}\n", keys);
    write_text("c.yaml", text);
    if (gr_config_load(in_folder("c.yaml"), NULL, 0, &config, err) != GR_OK)
        fail_msg("%s", err->text);
    gr_status status = gr_manifest_open(config, m, err);
    if (status == GR_OK)
        status = gr_split_open(config, m, split, err);
    gr_config_destroy(config);
    return status;
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
    assert_int_equal(open_config(keys, &m, &split, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
    close_both(&m, &split);
}

static void write_tables(void)
{
    write_text("m.csv", "image,animal,pain,session\na.png,r1,0,s1\nb.png,r1,1,s1\nc.png,r2,0,s2\n./c.png,r2,1,s2\n");
    write_text("x.csv", "pain,image,animal,box_x,box_y,box_w,box_h\n1,d.png,r1,1,2,3,4\n0,e.png,r0,,,,\n");
    write_text("y.csv", "image,animal,pain\nf.png,r1,1\n");
}

static void extra_rows_only_train(void **state)
{
    (void)state;
    gr_manifest m;
    gr_split split;
    gr_error err;
    write_tables();
    if (open_config("extra_manifests: [x.csv, y.csv]", &m, &split, &err) != GR_OK)
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
            assert_int_equal(split.folds[f].parts[r], r < 4 && m.groups[r] == f ? GR_PART_TEST : GR_PART_TRAIN);
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
    write_text("y.csv", "image,animal,pain\nf.png,r1,yes\n");
    refused("extra_manifests: [y.csv]", "y.csv:2: pain: 'yes' is not one of the classes: 0, 1");
    write_text("y.csv", "image,animal,effect\nf.png,r1,1\n");
    refused("extra_manifests: [y.csv]", "data.label: there is no column pain in ");
    write_text("y.csv", "image,pain\nf.png,1\n");
    refused("extra_manifests: [y.csv]", "data.group: there is no column animal in ");
    write_text("m.csv", "image,animal,pain\na.png,r1,0\nb.png,r1,1\nc.png,x:r1,0\n./c.png,x:r1,1\n");
    refused("extra_manifests: [x.csv]", "the name x:r1 would stand for rows of ");
}

static void rows_are_left_out_and_drawn(void **state)
{
    (void)state;
    gr_manifest m, again;
    gr_split split, other;
    gr_error err;
    write_text("m.csv", "image,animal,pain,day,mood\na.png,r1,0,1,x\nb.png,r1,1,1,\n./b.png,r1,0,1,\nc.png,r2,0,2,\n"
                        "d.png,r3,1,1,\ne.png,r3,0,1,\nf.png,r4,1,1,\n./f.png,r4,0,1,\n");
    if (open_config("only: [day=1, mood=]", &m, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 6);
    assert_string_equal(m.images[0], "b.png");
    assert_int_equal(m.lines[2], 6);
    assert_int_equal(m.group_count, 3); /* r2 has no row left */
    assert_int_equal(split.fold_count, 3);
    close_both(&m, &split);
    if (open_config("only: [day=1], at_most: 6", &m, &split, &err) != GR_OK ||
        open_config("only: [day=1], at_most: 6", &again, &other, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 6);
    for (int r = 0; r < 6; r++)
        assert_string_equal(m.images[r], again.images[r]);
    for (int r = 1; r < 6; r++)
        assert_true(m.lines[r] > m.lines[r - 1]);
    close_both(&m, &split);
    close_both(&again, &other);
    if (open_config("at_most: 100", &m, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 8);
    close_both(&m, &split);
}

/* The pictures here are none, which is found in every table. */
static void extra_tables_are_checked(void **state)
{
    (void)state;
    gr_config *config;
    gr_check check;
    gr_error err = {0};
    int in_main = 0, in_extra = 0;
    write_tables();
    write_text("y.csv", "image,animal,pain\nf.png,r1,1\nf.png,r1,0\n");
    write_text("c.yaml", "data: {manifest: m.csv, label: pain, group: animal, extra_manifests: [x.csv, y.csv]}\n");
    assert_int_equal(gr_config_load(in_folder("c.yaml"), NULL, 0, &config, &err), GR_OK);
    if (gr_check_config(config, &check, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t i = 0; i < check.count; i++) {
        in_main += strstr(check.findings[i].text, "/m.csv:") != NULL;
        in_extra += strstr(check.findings[i].text, "/x.csv:") != NULL;
    }
    assert_true(in_main >= 4);
    assert_true(in_extra == 2);
    assert_non_null(strstr(check.findings[check.count - 1].text, "/y.csv:"));
    assert_int_equal(check.manifest.rows, 4);
    gr_check_free(&check);
    gr_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extra_rows_only_train),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(rows_are_left_out_and_drawn),
        cmocka_unit_test(extra_tables_are_checked),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
