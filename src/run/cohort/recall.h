/* Landmarks that runs have found of images, kept for the next run of this process that asks the same: the settings of a sweep. */
#ifndef GR_RUN_RECALL_H
#define GR_RUN_RECALL_H

#include "base/base.h"
#include "run/apply/guide.h"

enum { GR_RECALL_MOST = 4 };

typedef struct gr_recall {
    struct {
        uint64_t question;
        gr_guide_points points;
        int64_t images;
        char **problems; /* [images] */
    } answers[GR_RECALL_MOST];
    int count;
} gr_recall;

/* What is asked of the run `run`: the same number means the same answer while its models stay as they are. Never fails. */
uint64_t gr_recall_question(const char *run, int least, const gr_guide_images *images);
/* Has it been answered? Then GIVES *out (gr_guide_points_free) and sets images->problems, in images->arena. Fails: GR_NOMEM. */
gr_status gr_recall_take(const gr_recall *recall, uint64_t question, const gr_guide_images *images, bool *answered,
                        gr_guide_points *out, gr_error *err) GR_MUST_CHECK;
/* Keeps a copy of an answer; where there is no room or memory it is not kept. Never fails. */
void gr_recall_keep(gr_recall *recall, uint64_t question, const gr_guide_images *images, const gr_guide_points *points);
/* Frees all that is kept; a zeroed one is fine. */
void gr_recall_free(gr_recall *recall);

#endif
