/* Each field is given points for each role; the most points win, and points below a threshold win nothing. */
#include "import/survey_roles.h"

#include <math.h>
#include <string.h>

#include "import/survey_words.h"

enum { MOST_CLASSES = 20, LEAST_LABEL = 30, LEAST_GROUP = 30, LEAST_BESIDE_TABLE = 50 };

bool gr_survey_all_numbers(const char *const *kinds, int64_t count, bool *whole)
{
    double number;
    *whole = true;
    for (int64_t i = 0; i < count; i++) {
        if (!gr_parse_double(kinds[i], &number))
            return false;
        *whole = *whole && number == floor(number);
    }
    return count > 0;
}

static bool has_table(const gr_survey_fields *fields)
{
    for (int i = 0; i < fields->count; i++)
        if (fields->items[i].source == GR_FROM_TABLE)
            return true;
    return false;
}

/* Do values come back, so that there are fewer of them than pictures: two pictures of each on average at least? */
static bool repeats(const gr_survey_field *f)
{
    return f->different > 1 && 2 * f->different <= f->known;
}

static bool all_parts(const gr_survey_field *f)
{
    for (int64_t i = 0; i < f->different; i++)
        if (gr_survey_part(f->kinds[i]) == NULL)
            return false;
    return f->different > 1;
}

static bool has_part(const gr_survey_field *f, const char *part)
{
    for (int64_t i = 0; i < f->different; i++)
        if (strcmp(gr_survey_part(f->kinds[i]), part) == 0)
            return true;
    return false;
}

static int split_points(const gr_survey_field *f)
{
    return all_parts(f) && has_part(f, "train") && (has_part(f, "test") || has_part(f, "val")) ? 100 : 0;
}

static bool is_session(const gr_survey_field *f)
{
    return gr_survey_like_session(f->kinds, f->different) || (f->title != NULL && gr_survey_session_title(f->title));
}

/* A part of the file names that counts the pictures. */
static bool counts(const gr_survey_field *f)
{
    bool whole;
    return gr_survey_like_counter(f->kinds, f->different) ||
           (!repeats(f) && gr_survey_all_numbers(f->kinds, f->different, &whole) && whole);
}

/* Whole numbers in file names may be scores or count the pictures: scores where something else counts, or other parts
 * follow. */
static bool counted_elsewhere(const gr_survey_fields *fields, const gr_survey_field *f)
{
    if (f->place + 1 < f->of)
        return true;
    for (int i = 0; i < fields->count; i++)
        if (&fields->items[i] != f && fields->items[i].source == GR_FROM_NAME && counts(&fields->items[i]))
            return true;
    return false;
}

static int label_points(const gr_survey_fields *fields, const gr_survey_field *f)
{
    bool whole, few = f->different <= MOST_CLASSES && f->different < f->known;
    int like = gr_survey_like_label(f->kinds, f->different);
    if (f->different < 2 || all_parts(f))
        return 0;
    if (f->source == GR_FROM_TABLE) {
        int title = gr_survey_label_title(f->title);
        if (gr_survey_group_title(f->title) > 0 || (!few && !gr_survey_all_numbers(f->kinds, f->different, &whole)))
            return 0;
        return title > 0 ? 100 + title : like >= 70 ? like : 0;
    }
    if (gr_survey_like_group(f->kinds, f->different) >= 100 || is_session(f) || !few)
        return like >= 70 && few ? like : 0;
    if (f->source == GR_FROM_NAME)
        return like >= 70 ? like : like > 0 && counted_elsewhere(fields, f) ? like - 5 : 0;
    return like > 0 ? like + 2 : LEAST_LABEL + (MOST_CLASSES - (int)f->different) / 2;
}

static int group_points(const gr_survey_field *f, int64_t images)
{
    int like = gr_survey_like_group(f->kinds, f->different);
    if (f->different < 2 || f->different >= images || all_parts(f))
        return 0;
    if (f->source == GR_FROM_TABLE) {
        int title = gr_survey_group_title(f->title);
        bool id = title > 0 && title < 100;
        return title > 0 ? (id && !repeats(f) ? 0 : 100 + title) : like >= 100 && repeats(f) ? like : 0;
    }
    if (is_session(f) || (f->source == GR_FROM_NAME && (counts(f) || !repeats(f))))
        return 0;
    if (f->source == GR_FROM_FOLDER)
        return like >= 100 ? 97 : 55;
    if (like < 100 && f->cut_in_words)
        return 0;
    return like >= 100 ? 95 : like > 0 ? LEAST_BESIDE_TABLE : f->place == 0 ? LEAST_GROUP : 0;
}

static int session_points(const gr_survey_field *f, int64_t images)
{
    return is_session(f) && f->different > 1 && f->different < images ? 100 - f->place : 0;
}

static int points(const gr_survey_fields *fields, const gr_survey_field *f, int role, int64_t images)
{
    switch (role) {
    case 0: return split_points(f);
    case 1: return label_points(fields, f);
    case 2: return group_points(f, images);
    default: return session_points(f, images);
    }
}

/* The roles are given in an order: what is the label cannot be the animal. Beside a table, only what is sure. */
void gr_survey_choose(const gr_survey_fields *fields, int64_t images, gr_survey_roles *out)
{
    int *const roles[] = {&out->split, &out->label, &out->group, &out->session};
    bool taken[GR_SURVEY_FIELDS] = {false}, table = has_table(fields);
    for (int role = 0; role < 4; role++) {
        int best = -1, most = role == 1 ? LEAST_LABEL : role == 2 ? LEAST_GROUP : 1;
        for (int i = 0; i < fields->count; i++) {
            const gr_survey_field *f = &fields->items[i];
            int p = taken[i] ? 0 : points(fields, f, role, images);
            if (p < most || (best >= 0 && p == most) || (table && f->source != GR_FROM_TABLE && p < LEAST_BESIDE_TABLE))
                continue;
            best = i;
            most = p;
        }
        *roles[role] = best;
        if (best >= 0)
            taken[best] = true;
    }
}

bool gr_survey_worth_keeping(const gr_survey_fields *fields, int field, int64_t images)
{
    const gr_survey_field *f = &fields->items[field];
    bool whole, numbers = gr_survey_all_numbers(f->kinds, f->different, &whole);
    if (f->source == GR_FROM_TABLE)
        return true;
    if (has_table(fields) || f->different < 2 || f->different >= images || counts(f))
        return false;
    return f->source == GR_FROM_FOLDER || !numbers || f->place + 1 < f->of;
}
