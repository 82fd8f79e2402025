/* A scheme that works with these pictures: `grimace cv` refuses folds that train on one class, and animals on both sides. */
#include "import/survey_split.h"

#include <string.h>

#include "import/survey_words.h"

enum { MOST_LEFT_OUT = 12, FOLDS = 5 };

/* The number of each picture's kind, -1 where it is not known; of gr_alloc. */
static int *numbers_of(const gr_survey *s, int column)
{
    const gr_survey_column *c = &s->columns[column];
    int64_t *order = gr_names_sort(c->kind, c->kinds);
    int *out = order != NULL ? gr_alloc((size_t)s->images + 1, sizeof *out) : NULL;
    for (int64_t i = 0; out != NULL && i < s->images; i++)
        out[i] = c->values[i][0] != '\0' ? (int)gr_names_find(c->kind, order, c->kinds, c->values[i]) : -1;
    gr_free(order);
    return out;
}

/* Pictures of each class in each group; of gr_alloc, [groups, classes]. Of scores all are one class. */
static int64_t *cross(const gr_survey *s, const int *labels, const int *groups, int classes)
{
    int64_t *n = gr_alloc((size_t)s->columns[s->group].kinds * (size_t)classes + 1, sizeof *n);
    for (int64_t i = 0; n != NULL && i < s->images; i++)
        if (groups[i] >= 0 && labels[i] >= 0)
            n[(int64_t)groups[i] * classes + (s->scores ? 0 : labels[i])]++;
    return n;
}

/* Do two classes at least remain to train on whichever group is left out? Of k folds, which leave out several groups, each
 * of the two must be in another group more. */
static bool folds_can_train(const int64_t *n, int groups, int classes, bool one_left_out)
{
    int *with = gr_alloc((size_t)classes + 1, sizeof *with); /* groups that have the class */
    bool good = with != NULL;
    for (int64_t at = 0; good && at < (int64_t)groups * classes; at++)
        with[at % classes] += n[at] > 0;
    for (int g = 0; good && g < groups; g++) {
        int have = 0;
        for (int c = 0; c < classes; c++)
            have += with[c] - (n[(int64_t)g * classes + c] > 0) > (one_left_out ? 0 : 1);
        good = have >= 2;
    }
    gr_free(with);
    return good;
}

static bool names_can_be_folders(const gr_survey_column *c)
{
    for (int k = 0; k < c->kinds; k++)
        if (strchr(c->kind[k], '/') != NULL || c->kind[k][0] == '.' || strlen(c->kind[k]) > 200)
            return false;
    return true;
}

/* Does a value of `groups` stand in two parts of the split? */
static bool leaks(const int *groups, const int *parts, int64_t images, int count)
{
    int *first = gr_alloc((size_t)count + 1, sizeof *first);
    bool found = first == NULL;
    for (int64_t i = 0; !found && i < images; i++) {
        if (groups[i] < 0 || parts[i] < 0)
            continue;
        found = first[groups[i]] != 0 && first[groups[i]] != parts[i] + 1;
        first[groups[i]] = parts[i] + 1;
    }
    gr_free(first);
    return found;
}

/* A column that may be the animals', by a word with a number in it (Ratte 7) that comes back, though nothing says so. */
static const gr_survey_column *perhaps_group(const gr_survey *s)
{
    for (int c = 0; c < s->column_count; c++) {
        const gr_survey_column *column = &s->columns[c];
        if (column->role == GR_SURVEY_OTHER && column->kinds > 1 && 2 * column->kinds <= s->images &&
            gr_survey_like_group(column->kind, column->kinds) > 0)
            return column;
    }
    return NULL;
}

static void warn_of_no_group(const gr_survey *s, gr_text *warnings)
{
    const gr_survey_column *perhaps = perhaps_group(s);
    gr_text_printf(
        warnings,
        "no column tells the animals apart: pictures of one animal may be in training and test at once, and the numbers "
        "then come out too good; ");
    if (perhaps != NULL)
        gr_text_printf(warnings, "if %s (%s ...) does, data.group: %s and split.scheme: leave_one_group_out are right\n",
                       perhaps->name, perhaps->kind[0], perhaps->name);
    else
        gr_text_printf(warnings, "with a column of animals in the manifest, data.group: COLUMN and split.scheme: "
                                 "leave_one_group_out are right\n");
}

/* The column `split` of the manifest. */
static void by_column(gr_survey *s, const int *groups, const int *parts, gr_text *warnings)
{
    s->split = (gr_survey_split){.scheme = "column", .why = "the pictures say themselves which train and which test"};
    if (groups == NULL)
        warn_of_no_group(s, warnings);
    else if (leaks(groups, parts, s->images, s->columns[s->group].kinds)) {
        gr_text_printf(warnings,
                       "values of %s stand in training and test at once: the numbers then come out too good; split.scheme: "
                       "leave_one_group_out with data.group: %s keeps them apart\n",
                       s->columns[s->group].name, s->columns[s->group].name);
        s->group = -1;
    }
}

static bool by_groups(gr_survey *s, const int64_t *n, int classes, gr_arena *arena, gr_text *warnings)
{
    const gr_survey_column *g = &s->columns[s->group];
    bool one = g->kinds <= MOST_LEFT_OUT && names_can_be_folders(g);
    int folds = g->kinds < FOLDS ? g->kinds : FOLDS;
    if (!s->scores && !folds_can_train(n, g->kinds, classes, one)) {
        gr_text_printf(
            warnings,
            "%s is not kept whole: without one of them only one class would be left to train on, so pictures of one "
            "may be in training and test at once, and the numbers then come out too good\n",
            g->name);
        s->group = -1;
        return false;
    }
    if (g->kinds == 2)
        gr_text_printf(warnings, "there are only two values of %s: each fold trains on one and tests on the other\n",
                       g->name);
    s->split = one ? (gr_survey_split){.scheme = "leave_one_group_out"}
                   : (gr_survey_split){.scheme = "group_kfold", .folds = folds};
    s->split.why = one ? gr_arena_printf(
                             arena, "a fold for each of the %d values of %s, which is tested by a network that never saw it",
                             g->kinds, g->name)
                       : gr_arena_printf(arena, "%d folds, each with its own values of %s (%d are too many for a fold each)",
                                         folds, g->name, g->kinds);
    return true;
}

static void by_classes(gr_survey *s, gr_text *warnings)
{
    const gr_survey_column *label = &s->columns[s->label];
    int64_t most = s->scores ? s->images : 0, least = s->images;
    for (int k = 0; !s->scores && k < label->kinds; k++) {
        most = label->counts[k] > most ? label->counts[k] : most;
        least = label->counts[k] < least ? label->counts[k] : least;
    }
    int64_t folds = least < FOLDS ? least : FOLDS;
    folds = folds < 2 ? 2 : folds;
    s->split =
        (gr_survey_split){.scheme = "stratified_kfold",
                          .folds = (int)folds,
                          .why = s->scores ? "folds with as many pictures each, in the order of the manifest"
                                           : "folds with as many pictures of each class, in the order of the manifest"};
    if (warnings->size == 0)
        warn_of_no_group(s, warnings);
}

bool gr_survey_split_choose(gr_survey *s, gr_arena *arena, gr_text *warnings)
{
    int classes = s->scores ? 1 : s->columns[s->label].kinds;
    int *labels = numbers_of(s, s->label), *groups = s->group >= 0 ? numbers_of(s, s->group) : NULL;
    int *parts = s->split_column >= 0 ? numbers_of(s, s->split_column) : NULL;
    int64_t *n = labels != NULL && groups != NULL ? cross(s, labels, groups, classes) : NULL;
    bool good = labels != NULL && (s->group < 0 || n != NULL) && (s->split_column < 0 || parts != NULL);
    if (good && s->split_column >= 0)
        by_column(s, groups, parts, warnings);
    else if (good && (s->group < 0 || !by_groups(s, n, classes, arena, warnings)))
        by_classes(s, warnings);
    gr_free(labels);
    gr_free(groups);
    gr_free(parts);
    gr_free(n);
    return good && s->split.why != NULL;
}
