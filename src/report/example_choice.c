#include "report/example_choice.h"

#include <math.h>
#include <string.h>

/* How much a row is an example of a kind; NaN: not at all. */
typedef double (*worth)(const gr_prediction_table *table, int64_t row);

double gr_example_certainty(const gr_prediction_table *t, int64_t row)
{
    const gr_predictions *p = &t->predictions;
    return p->probabilities != NULL ? (double)p->probabilities[row * p->class_count + p->predicted[row]] : NAN;
}

static bool is_right(const gr_prediction_table *t, int64_t row)
{
    return t->predictions.labels[row] == t->predictions.predicted[row];
}

static double sure_right(const gr_prediction_table *t, int64_t row)
{
    return is_right(t, row) ? gr_example_certainty(t, row) : NAN;
}

static double sure_wrong(const gr_prediction_table *t, int64_t row)
{
    return is_right(t, row) ? NAN : gr_example_certainty(t, row);
}

static double unsure(const gr_prediction_table *t, int64_t row)
{
    return -gr_example_certainty(t, row);
}

/* Predicted less true, of the total where there are several. */
static double error_of(const gr_prediction_table *t, int64_t row)
{
    double sum = 0.0;
    for (int k = 0; k < t->scores.outputs; k++)
        sum += t->scores.predicted[row * t->scores.outputs + k] - t->scores.truth[row * t->scores.outputs + k];
    return sum;
}

static double too_high(const gr_prediction_table *t, int64_t row)
{
    return error_of(t, row) > 0.0 ? error_of(t, row) : NAN;
}

static double too_low(const gr_prediction_table *t, int64_t row)
{
    return error_of(t, row) < 0.0 ? -error_of(t, row) : NAN;
}

static double near(const gr_prediction_table *t, int64_t row)
{
    return -fabs(error_of(t, row));
}

static int64_t wrong_columns(const gr_prediction_table *t, int64_t row)
{
    int64_t wrong = 0;
    for (int k = 0; k < t->labels.label_count; k++) {
        int32_t label = t->labels.labels[row * t->labels.label_count + k];
        wrong += label >= 0 && label != t->labels.predicted[row * t->labels.label_count + k];
    }
    return wrong;
}

static double most_wrong(const gr_prediction_table *t, int64_t row)
{
    int64_t wrong = wrong_columns(t, row);
    return wrong > 0 ? (double)wrong : NAN;
}

static double most_right(const gr_prediction_table *t, int64_t row)
{
    return -(double)wrong_columns(t, row);
}

static bool is_taken(const gr_prediction_table *t, const gr_example_choice *c, int64_t row)
{
    for (int kind = 0; kind < GR_EXAMPLE_KINDS; kind++)
        for (int i = 0; i < c->count[kind]; i++)
            if (strcmp(t->images[c->row[kind][i]], t->images[row]) == 0)
                return true;
    return false;
}

static void take(const gr_prediction_table *t, gr_example_choice *c, int kind, const char *title, worth of)
{
    c->title[kind] = title;
    while (c->count[kind] < GR_EXAMPLES_EACH) {
        int64_t best = -1;
        double most = -INFINITY;
        for (int64_t row = 0; row < t->count; row++) {
            double value = of(t, row);
            if (value > most && !is_taken(t, c, row)) {
                best = row;
                most = value;
            }
        }
        if (best < 0)
            return;
        c->row[kind][c->count[kind]++] = best;
    }
}

void gr_examples_choose(const gr_prediction_table *t, gr_example_choice *out)
{
    *out = (gr_example_choice){0};
    if (t->kind == GR_TABLE_SCORES && t->scores.truth != NULL) {
        take(t, out, 0, "Furthest too high", too_high);
        take(t, out, 1, "Furthest too low", too_low);
        take(t, out, 2, "Nearest to the true score", near);
    } else if (t->kind == GR_TABLE_LABELS && t->labels.labels != NULL) {
        take(t, out, 0, "Most columns right", most_right);
        take(t, out, 1, "Most columns wrong", most_wrong);
    } else if (t->kind == GR_TABLE_CLASSES && t->predictions.labels != NULL) {
        take(t, out, 0, "Most sure and right", sure_right);
        take(t, out, 1, "Most sure and wrong", sure_wrong);
        take(t, out, 2, "Least sure", unsure);
    }
}
