/* From the trees' bias to an animal's mean answer, step by step: a panel for each animal, or, without groups, one for all.
 */
#include <string.h>

#include "base/base.h"
#include "report/figure.h"
#include "report/shap_file.h"
#include "report/waterfall.h"

enum { MOST = GR_WATERFALL_MOST };

/* Where images have no groups: all of them. */
typedef struct animal {
    const char *name;
    int64_t images;
    double bias;
    double *shares; /* [width], means */
} animal;

typedef struct herd {
    const gr_shap_file *f;
    int count;
    animal animals[MOST];
} herd;

/* The group of a tested image; NULL: of none. */
static const char *group_of(const gr_run_files *run, const int64_t *order, const char *image)
{
    if (run->table.groups == NULL)
        return "all images";
    int64_t at = gr_names_find(run->table.images, order, run->table.count, image);
    return at >= 0 ? run->table.groups[at] : NULL;
}

/* The animal of that name, a new one where there is room; NULL: none. */
static animal *find(herd *h, const char *name)
{
    for (int a = 0; a < h->count; a++)
        if (strcmp(h->animals[a].name, name) == 0)
            return &h->animals[a];
    if (h->count == MOST)
        return NULL;
    animal *a = &h->animals[h->count];
    *a = (animal){.name = name, .shares = gr_alloc((size_t)h->f->width, sizeof(double))};
    h->count += a->shares != NULL;
    return a->shares != NULL ? a : NULL;
}

static gr_status gather(const gr_run_files *run, herd *h, gr_error *err)
{
    const gr_shap_file *f = h->f;
    int64_t *order = gr_names_sort(run->table.images, run->table.count);
    if (order == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a figure");
    for (int64_t i = 0; i < f->count; i++) {
        const char *name = group_of(run, order, gr_csv_field(f->shares, f->rows[i], 0));
        animal *a = name != NULL ? find(h, name) : NULL;
        if (a == NULL)
            continue;
        a->images++;
        a->bias += gr_run_table_number(f->shares, f->rows[i], 4);
        for (int c = 0; c < f->width; c++)
            a->shares[c] += gr_shap_share(f, i, c);
    }
    for (int n = 0; n < h->count; n++) {
        h->animals[n].bias /= (double)h->animals[n].images;
        for (int c = 0; c < f->width; c++)
            h->animals[n].shares[c] /= (double)h->animals[n].images;
    }
    gr_free(order);
    return GR_OK;
}

static int count_groups(const gr_run_files *run)
{
    int count = 0;
    for (int64_t i = 0; run->table.groups != NULL && i < run->table.count && count < MOST; i++) {
        bool seen = false;
        for (int64_t j = 0; !seen && j < i; j++)
            seen = strcmp(run->table.groups[i], run->table.groups[j]) == 0;
        count += !seen;
    }
    return count > 0 ? count : 1;
}

static double height(const gr_run_files *run, double width)
{
    return gr_waterfall_height(count_groups(run), width);
}

static bool can(const gr_run_files *run, gr_text *why)
{
    return gr_run_has_predictions(run, why) && gr_shap_file_can(run, why);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_shap_file f;
    gr_status status = gr_shap_file_open(run, &f, err);
    if (status != GR_OK)
        return status;
    herd h = {.f = &f};
    status = gather(run, &h, err);
    if (status == GR_OK) {
        gr_text_printf(&page->alternative, "From the bias of the trees to the mean margin about %s, feature by feature.",
                       f.subject);
        gr_numbers_columns(&page->numbers, (const char *const[]){"animal", "feature", "mean_shap", "reached"}, 4);
        for (int a = 0; a < h.count; a++) {
            const animal *one = &h.animals[a];
            char images[40];
            snprintf(images, sizeof images, ", %lld image%s", (long long)one->images, one->images == 1 ? "" : "s");
            gr_waterfall_draw(page, a, h.count,
                              &(gr_waterfall){.name = one->name, .more = images, .features = f.shares->header + f.first,
                                              .width = f.width, .bias = one->bias, .shares = one->shares});
        }
    }
    for (int a = 0; a < h.count; a++)
        gr_free(h.animals[a].shares);
    gr_shap_file_close(&f);
    return status;
}

const gr_figure gr_shap_waterfall_figure = {
    .name = "shap_waterfall",
    .title = "How each animal's answer comes about",
    .shows = "the mean SHAP values of each animal's tested images, from the bias to the margin",
    .height = height,
    .can = can,
    .draw = draw};
