#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/made_run.h"
#include "support/support.h"

static void write_text(const char *folder, const char *name, gr_text *text)
{
    char path[128];
    gr_error err = {0};
    assert_int_equal(gr_make_folders(test_in_folder(folder), &err), GR_OK);
    assert_false(text->failed);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_folder_text(path, text->data);
    gr_text_free(text);
}

static void write_words(const char *folder, const char *name, const char *words)
{
    gr_text text = {0};
    gr_text_printf(&text, "%s", words);
    write_text(folder, name, &text);
}

/* ---- time points ------------------------------------------------------------------------------------------------------ */

static void make_timed(void)
{
    static const char *const times[] = {"30min", "day1", "baseline", "2h"};
    gr_text manifest = {0}, predictions = {0}, epochs = {0};
    gr_text_printf(&manifest, "image,animal,time,treatment,mgs,pain\n");
    gr_text_printf(&predictions, "image,animal,fold,label,predicted,p_no_pain,p_pain\n");
    for (int i = 0; i < 96; i++) {
        int time = i % 4;
        double pain = time == 2 ? 0.1 : time == 0 ? 0.8 : time == 3 ? 0.6 : 0.3;
        double p = fmin(1.0, fmax(0.0, pain + 0.1 * test_number(5, (uint32_t)i)));
        gr_text_printf(&manifest, "images/%02d.png,rat%d,%s,%s,", i, i / 16 + 1, times[time], i < 48 ? "kxn" : "in");
        if (i % 7 != 0)
            gr_text_printf(&manifest, "%g", 0.25 * (i / 4 % 5) + pain);
        gr_text_printf(&manifest, ",%s\n", p > 0.5 ? "pain" : "no_pain");
        gr_text_printf(&predictions, "images/%02d.png,rat%d,%d,%s,%s,%.9g,%.9g\n", i, i / 16 + 1, i / 32 + 1,
                       i % 3 == 0 ? "pain" : "no_pain", p > 0.5 ? "pain" : "no_pain", 1.0 - p, p);
    }
    for (int e = 1; e <= 4; e++)
        gr_text_printf(&epochs, "{\"epoch\": %d, \"train_loss\": %g, \"seconds\": %g, \"images_per_second\": 50}\n", e,
                       1.0 / e, 0.5 * e);
    write_text("timed", "manifest.csv", &manifest);
    write_text("timed", "predictions.csv", &predictions);
    write_words("timed", "config.yaml",
                "name: made\ndata: {manifest: manifest.csv, label: pain, group: animal, classes: [no_pain, pain]}\n");
    write_text("timed/fold-1", "metrics.jsonl", &epochs);
}

/* ---- sweeps ----------------------------------------------------------------------------------------------------------- */

static void make_sweeps(void)
{
    static const char axes[] =
        "sweep: [{key: optimizer.lr, values: [1.0e-4, 1.0e-3, 1.0e-2]}, {key: optimizer.name, values: "
        "[adam, sgd]}]\n";
    gr_text config = {0};
    gr_text_printf(&config, "name: made\ndata: {manifest: none.csv, label: pain, group: animal}\n%s", axes);
    write_text("grid", "config.yaml", &config);
    write_words("grid", "sweep.csv",
                "rank,setting,name,optimizer.lr,optimizer.name,folds,accuracy,accuracy_mean,accuracy_std,f1,f1_mean,f1_std\n"
                "1,003,lr=0.001 name=adam,0.001,adam,3,0.9,0.9,0.1,0.8,0.79,0.05\n"
                "2,001,lr=0.0001 name=adam,0.0001,adam,3,0.8,0.8,0.1,0.7,0.69,0.05\n"
                "3,005,lr=0.01 name=adam,0.01,adam,3,0.8,0.8,0.1,0.6,0.59,0.05\n"
                "4,004,lr=0.001 name=sgd,0.001,sgd,3,0.8,0.8,0.1,0.5,0.49,0.05\n"
                "5,006,lr=0.01 name=sgd,0.01,sgd,3,0.8,0.8,0.1,0.4,0.39,0.05\n"
                "6,002,lr=0.0001 name=sgd,0.0001,sgd,3,0.8,0.8,0.1,,,\n");
    gr_text_printf(&config,
                   "name: made\ndata: {manifest: none.csv, label: pain, group: animal}\nsweep: {mode: one_at_a_time, "
                   "axes: [{key: optimizer.lr, values: [1.0e-5, 1.0e-3]}, {key: seed, values: [1, 2]}]}\n");
    write_text("single", "config.yaml", &config);
    write_words("single", "sweep.csv",
                "rank,setting,name,optimizer.lr,seed,folds,f1,f1_mean,f1_std\n"
                "1,001,lr=0.001,0.001,7,3,0.8,0.79,0.05\n"
                "2,002,lr=1e-05,1e-05,7,3,0.6,0.59,0.05\n"
                "3,003,seed=1,0.001,1,3,0.55,0.5,0.05\n");
}

/* ---- other studies ---------------------------------------------------------------------------------------------------- */

static void make_cross(void)
{
    write_words("cross", "config.yaml", "name: made\ndata: {manifest: none.csv, label: pain, group: animal}\n");
    write_words("cross", "matrix.csv",
                "train,test,folds,n,left_out,accuracy,accuracy_mean,accuracy_std,f1,f1_mean,f1_std\n"
                "a,a,3,60,0,0.9,0.9,0.01,0.8,0.8,0.02\na,b,3,60,0,0.7,0.7,0.01,0.5,0.5,0.02\n"
                "b,a,3,60,0,0.7,0.7,0.01,0.4,0.4,0.02\nb,b,3,60,0,0.9,0.9,0.01,,,\n");
}

static void make_points(void)
{
    gr_text table = {0};
    gr_text_printf(&table, "image,animal,fold,nrmse,lm1_x,lm1_y,lm2_x,lm2_y,lm3_x,lm3_y\n");
    for (int i = 0; i < 12; i++) {
        double side = 40.0 + 10.0 * i;
        gr_text_printf(&table, "images/%02d.png,rat%d,1,0.1,%g,%g,%g,%g,%g,%g\n", i, i / 4, 0.2 * side, 0.3 * side,
                       0.8 * side, 0.3 * side, 0.5 * side, 0.9 * side);
    }
    write_text("points", "predictions.csv", &table);
    write_words("points", "config.yaml",
                "name: made\ntask: landmarks\ndata: {manifest: none.csv, group: animal}\nmodel: {head: landmarks}\n");
    write_words("points", "results.json",
                "{\"task\": \"landmarks\", \"normalised_by\": \"the side\", \"pooled\": {\"n\": 12, \"per_landmark\": "
                "[{\"landmark\": 1, "
                "\"nrmse\": 0.1}, {\"landmark\": 2, \"nrmse\": 0.3}, {\"landmark\": 3, \"nrmse\": 0.05}], \"per_unit\": "
                "[{\"unit\": \"eyes\", \"landmarks\": 2, \"nrmse\": 0.3}, {\"unit\": \"nose\", \"landmarks\": 1, "
                "\"nrmse\": 0.1}]}, \"folds\": [{\"per_unit\": [{\"nrmse\": 0.2}, {\"nrmse\": 0.1}]}, "
                "{\"per_unit\": [{\"nrmse\": 0.4}, {\"nrmse\": null}]}]}\n");
}

void test_make_studies(void)
{
    make_timed();
    make_sweeps();
    make_cross();
    make_points();
}
