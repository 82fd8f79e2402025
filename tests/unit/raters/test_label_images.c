/* Labels from raters and the raters' agreement against NumPy, scikit-learn, statsmodels and R (tests/parity/make_stats.py);
 * the letter of the schemes; BlackMice's points in time. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/label.h"
#include "support/reference.h"
#include "support/temp_file.h"

static const char rats[] = "tests/parity/stats/rats.csv", cats[] = "tests/parity/stats/cats.csv";
static const char halves[] = "tests/parity/stats/halves.csv";
static const char *table; /* one file, in which the made table and then its manifest stand */

static gr_status label(const char *from, const char *scheme, const char *rule, gr_label_counts *counts, gr_error *err)
{
    *err = (gr_error){0};
    return gr_label_images(from, &(gr_label_options){.scheme = scheme, .rule = rule}, table, counts, err);
}

/* The numbers of the manifest as the reference has them: label, score, the units' scores (empty: NaN). */
static void check_manifest(const test_reference *r)
{
    gr_csv *csv;
    gr_error err = {0};
    double got[1024];
    int64_t n = 0;
    assert_int_equal(gr_csv_read(table, &csv, &err), GR_OK);
    for (int64_t i = 0; i < csv->rows; i++) {
        const int first[] = {csv->columns - 2, csv->columns - 1};
        for (int c = 0; c < csv->columns - 1; c++, n++) {
            const char *text = gr_csv_field(csv, i, c < 2 ? first[c] : c - 1);
            assert_true(n < 1024);
            got[n] = NAN;
            assert_true(text[0] == '\0' || gr_parse_double(text, &got[n]));
        }
    }
    test_reference_expect(r, "labels", got, n, 1e-12);
    gr_csv_destroy(csv);
}

static void check_unit(const test_reference *r, const gr_rating_agreement *a, int unit)
{
    const gr_unit_agreement *u = &a->units[unit];
    double icc[3 * GR_ICC_FORMS];
    test_reference_expect(r, "sizes", (double[]){u->raters, (double)u->images, (double)u->panel_images}, 3, 0);
    for (int f = 0; f < GR_ICC_FORMS; f++) {
        icc[3 * f] = u->icc[f].value;
        icc[3 * f + 1] = u->icc[f].interval.low;
        icc[3 * f + 2] = u->icc[f].interval.high;
    }
    test_reference_expect(r, "icc", icc, 3 * GR_ICC_FORMS, 1e-8);
    if (unit == a->unit_count - 1) {
        assert_string_equal(u->name, "total");
        assert_true(u->pair_count == 0 && isnan(u->fleiss.kappa));
        return;
    }
    test_reference_expect(r, "kappa", (double[]){u->pair_count, u->mean_kappa[0], u->mean_kappa[1], u->mean_kappa[2]}, 4,
                          1e-10);
    test_reference_expect(r, "fleiss", &u->fleiss.kappa, 1, 1e-10);
}

static void numbers_are_those_of_others(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/ratings.txt");
    gr_error err = {0};
    gr_rating_agreement of_rats, of_cats;
    assert_int_equal(gr_label_agreement(rats, &(gr_label_options){.scheme = "painseeker"}, 0.95, &of_rats, &err), GR_OK);
    assert_int_equal(gr_label_agreement(cats, &(gr_label_options){.scheme = "felinegrimace"}, 0.95, &of_cats, &err), GR_OK);
    assert_true(of_rats.rater_count == 8 && of_rats.panel_count == 5 && of_rats.unit_count == 5);
    assert_true(of_cats.rater_count == 6 && of_cats.panel_count == 6);
    assert_string_equal(of_cats.raters[5], "v5");
    int cases = 0;
    for (; test_reference_next(&r); cases++) {
        gr_label_counts counts;
        const char *rule = strchr(r.name, '_') != NULL ? strchr(r.name, '_') + 1 : NULL;
        if (gr_starts_with(r.name, "rats_")) {
            check_unit(&r, &of_rats, rule[0] - '0');
        } else if (gr_starts_with(r.name, "cats_")) {
            check_unit(&r, &of_cats, rule[0] - '0');
        } else {
            bool by_rats = rule == NULL;
            assert_int_equal(label(by_rats ? rats : cats, by_rats ? "painseeker" : "felinegrimace", rule, &counts, &err),
                             GR_OK);
            assert_int_equal(counts.labelled, counts.of_label[0] + counts.of_label[1] + counts.of_label[2]);
            assert_int_equal(counts.images, counts.labelled + counts.left_out);
            check_manifest(&r);
        }
    }
    test_reference_close(&r);
    assert_int_equal(cases, 17);
    gr_rating_agreement_free(&of_rats);
    gr_rating_agreement_free(&of_cats);
}

/* Eight raters' scores of one image: `first` and `second` hold a character a rater for each of four units, 'u' uncertain. */
static void write_image(gr_text *out, const char *const first[4], const char *const second[4])
{
    for (int rater = 0; rater < (second != NULL ? 8 : 5); rater++) {
        gr_text_printf(out, "x,r%d,%d", rater, rater < 5 ? 1 : 2);
        for (int u = 0; u < 4; u++) {
            char given = rater < 5 ? first[u][rater] : second[u][rater - 5];
            if (given == 'u')
                gr_text_printf(out, ",uncertain");
            else
                gr_text_printf(out, ",%.*s", given != ' ', &given);
        }
        gr_text_printf(out, "\n");
    }
}

/* The label of one image, or -1 where it has none. */
static int painseeker(const char *const first[4], const char *const second[4])
{
    gr_text out = {0};
    gr_error err;
    gr_label_counts counts;
    gr_text_printf(&out, "image,rater,stage,a,b,c,d\n");
    write_image(&out, first, second);
    test_file_write(out.data, out.size);
    gr_text_free(&out);
    assert_int_equal(label(table, "painseeker", NULL, &counts, &err), GR_OK);
    assert_int_equal(counts.images, 1);
    for (int i = 0; i < GR_LABELS; i++)
        if (counts.of_label[i] > 0)
            return i;
    return -1;
}

#define UNITS(...)                                                                                                          \
    (const char *const[4])                                                                                                  \
    {                                                                                                                       \
        __VA_ARGS__                                                                                                         \
    }

static void painseeker_to_the_letter(void **state)
{
    (void)state;
    /* Four of five agree, and three units are enough: (1 + 1 + 0) / 3 rounds to 1. */
    assert_int_equal(painseeker(UNITS("11110", "11111", "00001", "00112"), NULL), 1);
    /* Three of five do not; two units are not enough. */
    assert_int_equal(painseeker(UNITS("11110", "11111", "00011", "00112"), NULL), -1);
    /* Uncertain is no score: four who are uncertain agree on nothing, four who score beside one do. */
    assert_int_equal(painseeker(UNITS("uuuu1", "11111", "0000u", "22222"), NULL), 1);
    assert_int_equal(painseeker(UNITS("uuuuu", "uuuu1", "0000u", "22222"), NULL), -1);
    /* Stage 2: five of eight, whatever is uncertain or was not asked. */
    assert_int_equal(painseeker(UNITS("00000", "00000", "22200", "11100"), UNITS("   ", "   ", "22u", "10u")), 1);
    assert_int_equal(painseeker(UNITS("00000", "00000", "22200", "11100"), UNITS("   ", "   ", "2uu", "10u")), -1);
    /* A unit that stage 1 settled keeps its score whatever stage 2 says of it. */
    assert_int_equal(painseeker(UNITS("22220", "22220", "22220", "01201"), UNITS("000", "000", "000", "012")), 2);
    /* The mean of 0, 0, 1, 1 is a half, which is rounded up; of 1, 2, 2, 2 1.75; of 0, 0, 0, 1 a quarter. */
    assert_int_equal(painseeker(UNITS("00000", "00000", "11111", "11111"), NULL), 1);
    assert_int_equal(painseeker(UNITS("11111", "22222", "22222", "22222"), NULL), 2);
    assert_int_equal(painseeker(UNITS("00000", "00000", "00000", "11111"), NULL), 0);
}

static void refuse(const char *text, const char *scheme, const char *rule, const char *sentence)
{
    gr_error err;
    gr_label_counts counts;
    test_file_write(text, strlen(text));
    assert_int_equal(label(table, scheme, rule, &counts, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
}

static void bad_tables_are_refused(void **state)
{
    (void)state;
    refuse("image,rater,stage,a\nx,r1,1,0\n", "painseeker", NULL, "1 ratings in stage 1 and 0 in stage 2");
    refuse("image,rater,stage,a\nx,r1,3,0\n", "painseeker", NULL, ":2: stage: is \"3\"");
    refuse("image,rater,a\nx,r1,3\n", "felinegrimace", "or", ":2: a: \"3\" is no score");
    refuse("image,rater,a\nx,r1,1\nx,r1,2\n", "felinegrimace", "or", ":3: rater \"r1\" rates image \"x\" a second time");
    refuse("image,rater\nx,r1\n", "felinegrimace", "or", "has no column of an action unit");
    refuse("image,rater,a\nx,r1,1\n", "felinegrimace", "median", "felinegrimace needs and");
    refuse("image,rater,a\nx,r1,1\n", "painseeker", "or", "--rule is for the scheme felinegrimace");
    refuse("image,procedure\nx,in\n", "blackmice", NULL, "no column \"time\"");
    refuse("image,procedure,time\nx,in,day 2\n", "blackmice", NULL, "one of baseline, 30min, 150min would be right");
    refuse("image,procedure,time\nx,in,0 min\n", "blackmice", NULL, "is no point in time");
    refuse("image,procedure,time\nx,in,99999999999999999999 d\n", "blackmice", NULL, "is no point in time");
    refuse("image,procedure,time\nx,,baseline\n", "blackmice", NULL, "procedure: there is no \"\"");
    gr_rating_agreement a;
    gr_error err = {0};
    assert_int_equal(gr_label_agreement(rats, &(gr_label_options){.scheme = "blackmice"}, 0.95, &a, &err), GR_INVALID);
    assert_int_equal(gr_label_agreement(rats, &(gr_label_options){.scheme = "painseeker"}, 1.0, &a, &err), GR_INVALID);
}

/* A case "mean", "median_cut": the labels and scores of the written manifest, and the units' pooled scores. */
static void check_pooled(const test_reference *r)
{
    bool cut = strstr(r->name, "_cut") != NULL;
    char scheme[20];
    snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(r->name, "_"), r->name);
    gr_text said = {0};
    gr_label_options options = {.scheme = scheme, .has_cut_off = cut, .cut_off = 2.0, .notices = &said};
    gr_label_counts counts;
    gr_error err = {0};
    gr_csv *csv;
    double labels[64], scores[64], units[128];
    assert_int_equal(gr_label_images(halves, &options, table, &counts, &err), GR_OK);
    assert_non_null(strstr(said.data, "separated by semicolons"));
    assert_non_null(strstr(said.data, "6 columns have decimal commas"));
    gr_text_free(&said);
    assert_int_equal(gr_csv_read(table, &csv, &err), GR_OK);
    assert_int_equal(csv->columns, 5);
    assert_string_equal(csv->header[1], "au_ear");
    assert_string_equal(csv->header[2], "au_eye");
    assert_true(csv->rows == counts.labelled && csv->rows <= 64 && counts.images == 30);
    for (int64_t i = 0; i < csv->rows; i++) {
        assert_true(gr_parse_double(gr_csv_field(csv, i, 3), &labels[i]) &&
                    gr_parse_double(gr_csv_field(csv, i, 4), &scores[i]));
        for (int u = 0; u < 2; u++)
            if (!gr_parse_double(gr_csv_field(csv, i, 1 + u), &units[2 * i + u]))
                units[2 * i + u] = NAN;
    }
    test_reference_expect(r, "scores", scores, csv->rows, 1e-12);
    if (cut)
        test_reference_expect(r, "labels", labels, csv->rows, 0);
    else {
        test_reference_expect(r, "scores", labels, csv->rows, 1e-12); /* the score is the label */
        test_reference_expect(r, "units", units, 2 * csv->rows, 1e-12);
        assert_int_equal(counts.of_label[0] + counts.of_label[1], 0);
    }
    gr_csv_destroy(csv);
}

static void half_scores_are_pooled_as_by_pandas(void **state)
{
    (void)state;
    test_reference r = test_reference_open("tests/parity/stats/halves.txt");
    gr_error err = {0};
    gr_rating_agreement a;
    int cases = 0;
    assert_int_equal(gr_label_agreement(halves, &(gr_label_options){.scheme = "mean"}, 0.95, &a, &err), GR_OK);
    assert_int_equal(a.rater_count, 3);
    assert_string_equal(a.raters[0], "obs3");
    assert_int_equal(a.unit_count, 3);
    for (; test_reference_next(&r); cases++) {
        bool of_unit = gr_starts_with(r.name, "unit");
        if (!of_unit && strcmp(r.name, "total") != 0) {
            check_pooled(&r);
            continue;
        }
        const gr_unit_agreement *u = &a.units[of_unit ? r.name[4] - '0' : 2];
        test_reference_expect(
            &r, "icc", (double[]){u->icc[GR_ICC_2_1].value, u->icc[GR_ICC_2_K].value, u->icc[GR_ICC_1_1].value}, 3, 1e-9);
        if (of_unit) {
            test_reference_expect(&r, "kappa", u->mean_kappa, 3, 1e-12);
            test_reference_expect(&r, "fleiss", &u->fleiss.kappa, 1, 1e-12);
        }
    }
    assert_int_equal(cases, 9);
    test_reference_close(&r);
    gr_rating_agreement_free(&a);
}

/* The rows of the manifest that `options` make of text, with '|' between. */
static void expect_labels(const char *text, gr_label_options options, const char *rows)
{
    gr_label_counts counts;
    gr_error err = {0};
    gr_csv *csv;
    gr_text got = {0};
    test_file_write(text, strlen(text));
    if (gr_label_images(table, &options, table, &counts, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_csv_read(table, &csv, &err), GR_OK);
    for (int64_t i = 0; i < csv->rows; i++)
        for (int c = 0; c < csv->columns; c++)
            gr_text_printf(&got, "%s%s", c > 0 ? "," : i > 0 ? "|" : "", gr_csv_field(csv, i, c));
    assert_string_equal(got.data, rows);
    gr_text_free(&got);
    gr_csv_destroy(csv);
}

static void any_raters_are_pooled(void **state)
{
    (void)state;
    static const char scores[] =
        "image,rater,note,score\nx,a,n,3\nx,b,n,4\nx,c,n,9\ny,a,n,0.1\ny,b,n,0.7\nz,a,n,\nz,b,n,NA\n";
    gr_label_options o = {.scheme = "mean", .score = "score"};
    expect_labels(scores, o, "x,5.333333333333333,5.333333333333333|y,0.39999999999999997,0.39999999999999997");
    o.scheme = "median";
    expect_labels(scores, o, "x,4,4|y,0.39999999999999997,0.39999999999999997");
    o.has_cut_off = true;
    o.cut_off = 0.4; /* (0.1 + 0.7) / 2 lies a last bit below it */
    expect_labels(scores, o, "x,1,4|y,1,0.39999999999999997");
    o = (gr_label_options){.scheme = "majority", .score = "score", .has_cut_off = true, .cut_off = 4};
    expect_labels(scores, o, "x,1,0.6666666666666666|y,0,0");
    o.cut_off = 0.4; /* y is tied */
    expect_labels(scores, o, "x,1,1");
    /* totals: a unit that is missing takes the sum away, not the mean */
    static const char units[] = "image,rater,group,ear,eye\nx,a,g,2,1\nx,b,g,1,\n";
    o = (gr_label_options){.scheme = "mean", .group = "group"};
    expect_labels(units, o, "x,g,1.5,1,3,3");
    o.total = "mean";
    expect_labels(units, o, "x,g,1.5,1,1.25,1.25");
    /* wide tables, in every way of naming a rater */
    static const char wide[] = "image,r1_ear,rater2.ear,ear observer_anna,ear-judge3,day\na\\b,1,2,3,4,mon\n";
    expect_labels(wide, (gr_label_options){.scheme = "mean"}, "a/b,2.5,2.5");
    expect_labels("image,rater1,rater_2\na,1,2\nb,3,\n", (gr_label_options){.scheme = "mean"}, "a,1.5,1.5|b,3,3");
    expect_labels("image,ear_r1,ear_r2\na,0.5,1.5\n", (gr_label_options){.scheme = "felinegrimace", .rule = "mean"},
                  "a,1,0.5");
    expect_labels("image,ear_r1,ear_r2\na,0.5,1.5\n", (gr_label_options){.scheme = "felinegrimace", .rule = "max"},
                  "a,1.5,1,0.75");
}

static void refuse_options(const char *text, gr_label_options options, const char *part)
{
    gr_label_counts counts;
    gr_error err = {0};
    test_file_write(text, strlen(text));
    assert_int_equal(gr_label_images(table, &options, table, &counts, &err), GR_INVALID);
    if (strstr(err.text, part) == NULL)
        fail_msg("got: %s\nnot: %s", err.text, part);
}

static void pooling_is_refused(void **state)
{
    (void)state;
    static const char text[] = "image,rater,a\nx,r1,1\n";
    refuse_options(text, (gr_label_options){.scheme = "average"},
                   "painseeker, felinegrimace, blackmice, mean, median or majority");
    refuse_options(text, (gr_label_options){.scheme = "mean", .rule = "max"}, "--rule is for the scheme felinegrimace");
    refuse_options(text, (gr_label_options){.scheme = "blackmice", .score = "a"}, "--score, --total and --cut-off are for");
    refuse_options(text, (gr_label_options){.scheme = "mean", .total = "max"}, "--total: there is no \"max\", sum or mean");
    refuse_options(text, (gr_label_options){.scheme = "mean", .score = "b"}, ":1: there is no column \"b\"");
    refuse_options("image,rater,a\nx,r1,much\n", (gr_label_options){.scheme = "mean"},
                   ":2: a: \"much\" is no score; a number");
    refuse_options("image,a_r1,a_r2\nx,1,2\nx,1,2\n", (gr_label_options){.scheme = "mean"},
                   ":3: rater \"r1\" rates image \"x\" a second");
    refuse_options("image,a,b\nx,1,2\n", (gr_label_options){.scheme = "mean"}, "there is no column \"rater\"");
    refuse_options("image,a_r1\nx,0.3\n", (gr_label_options){.scheme = "felinegrimace", .rule = "or"},
                   ":2: a_r1: \"0.3\" is no score");
}

/* Every point in time of every procedure: the effects of the paper's Table 1, written out. */
static void blackmice_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        const char *procedure, *time;
        int effect;
    } rows[] = {{"IN", "baseline", 0},
                {"IN", "30 min", 1},
                {"in", "150 min", 0},
                {"kxn", "Baseline", 0},
                {"KXN", "30min", 1},
                {"kxn", "150 min", 1},
                {"ketamine_xylazine", "day 2", 0},
                {"kxn", "9 d", 0},
                {"c", "baseline", 0},
                {"castration", "30 min", 1},
                {"C", "150 min", 1},
                {"c", "300 min", 1},
                {"c", "5 h", 1},
                {"c", "2 days", 0},
                {"c", "day 3", 0},
                {"c", "day 7", 0},
                {"none", "baseline", 0},
                {"untreated", "30 min", 0},
                {"none", "300 min", 0},
                {"isoflurane", "30 min", 1}};
    enum { ROWS = sizeof rows / sizeof *rows };
    gr_text out = {0};
    gr_label_counts counts;
    gr_error err;
    gr_csv *csv;
    gr_text_printf(&out, "image,procedure,time\n");
    for (int i = 0; i < ROWS; i++)
        gr_text_printf(&out, "%d,%s,%s\n", i, rows[i].procedure, rows[i].time);
    test_file_write(out.data, out.size);
    gr_text_free(&out);
    assert_int_equal(label(table, "blackmice", NULL, &counts, &err), GR_OK);
    assert_int_equal(gr_csv_read(table, &csv, &err), GR_OK);
    assert_int_equal(csv->rows, ROWS);
    for (int i = 0; i < ROWS; i++)
        assert_int_equal(gr_csv_field(csv, i, gr_csv_column(csv, "effect"))[0] - '0', rows[i].effect);
    gr_csv_destroy(csv);
}

static void few_ratings_have_no_agreement(void **state)
{
    (void)state;
    static const char text[] = "image,rater,a\nx,r1,1\ny,r2,uncertain\n", none[] = "image,rater,a\n";
    gr_rating_agreement a;
    gr_error err = {0};
    gr_text out = {0};
    test_file_write(text, strlen(text));
    assert_int_equal(gr_label_agreement(table, &(gr_label_options){.scheme = "felinegrimace"}, 0.95, &a, &err), GR_OK);
    const gr_unit_agreement *u = &a.units[0];
    assert_true(a.rater_count == 2 && u->pair_count == 0 && u->raters == 0 && u->images == 0 && u->panel_images == 0);
    assert_true(isnan(u->mean_kappa[1]) && isnan(u->fleiss.kappa) && isnan(u->icc[GR_ICC_2_1].value));
    gr_rating_agreement_table(&a, &out);
    assert_non_null(strstr(out.data, "Agreement of 2 raters"));
    assert_null(strstr(out.data, "nan"));
    assert_int_equal(gr_rating_agreement_write(&a, table, &err), GR_OK);
    gr_text_free(&out);
    gr_rating_agreement_free(&a);
    test_file_write(none, strlen(none));
    assert_int_equal(gr_label_agreement(table, &(gr_label_options){.scheme = "felinegrimace"}, 0.95, &a, &err), GR_OK);
    assert_int_equal(a.rater_count, 0);
    gr_rating_agreement_free(&a);
}

static int setup(void **state)
{
    (void)state;
    table = test_file_make("table.csv");
    return table != NULL ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_others),
        cmocka_unit_test(painseeker_to_the_letter),
        cmocka_unit_test(half_scores_are_pooled_as_by_pandas),
        cmocka_unit_test(any_raters_are_pooled),
        cmocka_unit_test(pooling_is_refused),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(blackmice_to_the_letter),
        cmocka_unit_test(few_ratings_have_no_agreement),
    };
    return cmocka_run_group_tests(tests, setup, test_file_remove);
}
