/* What a reader should bear in mind: what was warned of while the run was made and read, and what its numbers cannot say. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "grimace/check.h"
#include "grimace/open.h"
#include "report/page_parts.h"
#include "report/page_words.h"

static const size_t manifest_limit = (size_t)1 << 30;
static const size_t warnings_limit = (size_t)1 << 20;
enum { FEW_GROUPS = 10 };

/* ---- of the numbers ---------------------------------------------------------------------------------------------- */

static void say_groups(gr_html *html, const gr_page_run *run)
{
    if (run->group_count > 0 && run->group_count < FEW_GROUPS)
        gr_html_put(
            html,
            "<li>There are %d %t: intervals by %t are rough with so few, and a new %t may differ from all of them.</li>\n",
            (long long)run->group_count, gr_noun_for(run->noun, run->group_count), run->noun.one, run->noun.one);
    if (run->group == NULL && run->files.predicted)
        gr_html_put(
            html,
            "<li>No column says which animal an image shows. Where one animal gave several, they may have been in training "
            "and test at once, which makes numbers look better than they are, and intervals are too narrow.</li>\n");
    else if (run->config != NULL && run->files.predicted && !gr_split_whole_groups(run->config))
        gr_html_put(html,
                    "<li>The split does not keep the images of one %t together: it may have been in training and test at "
                    "once.</li>\n",
                    run->noun.one);
}

/* A fold in which one class is never said has learnt nothing of it, or has none of it. */
static void say_folds(gr_html *html, const gr_page_run *run)
{
    const json_t *folds = gr_page_at(run->numbers, "folds");
    int one_sided = 0, undefined = 0;
    for (size_t i = 0; i < json_array_size(folds); i++) {
        const json_t *fold = json_array_get(folds, i), *rows = gr_page_at(fold, "confusion");
        size_t classes = json_array_size(rows);
        int said = 0;
        for (size_t c = 0; c < classes; c++) {
            json_int_t column = 0;
            for (size_t r = 0; r < classes; r++)
                column += json_integer_value(json_array_get(json_array_get(rows, r), c));
            said += column > 0;
        }
        one_sided += classes > 1 && said == 1;
        undefined += classes > 1 && !isfinite(gr_page_number(fold, "auroc"));
    }
    if (one_sided > 0)
        gr_html_put(html, "<li>In %d of %d fold%m the model gave every image the same class.</li>\n", (long long)one_sided,
                    (long long)json_array_size(folds), json_array_size(folds) == 1 ? "" : "s");
    if (undefined > 0)
        gr_html_put(
            html,
            "<li>%d of %d fold%m tested one class only, so that some numbers are not defined there and stay out of the "
            "mean over folds.</li>\n",
            (long long)undefined, (long long)json_array_size(folds), json_array_size(folds) == 1 ? "" : "s");
}

static void say_baseline(gr_html *html, const gr_page_run *run)
{
    const json_t *pooled = gr_page_at(run->numbers, "pooled"), *list = gr_page_at(pooled, "per_class");
    double most = 0.0, accuracy = gr_page_number(pooled, "accuracy"), n = gr_page_number(pooled, "n");
    for (size_t i = 0; i < json_array_size(list); i++)
        most = fmax(most, gr_page_number(json_array_get(list, i), "n"));
    if (most > 0.0 && accuracy <= most / n)
        gr_html_put(html,
                    "<li>The accuracy of %p %% is not above %p %%, which the most frequent class alone would give.</li>\n",
                    accuracy, most / n);
}

/* Repeated cross-validation: rows are no independent images. */
static void say_repeats(gr_html *html, const gr_page_run *run)
{
    if (run->config != NULL && run->config->split.repeats > 1)
        gr_html_put(html,
                    "<li>Each image has %d predictions, which are not independent: exact intervals are not given.</li>\n",
                    (long long)run->config->split.repeats);
}

static void say_sweep(gr_html *html, const gr_page_run *run)
{
    if (run->sweep != NULL)
        gr_html_put(
            html,
            "<li>The best of %d settings is a lucky one, too: its number is no estimate of what it will do on new animals. "
            "Test it on images that chose nothing.</li>\n",
            (long long)json_array_size(gr_page_at(run->sweep, "settings")));
}

/* ---- of the run -------------------------------------------------------------------------------------------------- */

static void say_ended(gr_html *html, const gr_page_run *run)
{
    const char *end = gr_page_text(run->files.about, "end");
    size_t sessions = json_array_size(gr_page_at(run->files.about, "sessions"));
    if (run->files.about != NULL && (end == NULL || strcmp(end, "done") != 0))
        gr_html_put(html, "<li>about.json does not say that the run came to its end.</li>\n");
    for (size_t i = 1; i < sessions; i++) {
        const json_t *list = gr_page_at(run->files.about, "sessions");
        const char *was = gr_page_text(json_array_get(list, i - 1), "grimace"),
                   *is = gr_page_text(json_array_get(list, i), "grimace");
        if (was != NULL && is != NULL && strcmp(was, is) != 0)
            gr_html_put(html, "<li>It was begun with version %t and went on with %t.</li>\n", was, is);
    }
}

/* A remark for each line of `lines` (NULL: none), which begin with the manifest's path: its name is enough, and a page that
 * is passed on should not say whose folder it lies in. */
static void put_lines(gr_html *html, const char *path, const char *lines)
{
    const char *file = strrchr(path, '/');
    size_t folder = file != NULL ? (size_t)(file + 1 - path) : 0;
    while (lines != NULL && *lines != '\0') {
        size_t length = strcspn(lines, "\n");
        char *copy = gr_alloc(length + 1, 1);
        html->text.failed |= copy == NULL;
        if (copy != NULL)
            memcpy(copy, lines, length);
        if (copy != NULL && length > 0)
            gr_html_put(html, "<li>%t</li>\n", copy + (gr_starts_with(copy, path) ? folder : 0));
        gr_free(copy);
        lines += length + (lines[length] == '\n');
    }
}

/* What the manifest has to say today, its pictures unread: rows without a label, names that may be one. */
static void say_manifest(gr_html *html, const gr_page_run *run)
{
    gr_manifest manifest = {0};
    gr_manifest_options options = {.label = run->config->data.labels.count == 0 ? run->config->data.label : NULL,
                                   .group = run->config->data.group,
                                   .skip_unlabelled = true,
                                   .skip_files = true,
                                   .absent_files = true};
    gr_text said = {0};
    if (gr_manifest_load(run->config->data.manifest, &options, &manifest, NULL) != GR_OK)
        return;
    if (manifest.unlabelled > 0)
        gr_html_put(html, "<li>%d row%m of the manifest without a label: left out.</li>\n", (long long)manifest.unlabelled,
                    manifest.unlabelled == 1 ? "" : "s");
    if (gr_check_names(&manifest, false, &said, NULL) != GR_OK || said.failed)
        html->text.failed = true;
    put_lines(html, run->config->data.manifest, manifest.notices);
    put_lines(html, run->config->data.manifest, said.data);
    gr_text_free(&said);
    gr_manifest_free(&manifest);
}

static void say_data(gr_html *html, const gr_page_run *run)
{
    char *bytes = NULL, hash[GR_SHA256_ROOM];
    size_t size;
    const char *was = gr_page_text(json_array_get(gr_page_at(run->files.about, "manifests"), 0), "sha256");
    if (run->config == NULL || run->config->data.manifest == NULL)
        return;
    if (gr_file_read(run->config->data.manifest, manifest_limit, &bytes, &size, NULL) != GR_OK) {
        gr_html_put(html, "<li>The manifest is not where the run read it, so what it says is not looked at.</li>\n");
        return;
    }
    gr_sha256(bytes, size, hash);
    gr_free(bytes);
    if (was != NULL && strcmp(was, hash) != 0)
        gr_html_put(html, "<li>The manifest has changed since the run: labels and animals may be others today.</li>\n");
    say_manifest(html, run);
}

/* What looked wrong when the run ended, which it has kept. */
static void say_warnings(gr_html *html, const gr_page_run *run)
{
    if (run->files.path == NULL) /* statistics alone */
        return;
    char *path = gr_path_join(run->files.path, "warnings.txt"), *lines = NULL;
    size_t size;
    html->text.failed |= path == NULL;
    if (path != NULL && gr_path_exists(path) && gr_file_read(path, warnings_limit, &lines, &size, NULL) == GR_OK) {
        for (char *at = lines; at != NULL && *at != '\0'; at = strchr(at, '\n'), at += at != NULL)
            if (*at >= 'a' && *at <= 'z')
                *at = (char)(*at - 'a' + 'A');
        put_lines(html, "", lines);
    }
    gr_free(lines);
    gr_free(path);
}

void gr_put_remarks(gr_html *html, const gr_page_run *run)
{
    gr_html_put(html, "<section id=\"%iremarks\">\n<%h>To bear in mind</%h>\n");
    size_t before = html->text.size;
    gr_html_put(html, "<ul class=\"remarks\">\n");
    size_t empty = html->text.size;
    say_groups(html, run);
    say_baseline(html, run);
    say_folds(html, run);
    say_repeats(html, run);
    say_sweep(html, run);
    say_ended(html, run);
    say_warnings(html, run);
    say_data(html, run);
    if (html->text.size == empty && !html->text.failed) {
        html->text.size = before;
        gr_html_put(html, "<p>Nothing was warned of.</p>\n</section>\n");
        return;
    }
    gr_html_put(html, "</ul>\n</section>\n");
}
