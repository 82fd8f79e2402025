/* The fields of a survey: what one folder of each path, one part of each file name, or one column of a table says of each
 * picture. */
#ifndef GR_IMPORT_SURVEY_FIELDS_H
#define GR_IMPORT_SURVEY_FIELDS_H

#include "base/base.h"

enum { GR_SURVEY_FIELDS = 256 };

typedef enum gr_survey_source { GR_FROM_TABLE, GR_FROM_FOLDER, GR_FROM_NAME } gr_survey_source;

typedef struct gr_survey_field {
    gr_survey_source source;
    int place, of;       /* the folder's depth, the part's or the column's number, from 0; of how many */
    const char *title;   /* of a column */
    const char **values; /* [images]; "": not known */
    int64_t known;       /* values that are */
    int64_t different;
    const char **kinds; /* [different], in the order of their values */
    int64_t *counts;    /* [different] */
    bool cut_in_words;  /* parts end where digits begin, not at signs: less is sure */
    bool respelt;       /* some values were written in another way than the first of their kind */
} gr_survey_field;

typedef struct gr_survey_fields {
    gr_survey_field items[GR_SURVEY_FIELDS];
    int count;
    gr_arena *arena; /* holds all of them */
} gr_survey_fields;

/* Counts the values of the last field, which is filled in but for that. false: memory is short. */
bool gr_survey_count(gr_survey_fields *fields, gr_survey_field *field, int64_t images) GR_MUST_CHECK;
/* Adds the fields that paths[images] have: a field a folder, as deep as nine of ten pictures lie; a field a part of the file
 * names, which are cut at _, - or both, and at blanks, where nine of ten have as many parts. What says the same of every
 * picture is left out. false: memory is short. */
bool gr_survey_add_paths(gr_survey_fields *fields, const char *const *paths, int64_t images) GR_MUST_CHECK;
/* Where the field stands, for a reader: "folder 1", "part 2 of the file names", "column pain"; in the arena, NULL when
 * memory is short. */
const char *gr_survey_place(const gr_survey_fields *fields, const gr_survey_field *field);

#endif
