/* Which field of a survey is the label, which the animal, and so on. */
#ifndef GR_IMPORT_SURVEY_ROLES_H
#define GR_IMPORT_SURVEY_ROLES_H

#include "import/survey_fields.h"

/* Of fields; -1: none. */
typedef struct gr_survey_roles {
    int label, group, split, session;
} gr_survey_roles;

/* Chooses among the fields of `images` pictures: by the titles of a table's columns, by known words, and by how many values
 * there are. Never fails. */
void gr_survey_choose(const gr_survey_fields *fields, int64_t images, gr_survey_roles *out);
/* Is fields->items[field], which has no role, worth a column: every column of a table is, and beside none what does not
 * count pictures? Never fails. */
bool gr_survey_worth_keeping(const gr_survey_fields *fields, int field, int64_t images);
/* Are all known values numbers; and whole ones? Never fails. */
bool gr_survey_all_numbers(const char *const *kinds, int64_t count, bool *whole);

#endif
