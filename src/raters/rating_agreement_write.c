/* The raters' agreement as JSON and as a table. */
#include <math.h>
#include <string.h>

#include "formats/json.h"
#include "grimace/label.h"

static const char *const weights[] = {"plain", "linear", "quadratic"};
static const char *const keys[GR_ICC_FORMS] = {"icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k"};

static json_t *interval(gr_interval i)
{
    return json_pack("[o, o]", gr_json_real(i.low), gr_json_real(i.high));
}

/* From here on 0 when all went well, as jansson's own functions. */

static int add_pairs(json_t *to, const gr_rating_agreement *a, const gr_unit_agreement *u)
{
    json_t *list = json_array();
    int bad = 0;
    for (int i = 0; i < u->pair_count; i++) {
        const gr_rater_pair *p = &u->pairs[i];
        json_t *one = json_pack("{s:[s, s], s:I}", "raters", a->raters[p->first], a->raters[p->second], "n",
                                (json_int_t)p->kappa[0].n);
        for (int k = 0; k < 3; k++)
            bad |=
                json_object_set_new(one, weights[k],
                                    json_pack("{s:o, s:o, s:o}", "kappa", gr_json_real(p->kappa[k].kappa), "error",
                                              gr_json_real(p->kappa[k].error), "interval", interval(p->kappa[k].interval)));
        bad |= json_array_append_new(list, one);
    }
    return bad | json_object_set_new(to, "pairs", list);
}

static int add_icc(json_t *to, const gr_unit_agreement *u)
{
    int bad = 0;
    for (int f = 0; f < GR_ICC_FORMS; f++)
        bad |= json_object_set_new(to, keys[f],
                                   json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "value", gr_json_real(u->icc[f].value),
                                             "interval", interval(u->icc[f].interval), "f", gr_json_real(u->icc[f].f), "df1",
                                             gr_json_real(u->icc[f].df1), "df2", gr_json_real(u->icc[f].df2), "p",
                                             gr_json_real(u->icc[f].p)));
    return bad;
}

static int add_unit(json_t *list, const gr_rating_agreement *a, int index)
{
    const gr_unit_agreement *u = &a->units[index];
    bool scores = index + 1 < a->unit_count; /* the total has no categories */
    json_t *one = json_pack("{s:s, s:I, s:i, s:I}", "unit", u->name, "images", (json_int_t)u->images, "raters", u->raters,
                            "panel_images", (json_int_t)u->panel_images);
    int bad = add_icc(one, u);
    if (scores) {
        json_t *means = json_object();
        for (int k = 0; k < 3; k++)
            bad |= json_object_set_new(means, weights[k], gr_json_real(u->mean_kappa[k]));
        bad |= json_object_set_new(one, "mean_kappa", means);
        bad |= json_object_set_new(one, "fleiss",
                                   json_pack("{s:o, s:o, s:o, s:o}", "kappa", gr_json_real(u->fleiss.kappa), "error",
                                             gr_json_real(u->fleiss.error), "z", gr_json_real(u->fleiss.z), "p",
                                             gr_json_real(u->fleiss.p)));
        bad |= add_pairs(one, a, u);
    }
    return bad | json_array_append_new(list, one);
}

gr_status gr_rating_agreement_write(const gr_rating_agreement *a, const char *path, gr_error *err)
{
    json_t *root = json_object(), *raters = json_array(), *units = json_array();
    int bad = root == NULL;
    for (int i = 0; i < a->rater_count; i++)
        bad |= json_array_append_new(raters, json_string(a->raters[i]));
    for (int u = 0; u < a->unit_count; u++)
        bad |= add_unit(units, a, u);
    bad |= json_object_set_new(root, "level", json_real(a->level));
    bad |= json_object_set_new(root, "raters", raters);
    bad |= json_object_set_new(root, "panel", json_integer(a->panel_count));
    bad |= json_object_set_new(root, "units", units);
    gr_status status = bad == 0 ? gr_json_write(path, root, err) : gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    json_decref(root);
    return status;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static void put_number(gr_text *out, int width, double value)
{
    if (isnan(value))
        gr_text_printf(out, "%*s", width, "-");
    else
        gr_text_printf(out, "%*.4f", width, value);
}

static void put_icc(gr_text *out, const gr_icc *icc)
{
    put_number(out, 10, icc->value);
    if (isnan(icc->interval.low) || isnan(icc->interval.high))
        gr_text_printf(out, "  %17s", "-");
    else
        gr_text_printf(out, "  %7.4f .. %5.4f", icc->interval.low, icc->interval.high);
}

static void put_kappas(const gr_rating_agreement *a, gr_text *out)
{
    gr_text_printf(out, "%-20s%9s%8s%9s%9s%9s%9s%11s\n", "kappa", "images", "raters", "Fleiss", "pairs", "plain", "linear",
                     "quadratic");
    for (int i = 0; i + 1 < a->unit_count; i++) {
        const gr_unit_agreement *u = &a->units[i];
        gr_text_printf(out, "%-20.20s%9lld%8d", u->name, (long long)u->images, u->raters);
        put_number(out, 9, u->fleiss.kappa);
        gr_text_printf(out, "%9d", u->pair_count);
        for (int k = 0; k < 3; k++)
            put_number(out, k < 2 ? 9 : 11, u->mean_kappa[k]);
        gr_text_printf(out, "\n");
    }
}

static void put_correlations(const gr_rating_agreement *a, gr_text *out)
{
    static const char *const titles[] = {"ICC(2,1)", "ICC(2,k)", "ICC(1,1)"};
    gr_text_printf(out, "\n%-20s%9s", "intraclass", "images");
    for (int i = 0; i < 3; i++)
        gr_text_printf(out, "%10s  %11s %3g %%", titles[i], "interval", 100.0 * a->level);
    gr_text_printf(out, "\n");
    for (int i = 0; i < a->unit_count; i++) {
        const gr_unit_agreement *u = &a->units[i];
        gr_text_printf(out, "%-20.20s%9lld", u->name, (long long)u->panel_images);
        put_icc(out, &u->icc[GR_ICC_2_1]);
        put_icc(out, &u->icc[GR_ICC_2_K]);
        put_icc(out, &u->icc[GR_ICC_1_1]);
        gr_text_printf(out, "\n");
    }
}

void gr_rating_agreement_table(const gr_rating_agreement *a, gr_text *out)
{
    gr_text_printf(out, "Agreement of %d raters\n\n", a->rater_count);
    put_kappas(a, out);
    gr_text_printf(
        out, "Fleiss' kappa: of the images with the commonest number of scores. Pairs: means over pairs of raters of "
             "Cohen's kappa,\nplain and weighted.\n");
    put_correlations(a, out);
    gr_text_printf(
        out,
        "ICC(2,1), ICC(2,k): two-way random effects, absolute agreement, of one rater and of the mean, of the "
        "images that all %d\nraters%s scored; ICC(1,1): one-way random effects, of the images of Fleiss' kappa.\n",
        a->panel_count, a->panel_count < a->rater_count ? " of stage 1" : "");
}
