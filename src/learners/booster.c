#include "learners/booster.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int copies_of(const gr_boost_options *o)
{
    return o->kind == GR_BOOST_ORDINAL ? o->classes - 1 : 1;
}

int gr_boost_width(const gr_boost_options *o)
{
    return o->kind == GR_BOOST_SCORES ? 1 : o->classes;
}

int gr_boost_margins(const gr_boost_options *o)
{
    return o->kind == GR_BOOST_CLASSES ? o->classes : 1;
}

/* ---- matrices ----------------------------------------------------------------------------------------------------- */

static void fill_rows(const gr_boost_part *p, int copies, int columns, float *block, float *labels, float *weights)
{
    for (int64_t i = 0; i < p->count; i++)
        for (int k = 0; k < copies; k++) {
            int64_t at = i * copies + k;
            const float *from = p->values + (size_t)p->rows[i] * p->width;
            float target = p->targets != NULL ? p->targets[p->rows[i]] : 0.0F;
            for (int c = 0; c < p->column_count; c++)
                block[at * columns + c] = from[p->columns[c]];
            if (columns > p->column_count)
                block[at * columns + p->column_count] = (float)k;
            labels[at] = columns > p->column_count ? (float)(target > (float)k) : target;
            weights[at] = p->weights != NULL ? p->weights[p->rows[i]] : 1.0F;
        }
}

gr_status gr_boost_data_make(const gr_xgboost *x, const gr_boost_options *o, const gr_boost_part *p, gr_boost_data *out,
                             gr_error *err)
{
    int copies = copies_of(o), columns = p->column_count + (o->kind == GR_BOOST_ORDINAL);
    size_t rows = (size_t)p->count * (size_t)copies, cells;
    *out = (gr_boost_data){.rows = p->count, .copies = copies};
    float *block = gr_mul_size(rows, (size_t)columns, &cells) ? gr_alloc(cells, sizeof *block) : NULL;
    float *labels = gr_alloc(rows, sizeof *labels), *weights = gr_alloc(rows, sizeof *weights);
    gr_status status = block != NULL && labels != NULL && weights != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for a table of features");
    if (status == GR_OK) {
        fill_rows(p, copies, columns, block, labels, weights);
        status = gr_xgboost_said(
            x, x->XGDMatrixCreateFromMat_omp(block, rows, (uint64_t)columns, NAN, &out->matrix, o->threads), err);
    }
    if (status == GR_OK && p->targets != NULL)
        status = gr_xgboost_said(x, x->XGDMatrixSetFloatInfo(out->matrix, "label", labels, rows), err);
    if (status == GR_OK && p->targets != NULL && p->weights != NULL)
        status = gr_xgboost_said(x, x->XGDMatrixSetFloatInfo(out->matrix, "weight", weights, rows), err);
    gr_free(block);
    gr_free(labels);
    gr_free(weights);
    if (status != GR_OK)
        gr_boost_data_free(x, out);
    return status;
}

void gr_boost_data_free(const gr_xgboost *x, gr_boost_data *data)
{
    if (data->matrix != NULL)
        x->XGDMatrixFree(data->matrix);
    *data = (gr_boost_data){0};
}

/* ---- training ----------------------------------------------------------------------------------------------------- */

/* What each kind is to XGBoost. */
static const struct {
    const char *objective, *metric;
} kinds[] = {
    [GR_BOOST_BINARY] = {"binary:logistic", "logloss"},
    [GR_BOOST_CLASSES] = {"multi:softprob", "mlogloss"},
    [GR_BOOST_ORDINAL] = {"binary:logistic", "logloss"},
    [GR_BOOST_SCORES] = {"reg:squarederror", "rmse"},
};

typedef struct setter {
    const gr_xgboost *x;
    void *booster;
    gr_status status;
    gr_error *err;
} setter;

static void set_text(setter *s, const char *name, const char *value)
{
    if (s->status == GR_OK)
        s->status = gr_xgboost_said(s->x, s->x->XGBoosterSetParam(s->booster, name, value), s->err);
}

static void set_real(setter *s, const char *name, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", value);
    set_text(s, name, text);
}

/* With all its digits: XGBoost takes no 2.1e+09 for a whole number. */
static void set_whole(setter *s, const char *name, uint32_t value)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, value);
    set_text(s, name, text);
}

/* "(0,0,-1)": the answer falls in the last column, which is k. */
static void set_falling(setter *s, int columns)
{
    gr_text list = {0};
    for (int c = 0; c < columns; c++)
        gr_text_printf(&list, "%s0", c == 0 ? "(" : ",");
    gr_text_printf(&list, ",-1)");
    if (list.failed && s->status == GR_OK)
        s->status = gr_fail(s->err, GR_NOMEM, "no memory for a model of trees");
    else
        set_text(s, "monotone_constraints", list.data);
    gr_text_free(&list);
}

static gr_status set_all(const gr_xgboost *x, const gr_boost_options *o, void *booster, gr_error *err)
{
    setter s = {x, booster, GR_OK, err};
    uint64_t columns = 0;
    set_text(&s, "booster", "gbtree");
    set_text(&s, "objective", kinds[o->kind].objective);
    set_text(&s, "eval_metric", kinds[o->kind].metric);
    if (o->kind == GR_BOOST_CLASSES)
        set_real(&s, "num_class", o->classes);
    set_text(&s, "tree_method", "hist");
    set_text(&s, "grow_policy", "depthwise");
    set_text(&s, "sampling_method", "uniform");
    set_text(&s, "verbosity", "0");
    set_text(&s, "seed_per_iteration", "1"); /* a round's draws follow from the seed and its number alone */
    set_real(&s, "nthread", o->threads);
    set_whole(&s, "seed", (uint32_t)(o->seed & 0x7fffffffU));
    set_real(&s, "max_bin", 256);
    set_real(&s, "max_leaves", 0);
    set_real(&s, "max_depth", o->depth);
    set_real(&s, "eta", o->rate);
    set_real(&s, "alpha", o->alpha);
    set_real(&s, "lambda", o->lambda);
    set_real(&s, "gamma", o->gamma);
    set_real(&s, "min_child_weight", o->min_child_weight);
    set_real(&s, "max_delta_step", 0);
    set_real(&s, "subsample", o->subsample);
    set_real(&s, "colsample_bytree", o->colsample);
    set_real(&s, "colsample_bylevel", 1);
    set_real(&s, "colsample_bynode", 1);
    if (o->kind == GR_BOOST_BINARY)
        set_real(&s, "scale_pos_weight", o->positive_weight);
    set_real(&s, "base_score", o->kind == GR_BOOST_SCORES ? o->base : 0.5);
    if (s.status == GR_OK && o->kind == GR_BOOST_ORDINAL) {
        s.status = gr_xgboost_said(x, x->XGBoosterGetNumFeature(booster, &columns), err);
        set_falling(&s, (int)columns - 1);
    }
    return s.status;
}

/* "[3]\tval-logloss:0.4321": the number. */
static gr_status judge(const gr_xgboost *x, void *booster, int round, const gr_boost_data *val, double *loss, gr_error *err)
{
    const char *name = "val", *said = NULL;
    gr_status status = gr_xgboost_said(x, x->XGBoosterEvalOneIter(booster, round, &val->matrix, &name, 1, &said), err);
    const char *colon = status == GR_OK ? strrchr(said, ':') : NULL;
    if (status == GR_OK && colon == NULL)
        status =
            gr_fail(err, GR_FAILED, "XGBoost: says \"%.80s\" of a validation part, where a number would be right", said);
    if (status == GR_OK)
        *loss = strtod(colon + 1, NULL);
    return status;
}

/* Only the first `rounds` of the trees. */
static gr_status cut(const gr_xgboost *x, int rounds, void **booster, gr_error *err)
{
    void *part = NULL;
    gr_status status = gr_xgboost_said(x, x->XGBoosterSlice(*booster, 0, rounds, 1, &part), err);
    if (status == GR_OK) {
        x->XGBoosterFree(*booster);
        *booster = part;
    }
    return status;
}

static gr_status grow(const gr_xgboost *x, const gr_boost_options *o, const gr_boost_data *train, const gr_boost_data *val,
                      void **booster, gr_error *err)
{
    double loss = 0.0, least = INFINITY;
    int best = o->trees - 1, round = 0;
    bool stops = o->early_stopping > 0 && val != NULL;
    gr_status status = GR_OK;
    for (; status == GR_OK && round < o->trees; round++) {
        status = gr_xgboost_said(x, x->XGBoosterUpdateOneIter(*booster, round, train->matrix), err);
        if (status != GR_OK || !stops)
            continue;
        status = judge(x, *booster, round, val, &loss, err);
        if (status == GR_OK && loss < least) {
            least = loss;
            best = round;
        }
        if (round - best >= o->early_stopping) {
            round++;
            break;
        }
    }
    if (status == GR_OK && stops && best + 1 < round)
        status = cut(x, best + 1, booster, err);
    return status;
}

gr_status gr_boost_train(const gr_xgboost *x, const gr_boost_options *o, const gr_boost_data *train,
                         const gr_boost_data *val, void **booster, gr_error *err)
{
    void *matrices[2] = {train->matrix, val != NULL ? val->matrix : NULL};
    *booster = NULL;
    gr_status status = gr_xgboost_said(x, x->XGBoosterCreate(matrices, val != NULL ? 2 : 1, booster), err);
    if (status == GR_OK)
        status = set_all(x, o, *booster, err);
    if (status == GR_OK)
        status = grow(x, o, train, val, booster, err);
    if (status != GR_OK && *booster != NULL) {
        x->XGBoosterFree(*booster);
        *booster = NULL;
    }
    return status;
}

/* ---- answers ------------------------------------------------------------------------------------------------------ */

enum { PROBABILITIES = 0, MARGINS = 1, SHARES = 2 }; /* XGBoost's numbers for what it predicts */

/* *out [rows of the matrix, *width] belongs to the booster until it is asked again. */
static gr_status ask(const gr_xgboost *x, void *booster, const gr_boost_data *data, int what, int trees, const float **out,
                     size_t *width, gr_error *err)
{
    char config[160];
    const uint64_t *shape = NULL;
    uint64_t rank = 0;
    snprintf(config, sizeof config,
             "{\"type\": %d, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": %d, \"strict_shape\": true}",
             what, trees);
    gr_status status =
        gr_xgboost_said(x, x->XGBoosterPredictFromDMatrix(booster, data->matrix, config, &shape, &rank, out), err);
    *width = 1;
    for (uint64_t r = 1; status == GR_OK && r < rank; r++)
        *width *= (size_t)shape[r];
    return status;
}

static gr_status odd_width(gr_error *err)
{
    return gr_fail(err, GR_FAILED, "XGBoost: answers with another number of values than its model has");
}

/* P(class k) from P(above 0) >= P(above 1) >= ...; the trees keep that order up to rounding. */
static void from_cumulative(const float *above, int classes, float *to)
{
    float before = 1.0F;
    for (int k = 0; k < classes; k++) {
        float next = k + 1 < classes ? fminf(above[k], before) : 0.0F;
        to[k] = before - next;
        before = next;
    }
}

gr_status gr_boost_answer(const gr_xgboost *x, const gr_boost_options *o, void *booster, const gr_boost_data *data,
                          int trees, float *answers, gr_error *err)
{
    const float *said = NULL;
    size_t width = 0;
    gr_status status = ask(x, booster, data, PROBABILITIES, trees, &said, &width, err);
    if (status == GR_OK && width != (size_t)gr_boost_margins(o))
        status = odd_width(err);
    for (int64_t i = 0; status == GR_OK && i < data->rows; i++) {
        float *to = answers + i * gr_boost_width(o);
        if (o->kind == GR_BOOST_ORDINAL)
            from_cumulative(said + i * data->copies, o->classes, to);
        else
            memcpy(to, said + (size_t)i * width, width * sizeof *to);
        if (o->kind == GR_BOOST_BINARY) {
            to[1] = to[0];
            to[0] = 1.0F - to[1];
        }
    }
    return status;
}

gr_status gr_boost_margin(const gr_xgboost *x, const gr_boost_options *o, void *booster, const gr_boost_data *data,
                          float *margins, gr_error *err)
{
    const float *said = NULL;
    size_t width = 0;
    int count = gr_boost_margins(o);
    gr_status status = ask(x, booster, data, MARGINS, 0, &said, &width, err);
    if (status == GR_OK && width != (size_t)count)
        status = odd_width(err);
    for (int64_t i = 0; status == GR_OK && i < data->rows; i++)
        for (int m = 0; m < count; m++) {
            double sum = 0.0;
            for (int k = 0; k < data->copies; k++)
                sum += (double)said[(i * data->copies + k) * count + m];
            margins[i * count + m] = (float)(sum / data->copies);
        }
    return status;
}

gr_status gr_boost_shap(const gr_xgboost *x, const gr_boost_options *o, void *booster, const gr_boost_data *data,
                        int columns, float *values, gr_error *err)
{
    const float *said = NULL;
    size_t width = 0;
    int count = gr_boost_margins(o), extra = o->kind == GR_BOOST_ORDINAL, wide = columns + extra + 1;
    gr_status status = ask(x, booster, data, SHARES, 0, &said, &width, err);
    if (status == GR_OK && width != (size_t)count * (size_t)wide)
        status = odd_width(err);
    for (int64_t i = 0; status == GR_OK && i < data->rows; i++)
        for (int m = 0; m < count; m++)
            for (int c = 0; c <= columns; c++) {
                double sum = 0.0;
                for (int k = 0; k < data->copies; k++) {
                    const float *from = said + (size_t)(i * data->copies + k) * width + (size_t)m * (size_t)wide;
                    sum += (double)from[c] + (c == columns && extra ? (double)from[c + 1] : 0.0);
                }
                values[(i * count + m) * (columns + 1) + c] = (float)(sum / data->copies);
            }
    return status;
}

gr_status gr_boost_gains(const gr_xgboost *x, void *booster, int columns, double *gains, gr_error *err)
{
    uint64_t count = 0, rank = 0;
    const char *const *features = NULL;
    const uint64_t *shape = NULL;
    const float *scores = NULL;
    for (int c = 0; c < columns; c++)
        gains[c] = 0.0;
    gr_status status = gr_xgboost_said(
        x, x->XGBoosterFeatureScore(booster, "{\"importance_type\": \"gain\"}", &count, &features, &rank, &shape, &scores),
        err);
    for (uint64_t i = 0; status == GR_OK && i < count; i++) {
        int column = atoi(features[i] + 1); /* "f12": it was given no names */
        if (column < columns)
            gains[column] = (double)scores[i];
    }
    return status;
}
