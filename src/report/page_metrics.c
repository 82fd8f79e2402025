#include "report/page_metrics.h"

#include <string.h>

static const char *const words[][2] = {{"accuracy", "accuracy"},
                                       {"balanced_accuracy", "balanced accuracy"},
                                       {"f1", "F1"},
                                       {"sensitivity", "sensitivity"},
                                       {"specificity", "specificity"},
                                       {"precision", "precision"},
                                       {"auroc", "AUROC"},
                                       {"auprc", "average precision"},
                                       {"f1_macro", "F1, mean"},
                                       {"auroc_macro", "AUROC, mean"},
                                       {"mcc", "MCC"},
                                       {"kappa", "kappa"},
                                       {"kappa_quadratic", "kappa, quadratic"},
                                       {"auprc_trapezoid", "AUPRC, trapezoids"},
                                       {"mae", "MAE"},
                                       {"rmse", "RMSE"},
                                       {"r2", "R²"},
                                       {"pearson", "Pearson's r"},
                                       {"spearman", "Spearman's r"},
                                       {"icc", "ICC(A,1)"},
                                       {"bias", "bias"},
                                       {"nrmse", "NRMSE"},
                                       {"pixels", "pixels"},
                                       {"brier", "Brier score"},
                                       {"log_loss", "log loss"},
                                       {"ece", "calibration error"}};
enum { WORDS = sizeof words / sizeof words[0] };
_Static_assert(sizeof words / sizeof words[0] < (size_t)GR_MOST_METRICS, "the list of a table has room for all");

/* Of these a table of folds has no room for all. */
static bool is_further(const char *key)
{
    static const char *const further[] = {"auprc_trapezoid", "kappa", "auroc_macro", "f1_macro", "auprc",
                                          "spearman",        "brier", "log_loss",    "ece"};
    for (size_t i = 0; i < sizeof further / sizeof further[0]; i++)
        if (strcmp(key, further[i]) == 0)
            return true;
    return false;
}

const char *gr_metric_word(const char *key)
{
    for (int i = 0; i < WORDS; i++)
        if (strcmp(words[i][0], key) == 0)
            return words[i][1];
    return key;
}

void gr_metrics_shown(const json_t *numbers, bool all, const char *keys[GR_MOST_METRICS])
{
    int count = 0;
    bool answers = json_object_get(numbers, "answers") != NULL;
    for (int i = 0; i < WORDS; i++)
        if (json_object_get(numbers, words[i][0]) != NULL && (all || answers || !is_further(words[i][0])))
            keys[count++] = words[i][0];
    keys[count] = NULL;
}

int gr_metrics_count(const char *const *keys)
{
    int count = 0;
    while (keys[count] != NULL)
        count++;
    return count;
}

void gr_metrics_heads(gr_html_table *table, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        gr_html_head(table, gr_metric_word(*keys));
}

void gr_metrics_cells(gr_html_table *table, const json_t *json, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        gr_html_cell_real(table, gr_page_number(json, *keys), 3);
}
