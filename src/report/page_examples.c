/* A few pictures of each kind, with what the model looked at. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "report/example_choice.h"
#include "report/example_pictures.h"
#include "report/page_parts.h"

/* ---- one picture ------------------------------------------------------------------------------------------------- */

/* What is true and what was said of a row; `alone`: in an attribute, without markup. */
static void put_said(gr_html *html, const gr_prediction_table *t, int64_t row, bool alone)
{
    if (t->kind == GR_TABLE_CLASSES) {
        const gr_predictions *p = &t->predictions;
        gr_html_put(html, alone ? "true class %t, predicted %t with probability %f" : "True %s, predicted %s (%f)",
                    p->classes[p->labels[row]], p->classes[p->predicted[row]], gr_example_certainty(t, row));
        return;
    }
    if (t->kind == GR_TABLE_SCORES) {
        for (int k = 0; k < t->scores.outputs; k++)
            gr_html_put(html, alone ? "%t: true %g, predicted %g. " : "%s: true %g, predicted %g. ", t->scores.names[k],
                        t->scores.truth[row * t->scores.outputs + k], t->scores.predicted[row * t->scores.outputs + k]);
        return;
    }
    for (int k = 0; k < t->labels.label_count; k++) {
        int32_t label = t->labels.labels[row * t->labels.label_count + k];
        gr_html_put(html, alone ? "%t: true %t, predicted %t. " : "%s: true %s, predicted %s. ", t->labels.names[k],
                    label >= 0 ? t->labels.classes[label] : "not known",
                    t->labels.classes[t->labels.predicted[row * t->labels.label_count + k]]);
    }
}

static const char *third(double at, const char *low, const char *middle, const char *high)
{
    return at < 1.0 / 3.0 ? low : at < 2.0 / 3.0 ? middle : high;
}

static void put_heat(gr_html *html, const gr_example_pictures *all, const gr_example_picture *e)
{
    gr_html_put(html, "<img width=\"%d\" height=\"%d\" alt=\"The same with the heat map of %t over it", (long long)e->width,
                (long long)e->height, all->method);
    if (e->class_name[0] != '\0')
        gr_html_put(html, " for %t", e->class_name);
    gr_html_put(html, "; it is hottest in the %m %m\" src=\"", third(e->peak[1], "upper", "middle", "lower"),
                third(e->peak[0], "left", "middle", "right"));
    gr_html_data(&html->text, "image/jpeg", e->heat.data, e->heat.size);
    gr_html_put(html, "\"/>");
}

static void put_example(gr_html *html, const gr_prediction_table *t, int64_t row, const gr_example_pictures *all,
                        const gr_example_picture *e)
{
    html->pictures++;
    gr_html_put(html,
                "<figure><div class=\"pair%m\"><img width=\"%d\" height=\"%d\" alt=\"%t: ", e->heat.size > 0 ? "" : " one",
                (long long)e->width, (long long)e->height, t->images[row]);
    put_said(html, t, row, true);
    gr_html_put(html, "\" src=\"");
    gr_html_data(&html->text, "image/jpeg", e->picture.data, e->picture.size);
    gr_html_put(html, "\"/>");
    if (e->heat.size > 0)
        put_heat(html, all, e);
    gr_html_put(html, "</div>\n<figcaption>");
    put_said(html, t, row, false);
    if (t->kind == GR_TABLE_CLASSES) {
        bool right = t->predictions.labels[row] == t->predictions.predicted[row];
        gr_html_put(html, " <span class=\"%m\">%m</span>", right ? "right" : "wrong", right ? "right" : "wrong");
    }
    gr_html_put(html, "<br/><span class=\"soft\">%s", t->images[row]);
    if (t->group_column != NULL)
        gr_html_put(html, ", %s", t->groups[row]);
    gr_html_put(html, "</span></figcaption></figure>\n");
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static void put_kinds(gr_html *html, const gr_prediction_table *t, const gr_example_choice *choice,
                      const gr_example_pictures *all)
{
    int at = 0;
    for (int kind = 0; kind < GR_EXAMPLE_KINDS; kind++) {
        int shown = 0;
        for (int i = 0; i < choice->count[kind]; i++, at++) {
            const gr_example_picture *e = &all->each[at];
            if (e->picture.size == 0)
                continue;
            if (shown++ == 0)
                gr_html_put(html, "<%H>%m</%H>\n<div class=\"examples\">\n", choice->title[kind]);
            put_example(html, t, choice->row[kind][i], all, e);
        }
        gr_html_put(html, shown > 0 ? "</div>\n" : "");
    }
}

/* What is explained, as a map speaks for it. */
static const char *what_for(const gr_prediction_table *t)
{
    if (t->kind == GR_TABLE_SCORES)
        return t->scores.outputs > 1 ? "a higher total" : "a higher score";
    if (t->kind == GR_TABLE_LABELS)
        return "the classes that were predicted";
    return t->predictions.ordered ? "a class further up in the order" : "the class that was predicted";
}

/* How to read the maps; attention is the same whatever class is explained, and occlusion has signs. */
static void put_method(gr_html *html, const gr_prediction_table *t, const char *method)
{
    gr_html_put(html, "<p>Beside each picture as the network reads it, the same with a heat map ");
    if (strcmp(method, "attention") == 0)
        gr_html_put(html,
                    "(attention): where it looked, whatever it made of that, from dark violet (not at all) to yellow (most).");
    else if (strcmp(method, "gradcam") == 0)
        gr_html_put(html,
                    "(Grad-CAM): what speaks for %m, from dark violet (nothing) to yellow (most); where all is violet nothing "
                    "does.",
                    what_for(t));
    else
        gr_html_put(html, "(%t): what speaks for %m in red, what speaks against it in blue.", method, what_for(t));
    gr_html_put(html, " The fold that tested the picture explains it. A map shows where evidence lies, not why it counts.</p>\n");
}

static void put_note(gr_html *html, const gr_prediction_table *t, const gr_example_pictures *all)
{
    if (all->missing == all->count) {
        gr_html_put(html, "<p>The pictures are not where the manifest says, so there is nothing to show here.</p>\n");
        return;
    }
    if (all->method != NULL)
        put_method(html, t, all->method);
    else
        gr_html_put(html, "<p>There are no heat maps: %s.</p>\n", all->why.text);
    if (all->unexplained > 0)
        gr_html_put(html,
                    "<p class=\"soft\">%d picture%m without a map: the model of the fold that tested %m is not there any "
                    "more.</p>\n",
                    (long long)all->unexplained, all->unexplained == 1 ? " is" : "s are",
                    all->unexplained == 1 ? "it" : "them");
    if (all->missing > 0)
        gr_html_put(html, "<p class=\"soft\">%d picture%m could not be read today and %m left out.</p>\n",
                    (long long)all->missing, all->missing == 1 ? "" : "s", all->missing == 1 ? "is" : "are");
}

gr_status gr_put_examples(gr_html *html, const gr_page_run *run, gr_error *err)
{
    const gr_prediction_table *t = &run->files.table;
    const char *images[GR_EXAMPLES];
    gr_example_choice choice;
    gr_example_pictures pictures;
    int count = 0;
    if (!run->files.predicted || run->config == NULL || run->config->data.manifest == NULL)
        return GR_OK;
    gr_examples_choose(t, &choice);
    for (int kind = 0; kind < GR_EXAMPLE_KINDS; kind++)
        for (int i = 0; i < choice.count[kind]; i++)
            images[count++] = t->images[choice.row[kind][i]];
    if (count == 0)
        return GR_OK;
    gr_status status = gr_example_pictures_make(run, images, count, true, &pictures, err);
    if (status != GR_OK)
        return status;
    gr_html_put(html, "<section id=\"%iexamples\">\n<%h>Examples</%h>\n");
    put_note(html, t, &pictures);
    put_kinds(html, t, &choice, &pictures);
    gr_html_put(html, "</section>\n");
    gr_example_pictures_free(&pictures);
    return GR_OK;
}
