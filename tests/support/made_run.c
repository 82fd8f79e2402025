#include "support/made_run.h"

#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/support.h"

enum { IMAGES = 90, ANIMALS = 6, FOLDS = 3, EPOCHS = 5 };

static void write_text(const char *folder, const char *name, gr_text *text)
{
    char path[128];
    assert_false(text->failed);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_folder_text(path, text->data);
    gr_text_free(text);
}

static void make_folders(const char *folder)
{
    gr_error err = {0};
    for (int f = 0; f < FOLDS; f++) {
        char name[64];
        snprintf(name, sizeof name, "%s/fold-%d", folder, f + 1);
        assert_int_equal(gr_make_folders(test_in_folder(name), &err), GR_OK);
    }
}

static void make_epochs(const char *folder, int folds)
{
    for (int f = 0; f < folds; f++) {
        gr_text text = {0};
        for (int e = 1; e <= EPOCHS; e++)
            gr_text_printf(&text, "{\"epoch\": %d, \"train_loss\": %.6f, \"val_loss\": %.6f, \"train_prsc\": null}\n", e,
                           0.8 / e + 0.02 * f, 0.9 / e + 0.1 + 0.02 * f);
        char name[64];
        snprintf(name, sizeof name, "fold-%d/metrics.jsonl", f + 1);
        write_text(folder, name, &text);
    }
}

static void make_config(const char *folder, const char *task, const char *classes)
{
    gr_text text = {0};
    gr_text_printf(&text, "name: made\ntask: %s\ndata: {manifest: none.csv, label: pain, group: animal%s}\n", task, classes);
    write_text(folder, "config.yaml", &text);
}

/* The place of image `i`: its name, its animal, its fold. */
static void put_place(gr_text *text, int i)
{
    int animal = i * ANIMALS / IMAGES;
    gr_text_printf(text, "images/%02d.png,rat%d,%d", i, animal + 1, animal / 2 + 1);
}

static void make_classes(void)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,fold,label,predicted,p_no_pain,p_pain\n");
    for (int i = 0; i < IMAGES; i++) {
        bool pain = i % 5 < 2;
        double p = 1.0 / (1.0 + exp(-2.5 * (test_number(1, (uint32_t)i) + (pain ? 0.5 : -0.5))));
        put_place(&text, i);
        gr_text_printf(&text, ",%s,%s,%.9g,%.9g\n", pain ? "pain" : "no_pain", p > 0.5 ? "pain" : "no_pain", 1.0 - p, p);
    }
    make_folders("classes");
    write_text("classes", "predictions.csv", &text);
    make_config("classes", "classes", ", classes: [no_pain, pain]");
    make_epochs("classes", FOLDS);
}

static void make_many(void)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,fold,label,predicted,p_a,p_b,p_c,p_d\n");
    for (int i = 0; i < IMAGES; i++) {
        double p[4], sum = 0.0;
        int best = 0;
        for (int k = 0; k < 4; k++) {
            p[k] = exp(2.0 * test_number(2, (uint32_t)(4 * i + k)) + (k == i % 4 ? 1.5 : 0.0));
            sum += p[k];
            best = p[k] > p[best] ? k : best;
        }
        put_place(&text, i);
        gr_text_printf(&text, ",%c,%c", 'a' + i % 4, 'a' + best);
        for (int k = 0; k < 4; k++)
            gr_text_printf(&text, ",%.7f", p[k] / sum);
        gr_text_printf(&text, "\n");
    }
    make_folders("many");
    write_text("many", "predictions.csv", &text);
    make_config("many", "classes", ", classes: [a, b, c, d]");
}

static void make_scores(void)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,fold,label,predicted\n");
    for (int i = 0; i < IMAGES; i++) {
        double score = i % 21 * 0.5;
        put_place(&text, i);
        gr_text_printf(&text, ",%g,%.9g\n", score, 0.8 * score + 1.0 + 1.5 * test_number(3, (uint32_t)i));
    }
    make_folders("scores");
    write_text("scores", "predictions.csv", &text);
    make_config("scores", "scores", "");
}

void test_make_runs(void)
{
    make_classes();
    make_many();
    make_scores();
    make_folders("young");
    make_config("young", "classes", ", classes: [no_pain, pain]");
    make_epochs("young", 1);
}
