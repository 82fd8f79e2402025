/* What the values of a column look like, judged by known words. */
#ifndef GR_IMPORT_SURVEY_WORDS_H
#define GR_IMPORT_SURVEY_WORDS_H

#include "base/base.h"

enum { GR_WORD_ROOM = 64 };

/* The word without case, blanks and signs: "No_Pain" is "nopain"; cut off where it is longer. */
void gr_survey_key(const char *word, char key[GR_WORD_ROOM]);

/* How surely kinds[count] are classes, 0 to 100: words of pain and its absence, score0, score1, ...; whole numbers from 0
 * on. */
int gr_survey_like_label(const char *const *kinds, int64_t count);
/* How surely they are animals: rat01, rat02, ...; s1, s2, ... */
int gr_survey_like_group(const char *const *kinds, int64_t count);
/* Are they points in time: t0, t30, day2, ...? */
bool gr_survey_like_session(const char *const *kinds, int64_t count);
/* Do all of them count pictures: 0001, 0002, img3, frame12, ...? */
bool gr_survey_like_counter(const char *const *kinds, int64_t count);
/* "train", "val" or "test" for a word that means it; NULL for others. */
const char *gr_survey_part(const char *word);
/* "subject" where their words speak of people, else "animal". */
const char *gr_survey_group_name(const char *const *kinds, int64_t count);

/* How surely the column of a table called `title` is what the role says, 0 to 100. */
int gr_survey_label_title(const char *title);
int gr_survey_group_title(const char *title);
bool gr_survey_session_title(const char *title);

/* Puts kinds[count] in the order of classes: those that deny first, those that affirm last, numbers by value. `moved` (NULL:
 * none) goes along. Never fails. */
void gr_survey_order_classes(const char **kinds, int64_t *moved, int count);
/* Is it plain that the last class of kinds[count] is the one that is looked for? */
bool gr_survey_last_is_positive(const char *const *kinds, int count);

#endif
