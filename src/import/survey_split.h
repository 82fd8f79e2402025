/* How a cross-validation of surveyed pictures may split them. */
#ifndef GR_IMPORT_SURVEY_SPLIT_H
#define GR_IMPORT_SURVEY_SPLIT_H

#include "base/base.h"
#include "grimace/survey.h"

/* Fills survey->split from its columns, such that every fold can train: by the column that says so, by animals, or by
 * classes alone. Where animals cannot be kept whole, survey->group becomes -1, and that is a line of `warnings`. false:
 * memory is short. */
bool gr_survey_split_choose(gr_survey *survey, gr_arena *arena, gr_text *warnings) GR_MUST_CHECK;

#endif
