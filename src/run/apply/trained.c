#include "run/apply/trained.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "data/name_fold.h"
#include "data/split_csv.h"
#include "formats/csv.h"
#include "run/apply/run_images.h"

enum { MOST_BEFORE = 8 }; /* runs that began with each other's weights */

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to look up what a run trained on");
}

gr_status gr_trained_run(const char *path, char **run, char **fold, gr_error *err)
{
    char *folder = gr_path_folder(path);
    const char *slash = folder != NULL ? strrchr(folder, '/') : NULL, *name = slash != NULL ? slash + 1 : folder;
    *run = *fold = NULL;
    if (folder != NULL && gr_starts_with(name, "fold-")) {
        *fold = gr_strdup(name + 5);
        *run = gr_path_folder(folder);
    }
    gr_status status = folder != NULL && (*run != NULL) == (*fold != NULL) ? GR_OK : no_memory(err);
    gr_free(folder);
    return status;
}

/* ---- one run -------------------------------------------------------------------------------------------------------------
 */

/* The training parts of those models that belong to one run. */
typedef struct parts {
    const char *run;
    gr_csv *csv; /* splits.csv */
    int image, group, fold, part;
    int model_count;
    const int *models;        /* [model_count], indices among all */
    const char *const *folds; /* of all models */
    int64_t *number, images;  /* [rows], of the row's image among different ones; how many those are */
    const char **names;       /* [images] */
    bool *trains;             /* [images, model_count] */
    bool compact;             /* an image without a row in a fold trains there */
    bool told;                /* these are the models that are asked: folds without one are told to `missing` */
    gr_text *missing;         /* NULL: nobody asks */
} parts;

static void close_parts(parts *p)
{
    gr_csv_destroy(p->csv);
    gr_free(p->number);
    gr_free(p->names);
    gr_free(p->trains);
}

static gr_status find_columns(parts *p, gr_error *err)
{
    p->image = gr_csv_column(p->csv, "image");
    p->fold = gr_csv_column(p->csv, "fold");
    p->part = gr_csv_column(p->csv, "part");
    int label = gr_csv_column(p->csv, "label"), second = p->image + 1;
    p->group = second != label && second != p->fold && second != p->part && second < p->csv->columns ? second : -1;
    return p->image == 0 && p->fold >= 0 && p->part >= 0
               ? GR_OK
               : gr_fail(err, GR_INVALID, "%s:1: is no table of a run's parts; image,GROUP,label,fold,part would be right",
                         p->csv->path);
}

/* What row `row` of the table says of the models of its fold. */
static void note_row(parts *p, int64_t row)
{
    bool trains = strcmp(gr_csv_field(p->csv, row, p->part), "train") == 0;
    for (int k = 0; trains != p->compact && k < p->model_count; k++)
        if (strcmp(gr_csv_field(p->csv, row, p->fold), p->folds[p->models[k]]) == 0)
            p->trains[p->number[row] * p->model_count + k] = trains;
}

static gr_status open_parts(parts *p, gr_error *err)
{
    char *path = gr_path_join(p->run, "splits.csv");
    gr_status status = path != NULL ? gr_csv_read(path, &p->csv, err) : no_memory(err);
    gr_free(path);
    if (status == GR_OK)
        status = find_columns(p, err);
    if (status == GR_OK)
        status = gr_split_form(p->csv, p->fold, p->part, &p->compact, err);
    if (status != GR_OK)
        return status;
    size_t cells;
    const char **rows = gr_alloc((size_t)p->csv->rows, sizeof *rows);
    for (int64_t i = 0; rows != NULL && i < p->csv->rows; i++)
        rows[i] = gr_csv_field(p->csv, i, p->image);
    p->number = rows != NULL ? gr_names_number(rows, p->csv->rows, &p->images) : NULL;
    p->names = gr_alloc((size_t)p->images, sizeof *p->names);
    if (gr_mul_size((size_t)p->images, (size_t)p->model_count, &cells))
        p->trains = gr_alloc(cells, sizeof *p->trains);
    if (p->number == NULL || p->names == NULL || p->trains == NULL)
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < p->csv->rows; i++)
        p->names[p->number[i]] = rows[i];
    for (size_t i = 0; status == GR_OK && p->compact && i < cells; i++)
        p->trains[i] = true;
    for (int64_t i = 0; status == GR_OK && i < p->csv->rows; i++)
        note_row(p, i);
    gr_free(rows);
    return status;
}

/* Folds without a model are told to `missing` (NULL: nobody asks), models without a row to `said`. */
static gr_status say_folds(const parts *p, gr_text *said, gr_text *missing, gr_error *err)
{
    enum { NAMED = 3 };
    int64_t count = 0, without = 0, unknown = 0;
    gr_text names = {0};
    const char **rows = gr_alloc((size_t)p->csv->rows, sizeof *rows);
    for (int64_t i = 0; rows != NULL && i < p->csv->rows; i++)
        rows[i] = gr_csv_field(p->csv, i, p->fold);
    int64_t *number = rows != NULL ? gr_names_number(rows, p->csv->rows, &count) : NULL;
    bool *met = gr_alloc((size_t)count, sizeof *met), *found = gr_alloc((size_t)p->model_count, sizeof *found);
    bool good = number != NULL && met != NULL && found != NULL;
    for (int64_t i = 0; good && i < p->csv->rows; i++) {
        if (met[number[i]])
            continue;
        bool has = false;
        for (int k = 0; k < p->model_count; k++)
            if (strcmp(rows[i], p->folds[p->models[k]]) == 0)
                has = found[k] = true;
        met[number[i]] = true;
        if (!has && without++ < NAMED)
            gr_text_printf(&names, "%s%.80s", without > 1 ? ", " : "", rows[i]);
    }
    for (int k = 0; good && k < p->model_count; k++)
        unknown += !found[k];
    if (without > NAMED)
        gr_text_printf(&names, " and %lld more", (long long)(without - NAMED));
    if (good && missing != NULL && without > 0)
        gr_text_printf(missing,
                       "%lld of the %lld folds of %s ha%s no model, and the others answer alone: it is not finished, or the "
                       "model%s gone (%s)\n",
                       (long long)without, (long long)count, p->run, without == 1 ? "s" : "ve",
                       without == 1 ? " is" : "s are", names.data != NULL ? names.data : "");
    if (good && unknown > 0)
        gr_text_printf(said,
                       "what %lld model%s of %s trained on is not known, for its splits.csv has no row of the fold: nothing is "
                       "left out for that\n",
                       (long long)unknown, unknown == 1 ? "" : "s", p->run);
    gr_text_free(&names);
    gr_free(found);
    gr_free(met);
    gr_free(number);
    gr_free(rows);
    return good ? GR_OK : no_memory(err);
}

/* ---- by name and group
 * ---------------------------------------------------------------------------------------------------- */

typedef struct marking {
    const parts *parts;
    const gr_asked_images *asked;
    int models; /* all */
    bool *knows;
    gr_text *said;
} marking;

/* Image number `i` of the run is the asked one `a`. */
static void mark_image(const marking *m, int64_t i, int64_t a)
{
    const parts *p = m->parts;
    for (int k = 0; k < p->model_count; k++)
        if (p->trains[i * p->model_count + k])
            m->knows[a * m->models + p->models[k]] = true;
}

/* Which asked ones have the name; several may. */
static void mark_name(const marking *m, const int64_t *order, int64_t i, const char *name)
{
    int64_t low = 0, high = m->asked->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (strcmp(m->asked->names[order[middle]], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < m->asked->count && strcmp(m->asked->names[order[low]], name) == 0; low++)
        mark_image(m, i, order[low]);
}

static gr_status mark_names(const marking *m, const gr_run_images *known, gr_error *err)
{
    int64_t *order = gr_names_sort(m->asked->names, m->asked->count);
    if (order == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < m->parts->images; i++)
        mark_name(m, order, i, gr_run_images_own_name(known, m->parts->names[i]));
    gr_free(order);
    return GR_OK;
}

/* Groups that are written in two ways would be taken for two, and the model that trained on one would judge the other. `names`
 * [rows + asked]: those of the run, then those of the table; number[rows + asked]; `trains` as below. */
static gr_status say_alike(const marking *m, const char *const *names, const int64_t *number, int64_t different,
                           const bool *trains, gr_error *err)
{
    int64_t rows = m->parts->csv->rows, all = rows + m->asked->count, alike = 0, n = 0;
    int models = m->parts->model_count;
    gr_arena *arena = gr_arena_create();
    const char **keys = gr_alloc((size_t)different, sizeof *keys), **spelt = gr_alloc((size_t)different, sizeof *spelt);
    const char *own = NULL, *other = NULL;
    bool *seen = gr_alloc((size_t)different, sizeof *seen), good = arena != NULL && keys != NULL && spelt != NULL && seen != NULL;
    for (int64_t i = 0; good && i < rows; i++)
        for (int k = 0; !seen[number[i]] && k < models; k++)
            if (trains[number[i] * models + k]) {
                seen[number[i]] = true;
                spelt[n] = names[i];
                good = (keys[n++] = gr_name_folded(arena, names[i])) != NULL;
                break;
            }
    int64_t *order = good ? gr_names_sort(keys, n) : NULL;
    for (int64_t i = rows; order != NULL && good && i < all; i++) {
        if (seen[number[i]] || m->asked->groups[i - rows] == NULL)
            continue;
        seen[number[i]] = true;
        const char *key = gr_name_folded(arena, names[i]);
        int64_t at = key != NULL ? gr_names_find(keys, order, n, key) : -1;
        good = key != NULL;
        if (at >= 0 && alike++ == 0) {
            own = names[i];
            other = spelt[at];
        }
    }
    if (alike > 0)
        gr_text_printf(m->said,
                       "%lld group%s written otherwise than %s trained on, such as \"%.80s\" and \"%.80s\", which differ in %s "
                       "only, and are taken for others: if they are the same, models judge what they know\n",
                       (long long)alike, alike == 1 ? " is" : "s are", alike == 1 ? "one that models" : "those that models", own,
                       other, gr_name_difference(arena, own, other));
    good = good && order != NULL;
    gr_free(order);
    gr_free(seen);
    gr_free(spelt);
    gr_free(keys);
    gr_arena_destroy(arena);
    return good ? GR_OK : no_memory(err);
}

/* The run's groups and the asked ones under common numbers. */
static gr_status mark_groups(const marking *m, gr_error *err)
{
    const parts *p = m->parts;
    const gr_asked_images *asked = m->asked;
    int64_t rows = p->csv->rows, all = rows + asked->count, different = 0;
    if (p->group < 0 || asked->groups == NULL)
        return GR_OK;
    const char **names = gr_alloc((size_t)all, sizeof *names);
    for (int64_t i = 0; names != NULL && i < rows; i++)
        names[i] = gr_csv_field(p->csv, i, p->group);
    for (int64_t a = 0; names != NULL && a < asked->count; a++)
        names[rows + a] = asked->groups[a] != NULL ? asked->groups[a] : "";
    int64_t *number = names != NULL ? gr_names_number(names, all, &different) : NULL;
    bool *trains = number != NULL ? gr_alloc((size_t)(different * p->model_count), sizeof *trains) : NULL;
    gr_status status = trains != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; trains != NULL && i < rows; i++)
        for (int k = 0; k < p->model_count; k++)
            if (p->trains[p->number[i] * p->model_count + k])
                trains[number[i] * p->model_count + k] = true;
    for (int64_t a = 0; trains != NULL && a < asked->count; a++)
        for (int k = 0; asked->groups[a] != NULL && k < p->model_count; k++)
            if (trains[number[rows + a] * p->model_count + k])
                m->knows[a * m->models + p->models[k]] = true;
    if (status == GR_OK)
        status = say_alike(m, names, number, different, trains, err);
    gr_free(trains);
    gr_free(number);
    gr_free(names);
    return status;
}

/* ---- by bytes
 * -------------------------------------------------------------------------------------------------------------- */

typedef struct sized {
    int64_t size, of; /* index of the asked image */
    uint64_t hash;
    bool hashed;
} sized;

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    return x->size != y->size ? (x->size > y->size) - (x->size < y->size) : (x->of > y->of) - (x->of < y->of);
}

/* -1: there is no such file. */
static int64_t size_of(const char *path)
{
    struct stat s;
    return path != NULL && stat(path, &s) == 0 && S_ISREG(s.st_mode) ? (int64_t)s.st_size : -1;
}

/* false where it cannot be read, which others will say. */
static bool hash_file(const char *path, int64_t size, uint64_t *hash)
{
    char *data = NULL;
    size_t length = 0;
    gr_error ignored = {0};
    bool read = gr_file_read(path, (size_t)size, &data, &length, &ignored) == GR_OK;
    *hash = read ? gr_hash(0, data, length) : 0;
    gr_free(data);
    return read;
}

/* The asked images as large as image `i` of the run, at `path`, that are the same bytes. */
static void mark_twins(const marking *m, sized *list, int64_t count, int64_t i, const char *path)
{
    int64_t size = size_of(path), low = 0, high = count;
    uint64_t hash = 0;
    bool hashed = false;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (list[middle].size < size)
            low = middle + 1;
        else
            high = middle;
    }
    for (; size >= 0 && low < count && list[low].size == size; low++) {
        sized *s = &list[low];
        const char *asked = m->asked->paths[s->of];
        if (strcmp(asked, path) == 0) {
            mark_image(m, i, s->of);
            continue;
        }
        if (!hashed && !hash_file(path, size, &hash))
            return;
        hashed = true;
        if (!s->hashed && !hash_file(asked, size, &s->hash))
            continue;
        s->hashed = true;
        if (s->hash == hash)
            mark_image(m, i, s->of);
    }
}

static gr_status mark_bytes(const marking *m, const gr_run_images *known, gr_error *err)
{
    const parts *p = m->parts;
    int64_t count = 0, trained = 0, lost = 0;
    sized *list = gr_alloc((size_t)m->asked->count, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    for (int64_t a = 0; a < m->asked->count; a++) {
        int64_t size = size_of(m->asked->paths[a]);
        if (size >= 0)
            list[count++] = (sized){.size = size, .of = a};
    }
    qsort(list, (size_t)count, sizeof *list, by_size);
    for (int64_t i = 0; i < p->images; i++) {
        bool trains = false;
        for (int k = 0; k < p->model_count; k++)
            trains = trains || p->trains[i * p->model_count + k];
        const char *path = trains ? gr_run_images_path(known, p->names[i]) : NULL;
        trained += trains;
        lost += trains && size_of(path) < 0;
        if (path != NULL)
            mark_twins(m, list, count, i, path);
    }
    if (lost > 0 && count > 0 && known->count > 0) /* else there are no bytes to compare, or it was said already */
        gr_text_printf(m->said,
                       "%lld of the %lld pictures that %s trained on are not where its manifest says any more: these are known by "
                       "name and group alone, not by their bytes\n",
                       (long long)lost, (long long)trained, p->run);
    gr_free(list);
    return GR_OK;
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------- */

static bool has_splits(const char *run)
{
    char *path = run != NULL ? gr_path_join(run, "splits.csv") : NULL;
    bool there = path != NULL && gr_path_exists(path);
    gr_free(path);
    return there;
}

static gr_status mark_run(parts *p, int depth, const gr_asked_images *asked, int models, bool *knows, gr_text *said,
                          gr_error *err);

/* Networks that began with the weights of another run's fold know what that one trained on. */
static gr_status mark_before(const parts *p, const char *pretrained, int depth, const gr_asked_images *asked, int models,
                             bool *knows, gr_text *said, gr_error *err)
{
    char *run = NULL, *fold = NULL;
    const char **folds = gr_alloc((size_t)models, sizeof *folds);
    gr_status status = folds != NULL ? gr_trained_run(pretrained, &run, &fold, err) : no_memory(err);
    if (status == GR_OK && depth < MOST_BEFORE && has_splits(run)) {
        for (int i = 0; i < models; i++)
            folds[i] = fold;
        parts before = {.run = run, .model_count = p->model_count, .models = p->models, .folds = folds};
        status = mark_run(&before, depth + 1, asked, models, knows, said, err);
    }
    gr_free(folds);
    gr_free(run);
    gr_free(fold);
    return status;
}

static gr_status mark_run(parts *p, int depth, const gr_asked_images *asked, int models, bool *knows, gr_text *said,
                          gr_error *err)
{
    gr_run_images known;
    gr_status status = open_parts(p, err);
    if (status == GR_OK && p->told)
        status = say_folds(p, said, p->missing, err);
    if (status == GR_OK)
        status = gr_run_images_open(p->run, &known, said, err);
    if (status == GR_OK) {
        marking m = {.parts = p, .asked = asked, .models = models, .knows = knows, .said = said};
        status = mark_names(&m, &known, err);
        if (status == GR_OK)
            status = mark_groups(&m, err);
        if (status == GR_OK)
            status = mark_bytes(&m, &known, err);
        if (status == GR_OK && known.pretrained != NULL)
            status = mark_before(p, known.pretrained, depth, asked, models, knows, said, err);
        gr_run_images_close(&known);
    }
    close_parts(p);
    return status;
}

static gr_status mark_all(char *const *paths, int models, char **runs, char **folds, int *own, const gr_asked_images *asked,
                          bool *knows, gr_text *said, gr_text *missing, gr_error *err)
{
    gr_status status = GR_OK;
    int alone = 0;
    for (int i = 0; status == GR_OK && i < models; i++)
        status = gr_trained_run(paths[i], &runs[i], &folds[i], err);
    for (int i = 0; status == GR_OK && i < models; i++) {
        int count = 0;
        bool done = false;
        for (int j = 0; runs[i] != NULL && j < models; j++)
            if (runs[j] != NULL && strcmp(runs[j], runs[i]) == 0) {
                done = done || j < i;
                own[count++] = j;
            }
        if (done)
            continue;
        if (!has_splits(runs[i])) {
            alone += count > 0 ? count : 1;
            continue;
        }
        parts p = {.run = runs[i],
                   .model_count = count,
                   .models = own,
                   .folds = (const char *const *)folds,
                   .told = true,
                   .missing = missing};
        status = mark_run(&p, 0, asked, models, knows, said, err);
    }
    if (alone > 0)
        gr_text_printf(said,
                       "what %s trained on is not known, for no splits.csv lies beside %s: nothing is left out for that\n",
                       alone == 1 ? "the model" : "these models", alone == 1 ? "it" : "them");
    return status;
}

gr_status gr_trained_knows(char *const *paths, int models, const gr_asked_images *asked, bool *knows, gr_text *said,
                           gr_text *missing, gr_error *err)
{
    char **runs = gr_alloc((size_t)models, sizeof *runs), **folds = gr_alloc((size_t)models, sizeof *folds);
    int *own = gr_alloc((size_t)models, sizeof *own);
    gr_status status = runs != NULL && folds != NULL && own != NULL ? GR_OK : no_memory(err);
    memset(knows, 0, (size_t)asked->count * (size_t)models * sizeof *knows);
    if (status == GR_OK)
        status = mark_all(paths, models, runs, folds, own, asked, knows, said, missing, err);
    for (int i = 0; i < models; i++) {
        gr_free(runs != NULL ? runs[i] : NULL);
        gr_free(folds != NULL ? folds[i] : NULL);
    }
    gr_free(runs);
    gr_free(folds);
    gr_free(own);
    return status;
}
