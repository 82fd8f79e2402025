/* Explanations: what of a picture moved a model's answer, as a map over the pixels that the network reads.
 *
 * A method (docs/explanations.md) makes one map [S, S] of an image, S being the side of the network's input: the picture after the
 * model's transforms. Methods that work on a feature map give its cells [h, w], too; they are drawn to the input's size bilinearly,
 * half-pixel. No map is normalised. */
#ifndef GRIMACE_EXPLAIN_H
#define GRIMACE_EXPLAIN_H

#include <signal.h>
#include <stdbool.h>

#include "grimace/image.h"
#include "grimace/image_cache.h"
#include "grimace/loader.h"

/* What is asked. Zero-initialise it; what is 0 or NULL has the default that stands here. Strings are BORROWED until
 * gr_explainer_close. */
typedef struct gr_explain_options {
    const char *const *methods; /* [method_count], names of gr_explain_method_name, each once */
    int method_count;
    const char *class_name; /* a name of gr_explainer_class; NULL: the predicted class, or what docs/explanations.md says */
    const char *layer;      /* of Grad-CAM: as `grimace info --model` prints it, with or without "backbone."; a module ("layer4.1")
                             * is its last layer. NULL: the last feature map */
    int steps;              /* integrated gradients: points of the path; 0: 128 */
    const char *baseline;   /* integrated gradients: where the path begins: black | mean; NULL: black */
    int samples;            /* SmoothGrad: noisy pictures; 0: 32 */
    double noise;           /* SmoothGrad: standard deviation as a share of the picture's range; 0: 0.1 */
    uint64_t seed;          /* SmoothGrad: of the noise */
    const char *rules;      /* relevance propagation: which; NULL: the method's own */
    double epsilon;         /* relevance propagation; 0: the method's own */
} gr_explain_options;

/* One method's map of one image; all pointers are BORROWED from the explainer until the callback returns. */
typedef struct gr_explanation {
    int64_t sample;      /* index in the list that gr_explainer_run was given */
    const char *problem; /* why the image could not be read, and nothing else here means anything; NULL: it was */
    const char *method, *layer; /* layer "": of methods that have none */
    const char *fold;           /* of a run: the one that tested the image and alone explains it; "all": the mean of all models */
    const char *class_name;     /* what is explained */
    double probability;         /* of that class; NaN: it has none */
    double logit;               /* of that class; the score, the coordinate as a share of the side; a sum of them */
    double sum;                 /* of the cells, else of the map over all pixels and channels */
    double gap;                 /* integrated gradients: sum - (f(x) - f(baseline)); NaN: of another method */
    const char *predicted;      /* the class that the model predicts; NULL: its task has none, or several columns */
    double confidence;          /* and its probability */
    bool is_signed;             /* numbers below 0 speak against the class; else all are at least 0 */
    int size;
    const float *map; /* [size, size] */
    int cell_rows, cell_columns;
    const float *cells; /* [cell_rows, cell_columns]; NULL: the method has none */
    const gr_image *picture; /* [size, size] as the network reads it, in 8 bits */
    gr_origin origin;        /* from the decoded image to it */
} gr_explanation;

/* Takes one explanation; a failure ends the work. */
typedef gr_status (*gr_explained)(void *ctx, const gr_explanation *explanation, gr_error *err);

/* Name and one-line summary of method i; NULL behind the last. Static storage. Never fails. */
const char *gr_explain_method_name(int i);
const char *gr_explain_method_summary(int i);

typedef struct gr_explainer gr_explainer;

/* GIVES the explainer of `path`: a model.safetensors that a run wrote, or the folder of a run (all its folds).
 * Fails: GR_INVALID (as gr_predictor_open; an unknown method, class or layer: the sentence lists what there is; a method that the
 * model cannot have; an option that none of the methods takes), GR_NOMEM. */
gr_status gr_explainer_open(const char *path, const gr_explain_options *options, gr_explainer **out,
                            gr_error *err) GR_MUST_CHECK;
void gr_explainer_close(gr_explainer *explainer);
/* Name i of what it can explain: classes, columns, scores, coordinates; NULL behind the last. Never fails. */
const char *gr_explainer_class(const gr_explainer *explainer, int i);

/* Explains samples[count] (BORROWED): calls `each` once for each image and method, an image's methods one after another, images in
 * any order; once for an image that cannot be read. `stop` may be NULL. No more than a few dozen images are in memory at once.
 * Fails: GR_INVALID, GR_NOMEM, GR_IO, GR_INTERRUPTED, and as `each`. */
gr_status gr_explainer_run(gr_explainer *explainer, const gr_sample *samples, int64_t count, gr_explained each, void *ctx,
                           const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

/* ---- are they to be trusted? -------------------------------------------------------------------------------------------- */

/* What is known of the images besides their pixels. */
typedef struct gr_explain_faces {
    const double *points; /* [count, point_count, 2], places of the face's parts in pixels of the decoded image; NaN: not known */
    int point_count;      /* 0: none are */
} gr_explain_faces;

/* What the trials say of one method's map of one image; BORROWED until the callback returns. */
typedef struct gr_explain_checked {
    int64_t sample;
    const char *method, *fold, *class_name;
    const char *predicted;  /* as in gr_explanation */
    const double *numbers; /* [gr_explain_check_count]; NaN: means nothing here */
    const double *curves;  /* [2, GR_EXPLAIN_CURVE_POINTS]: deletion, insertion */
} gr_explain_checked;

enum { GR_EXPLAIN_CURVE_POINTS = 33 };

typedef gr_status (*gr_explain_heard)(void *ctx, const gr_explain_checked *checked, gr_error *err);

/* Names of the numbers, in their order; NULL behind the last. Static storage. Never fails. */
const char *gr_explain_check_name(int i);
int gr_explain_check_count(void);

/* Tries the maps of samples[count] (docs/explanations.md): deletion, insertion, randomised layers, pointing. An image that several
 * models explain together, or that cannot be read, is left out: *left_out counts them. `stop` may be NULL. Fails: as
 * gr_explainer_run. */
gr_status gr_explainer_check(gr_explainer *explainer, const gr_sample *samples, int64_t count, const gr_explain_faces *faces,
                             gr_explain_heard each, void *ctx, const volatile sig_atomic_t *stop, int64_t *left_out,
                             gr_error *err) GR_MUST_CHECK;

/* What was heard, for tables. */
typedef struct gr_explain_report gr_explain_report;
/* GIVES a report on images[count], whose true classes are truth[count] ("" where not known; NULL: of none), both BORROWED until
 * it is closed. Fails: GR_NOMEM. */
gr_status gr_explain_report_open(const char *const *images, const char *const *truth, int64_t count, gr_explain_report **out,
                                 gr_error *err) GR_MUST_CHECK;
void gr_explain_report_close(gr_explain_report *report);
/* A gr_explain_heard whose ctx is the report. Fails: GR_NOMEM. */
gr_status gr_explain_report_add(void *report, const gr_explain_checked *checked, gr_error *err) GR_MUST_CHECK;
/* Writes DIR/check.csv, a row for each image and method, and DIR/check.json, means of each method, by class and fold. Fails:
 * GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_explain_report_write(const gr_explain_report *report, const char *dir, gr_error *err) GR_MUST_CHECK;
/* Appends the means of each method as a table for a terminal. Shortage sticks in `out`. */
void gr_explain_report_table(const gr_explain_report *report, gr_text *out);

/* ---- as files --------------------------------------------------------------------------------------------------------- */

/* How pictures look, and what is made of all of them together. Zero-initialise it; strings and lists are BORROWED until the
 * folder is closed. */
typedef struct gr_explain_look {
    const char *colours; /* of maps without signs: viridis | cividis; NULL: viridis */
    double opacity;      /* of the map over the picture, up to 1; 0: 0.5 */
    bool same_scale;     /* a method's maps share one scale, else each reaches to its own largest number */
    bool sheet;          /* sheet.png: all pictures, wrong predictions first, then by confidence */
    const char *const *truth;  /* [count], the true classes for the sheet, "" where not known; NULL: none is known */
    const char *mean_of;       /* mean maps by this column; NULL: none */
    const char *const *values; /* [count], its values, "" where there is none */
} gr_explain_look;

/* A folder that explanations are written into by threads of its own: for each image NAME.METHOD.png (picture, overlay, map, and a
 * colour bar with numbers),
 * NAME.METHOD.npy (the map, float32) and NAME.METHOD.cells.npy (its cells), at the end index.csv. NAME is the image's name without
 * its ending, / as _; a later image that would have the name of an earlier one has _2, _3 ... behind it. */
typedef struct gr_explain_folder gr_explain_folder;

/* GIVES a folder for images[count] (names as the table shall have them; BORROWED until it is closed) of methods[method_count].
 * Nothing is made before the first explanation comes. `look` may be NULL. Fails: GR_INVALID (DIR holds files and `force` is not
 * set, or is a file; no such colours; a column with too many values), GR_NOMEM, GR_IO (no thread; no cairo for a sheet). */
gr_status gr_explain_folder_open(const char *dir, bool force, const char *const *images, int64_t count, int method_count,
                                 const gr_explain_look *look, gr_explain_folder **out, gr_error *err) GR_MUST_CHECK;
/* A gr_explained whose ctx is the folder. Fails: GR_INVALID (DIR cannot be written), GR_NOMEM, GR_IO. */
gr_status gr_explain_folder_add(void *folder, const gr_explanation *explanation, gr_error *err) GR_MUST_CHECK;
/* What was wrong with image i; NULL: nothing. Never fails. */
const char *gr_explain_folder_problem(const gr_explain_folder *folder, int64_t i);
/* Waits for what is being written, makes what `look` asks of all of them, and writes index.csv:
 * image,fold,class,probability,logit,method,layer,sum, and `error` where an image could not be read. Fails: as
 * gr_explain_folder_add. */
gr_status gr_explain_folder_finish(gr_explain_folder *folder, gr_error *err) GR_MUST_CHECK;
void gr_explain_folder_close(gr_explain_folder *folder);

#endif
