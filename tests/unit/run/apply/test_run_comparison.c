/* Two runs compared: how rows are paired, and that the tests see the paired numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "grimace/run_comparison.h"
#include "support/folder.h"
#include "support/reference.h"
#include "run/apply/predictions.h"

enum { ROWS = 30 };
static double score[2][ROWS], truth[ROWS];
static uint8_t positive[ROWS];
static char folder[TEST_TEMP];

static const char *path_of(const char *name)
{
    static char paths[2][300];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static void write_text(const char *name, const gr_text *text)
{
    gr_error err = {0};
    assert_false(text->failed);
    assert_int_equal(gr_file_write(path_of(name), text->data, text->size, &err), GR_OK);
}

/* Images in the order i * step mod ROWS, in folds of which the second run has others. */
static void write_run(const char *name, int run, int step, int folds, const char *const classes[2])
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,fold,label,predicted,p_%s,p_%s\n", classes[0], classes[1]);
    for (int i = 0; i < ROWS; i++) {
        int at = i * step % ROWS;
        gr_text_printf(&text, "i%02d.png,a%d,%d,%s,%s,%.9g,%.9g\n", at, at % 5, at % folds, classes[positive[at]],
                         classes[score[run][at] > 0.5], (double)(float)(1 - score[run][at]), (double)(float)score[run][at]);
    }
    write_text(name, &text);
    gr_text_free(&text);
}

static int setup(void **state)
{
    (void)state;
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        positive[i] = gr_rng_below(&rng, 2) == 1;
        truth[i] = positive[i];
        for (int k = 0; k < 2; k++)
            score[k][i] = (double)(0.3f * positive[i] * (float)(k + 1) / 2 + 0.6f * gr_rng_float(&rng));
    }
    return test_temp_folder(folder, "compare") != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    const char *const names[] = {"a.csv", "b.csv", "c.csv", "out.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

static const gr_group_comparison_options at_95 = {0.95, 100, 0}, at_90 = {0.9, 100, 0};

static const char *const numbers[] = {"0", "1"}, *const words[] = {"calm", "pain"};

static void images_are_paired_whatever_their_folds(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_run_comparison c;
    write_run("a.csv", 0, 7, 5, numbers);
    write_run("b.csv", 1, 11, 3, numbers);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_90, &c, &err), GR_OK);
    assert_true(c.by_image && c.n == ROWS && c.class_count == 2 && c.scored);
    assert_string_equal(c.positive, "1");
    gr_delong d;
    assert_int_equal(gr_delong_test(score[0], score[1], positive, ROWS, 0.9, &d, &err), GR_OK);
    assert_true(fabs(c.delong.p - d.p) < 1e-12 && fabs(c.delong.difference - d.difference) < 1e-12);
    assert_true(fabs(c.delong.difference_interval.low - d.difference_interval.low) < 1e-12);
    int64_t only[2] = {0, 0}, right[2] = {0, 0};
    for (int i = 0; i < ROWS; i++) {
        bool a = (score[0][i] > 0.5) == positive[i], b = (score[1][i] > 0.5) == positive[i];
        only[0] += a && !b;
        only[1] += b && !a;
        right[0] += a;
        right[1] += b;
    }
    assert_true(c.mcnemar.only_first == only[0] && c.mcnemar.only_second == only[1]);
    assert_true(c.accuracy[0] == (double)right[0] / ROWS && c.accuracy[1] == (double)right[1] / ROWS);
    double r0 = gr_pearson(score[0], truth, ROWS, 0.9).r, r1 = gr_pearson(score[1], truth, ROWS, 0.9).r;
    gr_williams w = gr_williams_test(r0, r1, gr_pearson(score[0], score[1], ROWS, 0.9).r, ROWS);
    assert_true(fabs(c.truth[0].r - r0) < 1e-6 && fabs(c.williams.t - w.t) < 1e-5 && fabs(c.williams.p - w.p) < 1e-5);
    assert_int_equal(gr_run_comparison_write(&c, path_of("out.json"), &err), GR_OK);
}

static void words_have_no_numbers(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_run_comparison c;
    write_run("a.csv", 0, 7, 5, words);
    write_run("b.csv", 1, 11, 3, words);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_95, &c, &err), GR_OK);
    assert_false(c.scored);
    assert_string_equal(c.positive, "pain");
    assert_int_equal(gr_run_comparison_write(&c, path_of("out.json"), &err), GR_OK);
}

static void repeated_images_are_paired_by_fold(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_run_comparison c;
    gr_text a = {0}, b = {0};
    const char *head = "image,fold,label,predicted,p_0,p_1\n";
    gr_text_printf(&a, "%sx,1,0,0,0.9,0.1\nx,2,0,1,0.1,0.9\n", head);
    gr_text_printf(&b, "%sx,2,0,0,0.9,0.1\nx,1,0,1,0.1,0.9\n", head);
    write_text("a.csv", &a);
    write_text("b.csv", &b);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_95, &c, &err), GR_OK);
    assert_true(!c.by_image && c.mcnemar.only_first == 1 && c.mcnemar.only_second == 1 && isnan(c.delong.p));
    gr_text_printf(&b, "x,3,0,1,0.1,0.9\n");
    write_text("b.csv", &b);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_95, &c, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "a.csv: has no prediction of image \"x\" in fold \"3\""));
    gr_text_free(&a);
    gr_text_free(&b);
}

/* Scores, two columns of them, with one label that is not known. */
static void write_scores(const char *name, int run, int step)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,fold,label_a,predicted_a,label_b,predicted_b,label_total,predicted_total\n");
    for (int i = 0; i < ROWS; i++) {
        int at = i * step % ROWS;
        gr_text_printf(&text, "i%02d.png,%d,%d,%.9g,", at, at % 3, at % 4, (double)(float)(at % 4 + score[run][at]));
        gr_text_printf(&text, at == 4 ? ",2,,9\n" : "%d,%.9g,,\n", positive[at], (double)(float)score[1 - run][at]);
    }
    write_text(name, &text);
    gr_text_free(&text);
}

static void scores_are_compared_by_their_errors(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_run_comparison c;
    double first[ROWS], second[ROWS], p[ROWS], q[ROWS], t[ROWS];
    write_scores("a.csv", 0, 7);
    write_scores("b.csv", 1, 11);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), "a", &at_90, &c, &err), GR_OK);
    assert_true(c.by_image && c.n == ROWS && c.class_count == 0 && c.scored);
    assert_string_equal(c.label, "a");
    for (int i = 0; i < ROWS; i++) { /* by image, as they are paired */
        t[i] = i % 4;
        p[i] = t[i] + score[0][i];
        q[i] = t[i] + score[1][i];
        first[i] = fabs(p[i] - t[i]);
        second[i] = fabs(q[i] - t[i]);
    }
    gr_paired_t errors = gr_paired_t_test(first, second, ROWS, 0.9), bias = gr_paired_t_test(p, q, ROWS, 0.9);
    gr_signed_rank ranks;
    assert_int_equal(gr_signed_rank_test(first, second, ROWS, &ranks, &err), GR_OK);
    assert_true(fabs(c.absolute.t - errors.t) < 1e-4 && fabs(c.difference.mean - bias.mean) < 1e-6);
    assert_true(c.ranks.plus == ranks.plus && c.ranks.minus == ranks.minus && fabs(c.ranks.p - ranks.p) < 1e-9);
    assert_true(fabs(c.mae[0] - c.mae[1] - errors.mean) < 1e-6 && fabs(c.truth[0].r - gr_pearson(p, t, ROWS, 0.9).r) < 1e-6);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_90, &c, &err), GR_OK);
    assert_string_equal(c.label, "total");
    assert_int_equal(c.n, ROWS - 1); /* one total is not known */
    assert_int_equal(gr_run_comparison_write(&c, path_of("out.json"), &err), GR_OK);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), "ab", &at_90, &c, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "a.csv: has no column of labels \"ab\""));
    write_run("b.csv", 1, 11, 3, numbers);
    err = (gr_error){0};
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_90, &c, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "b.csv: holds classes, and "));
}

static void other_truths_are_refused(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_run_comparison c;
    gr_text a = {0}, b = {0};
    gr_text_printf(&a, "image,label,predicted\nx,1,2\ny,2,2\n");
    gr_text_printf(&b, "image,label,predicted\ny,2,1\nx,1.5,2\n");
    write_text("a.csv", &a);
    write_text("b.csv", &b);
    assert_int_equal(gr_run_comparison_make(path_of("a.csv"), path_of("b.csv"), NULL, &at_90, &c, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "b.csv:3: label: image \"x\" is 1.5 here and 1 in "));
    gr_text_free(&a);
    gr_text_free(&b);
}

static void refuse(const char *text, const char *sentence)
{
    gr_text t = {0};
    gr_error err = {0};
    gr_prediction_table table;
    gr_text_printf(&t, "%s", text);
    write_text("c.csv", &t);
    gr_text_free(&t);
    assert_int_equal(gr_predictions_read(path_of("c.csv"), &table, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
}

static void bad_tables_are_refused(void **state)
{
    (void)state;
    refuse("image,fold,label,predicted\nx,1,calm,calm\n", "c.csv:1: is no table");
    refuse("image,fold,predicted,p_0\nx,1,0,1\n", "c.csv:1: is no table");
    refuse("image,fold,label,predicted,p_0,p_1\n", "holds no predictions");
    refuse("image,fold,label,predicted,p_0,p_1\nx,1,2,0,0.5,0.5\n", "c.csv:2: label: \"2\" is none of the classes");
    refuse("image,fold,label,predicted,p_0,p_1\nx,1,0,0,0.5,1.5\n", "c.csv:2: p_1: \"1.5\" is no probability");
    refuse("image,fold,label,predicted,p_0,p_1\nx,1,0,0,nan,0.5\n", "c.csv:2: p_0: \"nan\" is no probability");
}

static void a_table_alone_has_defaults(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_prediction_table t;
    write_run("a.csv", 0, 7, 5, words);
    const char *const over[] = {"data.positive=calm", "evaluate.bootstrap.by=group", "evaluate.bootstrap.count=10"};
    assert_int_equal(gr_predictions_open(path_of("a.csv"), over, 3, &t, &err), GR_OK);
    const gr_predictions *p = &t.predictions;
    assert_true(!t.of_run && t.positive == 0 && p->fold_count == 5 && p->count == ROWS);
    assert_string_equal(t.config->data.group, "animal");
    assert_string_equal(p->group_column, "animal");
    assert_string_equal(p->images[1], "i07.png");
    assert_string_equal(p->folds[0], "0");
    assert_string_equal(p->folds[1], "2"); /* in the order of appearance */
    assert_true(p->fold[0] == 0 && p->fold[1] == 1);
    gr_prediction_table_free(&t);
    assert_int_equal(gr_predictions_open(path_of("a.csv"), (const char *const[]){"data.positive=joy"}, 1, &t, &err),
                     GR_INVALID);
    assert_non_null(strstr(err.text, "data.positive: is \"joy\", which is no class of"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_paired_whatever_their_folds),
        cmocka_unit_test(words_have_no_numbers),
        cmocka_unit_test(repeated_images_are_paired_by_fold),
        cmocka_unit_test(scores_are_compared_by_their_errors),
        cmocka_unit_test(other_truths_are_refused),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(a_table_alone_has_defaults),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
