/* Two runs compared, as JSON. */
#include "grimace/run_comparison.h"

#include "base/base.h"
#include "formats/json.h"

static json_t *pair_of(double low, double high)
{
    return json_pack("[o, o]", gr_json_real(low), gr_json_real(high));
}

static json_t *interval(gr_interval i)
{
    return pair_of(i.low, i.high);
}

static json_t *correlation(const gr_correlation *c)
{
    return json_pack("{s:o, s:o, s:o}", "r", gr_json_real(c->r), "p", gr_json_real(c->p), "interval", interval(c->interval));
}

static json_t *williams(const gr_run_comparison *c)
{
    return json_pack("{s:[o, o], s:o, s:o, s:o, s:o, s:o}", "with_truth", correlation(&c->truth[0]),
                     correlation(&c->truth[1]), "with_each_other", correlation(&c->scores), "t", gr_json_real(c->williams.t),
                     "df", gr_json_real(c->williams.df), "p", gr_json_real(c->williams.p), "p_greater",
                     gr_json_real(c->williams.p_greater));
}

static json_t *paired_t(const gr_paired_t *t)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "difference", gr_json_real(t->mean), "interval",
                     interval(t->interval), "sd", gr_json_real(t->sd), "t", gr_json_real(t->t), "df", gr_json_real(t->df),
                     "p", gr_json_real(t->p));
}

static json_t *delong_of(const gr_delong *d)
{
    return json_pack("{s:o, s:[o, o], s:o, s:o, s:o, s:o}", "auroc", pair_of(d->auroc[0], d->auroc[1]), "intervals",
                     interval(d->interval[0]), interval(d->interval[1]), "difference", gr_json_real(d->difference), "interval",
                     interval(d->difference_interval), "z", gr_json_real(d->z), "p", gr_json_real(d->p));
}

static json_t *by_cluster(const gr_by_cluster *b, double p)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "difference", gr_json_real(b->value), "sd", gr_json_real(b->error),
                     "jackknife", interval(b->jackknife), "bca", interval(b->bca), "p", gr_json_real(p));
}

static json_t *mixed(const gr_mixed *m)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "difference", gr_json_real(m->mean), "sd",
                     gr_json_real(m->error), "interval", interval(m->interval), "between", gr_json_real(m->between), "within",
                     gr_json_real(m->within), "t", gr_json_real(m->t), "df", gr_json_real(m->df), "p", gr_json_real(m->p));
}

/* null where the predictions have no groups. */
static json_t *groups_json(const gr_run_comparison *c)
{
    const gr_group_comparison *g = &c->groups;
    if (g->groups == 0)
        return json_null();
    json_t *root = json_pack("{s:s, s:I, s:i, s:b, s:o, s:o, s:o, s:o, s:o}", "column", g->column, "groups",
                             (json_int_t)g->groups, "count", g->count, "exact", g->exact, "icc", gr_json_real(g->apart.icc),
                             "design_effect", gr_json_real(g->apart.design_effect), "effective_n",
                             gr_json_real(g->apart.effective), "mixed", mixed(&g->mixed), "mean",
                             by_cluster(&g->mean, g->mean_p));
    int bad = root == NULL;
    if (c->class_count > 0) {
        json_t *metrics = json_object();
        for (int i = 0; i < GR_METRIC_COUNT; i++)
            bad |= json_object_set_new(metrics, gr_metric_name((gr_metric)i), by_cluster(&g->metric[i], g->p[i]));
        bad |= json_object_set_new(root, "metrics", metrics);
        bad |= json_object_set_new(root, "delong", delong_of(&g->delong));
    }
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}

static int add_clusters(json_t *root, const gr_run_comparison *c)
{
    const gr_group_comparison *g = &c->groups;
    json_t *folds = json_pack("{s:I, s:o}", "moved", (json_int_t)g->moved, "corrected_t", paired_t(&g->by_fold));
    int bad = folds == NULL;
    if (c->class_count > 0)
        bad |= json_object_set_new(folds, "corrected_t_auroc", paired_t(&g->auroc_by_fold));
    bad |= json_object_set_new(root, "by_group", groups_json(c));
    return bad | json_object_set_new(root, "by_fold", folds);
}

static json_t *of_classes(const gr_run_comparison *c)
{
    const gr_mcnemar *m = &c->mcnemar;
    json_t *root = json_pack("{s:I, s:s, s:f, s:o, s:o}", "n", (json_int_t)c->n, "positive", c->positive, "level", c->level,
                             "accuracy", pair_of(c->accuracy[0], c->accuracy[1]), "f1", pair_of(c->f1[0], c->f1[1]));
    json_t *mcnemar = json_pack("{s:I, s:I, s:o, s:o, s:o}", "only_first", (json_int_t)m->only_first, "only_second",
                                (json_int_t)m->only_second, "exact_p", gr_json_real(m->exact_p), "chi_square",
                                gr_json_real(m->chi_square), "chi_square_p", gr_json_real(m->chi_square_p));
    int bad = root == NULL;
    if (c->ordered) {
        bad |= json_object_set_new(root, "mae", pair_of(c->mae[0], c->mae[1]));
        bad |= json_object_set_new(root, "kappa_quadratic", pair_of(c->kappa_quadratic[0], c->kappa_quadratic[1]));
    }
    bad |= json_object_set_new(root, "mcnemar", mcnemar);
    bad |= json_object_set_new(root, "delong", delong_of(&c->delong));
    bad |= json_object_set_new(root, "williams", c->scored ? williams(c) : json_null());
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}

static json_t *of_scores(const gr_run_comparison *c)
{
    const gr_signed_rank *r = &c->ranks;
    json_t *root = json_pack("{s:I, s:f, s:o, s:o, s:o}", "n", (json_int_t)c->n, "level", c->level, "mae",
                             pair_of(c->mae[0], c->mae[1]), "rmse", pair_of(c->rmse[0], c->rmse[1]), "bias",
                             pair_of(c->bias[0], c->bias[1]));
    json_t *wilcoxon =
        json_pack("{s:I, s:o, s:o, s:b, s:o, s:o}", "n", (json_int_t)r->n, "plus", gr_json_real(r->plus), "minus",
                  gr_json_real(r->minus), "exact", r->exact, "z", gr_json_real(r->z), "p", gr_json_real(r->p));
    json_t *errors = paired_t(&c->absolute);
    int bad = root == NULL || errors == NULL;
    bad |= json_object_set_new(errors, "wilcoxon", wilcoxon);
    bad |= json_object_set_new(root, "absolute_error", errors);
    bad |= json_object_set_new(root, "bias_difference", paired_t(&c->difference));
    bad |= json_object_set_new(root, "williams", williams(c));
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}

static json_t *all(const gr_run_comparison *c)
{
    json_t *root = c->class_count > 0 ? of_classes(c) : of_scores(c);
    int bad = root == NULL ? 1 : add_clusters(root, c);
    if (bad == 0 && c->label[0] != '\0')
        bad = json_object_set_new(root, "label", json_string(c->label));
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}

gr_status gr_run_comparison_write(const gr_run_comparison *comparison, const char *path, gr_error *err)
{
    json_t *root = all(comparison);
    gr_status status =
        root != NULL ? gr_json_write(path, root, err) : gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    json_decref(root);
    return status;
}
