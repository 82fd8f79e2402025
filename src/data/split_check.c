/* What a split refuses: numbers, a manifest that lacks what the scheme needs, folds that cannot train or test. */
#include "data/split_check.h"

#include <string.h>

#include "data/keras_split.h"

static bool needs_groups(gr_split_scheme scheme)
{
    return scheme == GR_SPLIT_LEAVE_ONE_GROUP_OUT || scheme == GR_SPLIT_GROUP_KFOLD ||
           scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD;
}

/* Is it one of the three k-fold schemes? */
static bool is_kfold(gr_split_scheme scheme)
{
    return scheme == GR_SPLIT_GROUP_KFOLD || scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD ||
           scheme == GR_SPLIT_STRATIFIED_KFOLD;
}

/* The stratum with the most rows. */
static int largest_stratum(const gr_split_maker *mk, int64_t *most)
{
    const gr_strata *s = &mk->strata;
    int found = 0;
    *most = 0;
    for (int i = 0; i < s->count; i++) {
        int64_t count = 0;
        for (int64_t r = 0; r < mk->m->rows; r++)
            count += s->index[r] == i;
        if (count > *most) {
            found = i;
            *most = count;
        }
    }
    return found;
}

gr_status gr_split_check_numbers(const gr_split_maker *mk)
{
    const gr_split_spec *s = mk->spec;
    if (gr_split_scheme_name(s->scheme) == NULL)
        return gr_fail(mk->err, GR_INTERNAL, "split: there is no scheme number %d", (int)s->scheme);
    if (!(s->validation >= 0.0 && s->validation < 1.0))
        return gr_fail(mk->err, GR_INVALID,
                       "split.validation: %g is not a share of the training part, 0 to below 1 is right", s->validation);
    if ((s->scheme == GR_SPLIT_HOLDOUT || gr_split_is_keras(s->scheme)) && !(s->test > 0.0 && s->test < 1.0))
        return gr_fail(mk->err, GR_INVALID, "split.test: %g is not a share of the images, above 0 and below 1 is right",
                       s->test);
    if (is_kfold(s->scheme) && s->folds < 2)
        return gr_fail(mk->err, GR_INVALID, "split.folds: %d is too few, at least 2 are needed", s->folds);
    if (mk->repeats > 1 && !is_kfold(s->scheme))
        return gr_fail(mk->err, GR_INVALID,
                       "split.repeats: %d, but repeats are of the k-fold schemes; 1 would be right with split.scheme %s",
                       s->repeats, gr_split_scheme_name(s->scheme));
    if (mk->repeats > 1 && !s->shuffle)
        return gr_fail(mk->err, GR_INVALID,
                       "split.repeats: %d repeats of the same folds; split.shuffle true, or 1 repeat, would be right",
                       s->repeats);
    return GR_OK;
}

gr_status gr_split_check_input(const gr_split_maker *mk)
{
    const gr_manifest *m = mk->m;
    const gr_split_spec *s = mk->spec;
    const char *scheme = gr_split_scheme_name(s->scheme);
    if (needs_groups(s->scheme) && m->groups == NULL)
        return gr_fail(mk->err, GR_INVALID,
                       "data.group: split.scheme %s needs it: the column of %s that must never be split", scheme, m->path);
    if (needs_groups(s->scheme) && m->group_count < 2)
        return gr_fail(mk->err, GR_INVALID,
                       "%s: column %s: has the one value %s in every row, split.scheme %s needs at least 2 groups", m->path,
                       m->group_column, m->group_names[0], scheme);
    if (s->scheme == GR_SPLIT_STRATIFIED_KFOLD && m->groups != NULL)
        return gr_fail(mk->err, GR_INVALID,
                       "split.scheme: stratified_kfold would split the groups of data.group (%s), stratified_group_kfold "
                       "keeps them whole",
                       m->group_column);
    if (gr_split_is_keras(s->scheme) && m->groups != NULL)
        return gr_fail(
            mk->err, GR_INVALID,
            "split.scheme: %s would split the groups of data.group (%s), as Keras's validation_split does; holdout keeps "
            "them whole, and without data.group they are not looked at",
            scheme, m->group_column);
    if (needs_groups(s->scheme) && is_kfold(s->scheme) && s->folds > m->group_count)
        return gr_fail(mk->err, GR_INVALID,
                       "split.folds: %d is more than the %d groups in column %s of %s, 2 to %d is right", s->folds,
                       m->group_count, m->group_column, m->path, m->group_count);
    /* as scikit-learn: a class with fewer images than folds leaves folds without it, which is said, not refused */
    int64_t most = 0;
    int stratum = largest_stratum(mk, &most);
    bool stratified = s->scheme == GR_SPLIT_STRATIFIED_KFOLD || s->scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD;
    if (stratified && s->folds > most && mk->strata.column == NULL)
        return gr_fail(mk->err, GR_INVALID, "split.folds: %d is more than the %lld images in %s; use fewer folds", s->folds,
                       (long long)most, m->path);
    if (stratified && s->folds > most)
        return gr_fail(
            mk->err, GR_INVALID,
            "split.folds: %d is more than the %lld images of class %s in %s, which is the largest by %s; use fewer "
            "folds",
            s->folds, (long long)most, mk->strata.names[stratum], m->path, mk->strata.column);
    return GR_OK;
}

gr_status gr_split_check_folder_name(const gr_split_maker *mk, const char *name)
{
    bool plain = strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strlen(name) <= 200;
    for (const char *p = name; *p != '\0'; p++)
        plain = plain && (unsigned char)*p >= 0x20 && *p != 0x7f;
    if (plain)
        return GR_OK;
    return gr_fail(mk->err, GR_INVALID,
                   "%s: column %s: the value %.80s cannot name the folder of its fold: it may hold no slash and no control "
                   "character, not be . or .. and have at most 200 bytes",
                   mk->m->path, mk->m->group_column, name);
}

bool gr_split_has_part(const uint8_t *parts, int64_t units, gr_part part)
{
    return memchr(parts, part, (size_t)units) != NULL;
}

gr_status gr_split_check_folds(const gr_split_maker *mk)
{
    const gr_manifest *m = mk->m;
    for (int f = 0; f < mk->fold_count; f++) {
        for (int p = GR_PART_TRAIN; p <= GR_PART_TEST; p += GR_PART_TEST - GR_PART_TRAIN)
            if (!gr_split_has_part(mk->parts[f], mk->units, (gr_part)p))
                return gr_fail(mk->err, GR_INVALID, "%s: split: fold %s has no %s image; use fewer folds or other shares",
                               m->path, mk->folds[f].name, p == GR_PART_TRAIN ? "training" : "test");
        int32_t class = -1;
        bool several = m->labels == NULL;
        for (int64_t r = 0; r < m->rows && !several; r++) {
            if (gr_fold_part(&mk->folds[f], r) != GR_PART_TRAIN)
                continue;
            several = class >= 0 && m->labels[r] != class;
            class = m->labels[r];
        }
        if (!several)
            return gr_fail(mk->err, GR_INVALID,
                           "%s: column %s: all training images of fold %s are of class %s, at least two classes are needed",
                           m->path, m->label_column, mk->folds[f].name, m->classes[class]);
    }
    return GR_OK;
}
