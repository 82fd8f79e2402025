/* What training tells while it works, and how it is asked to stop. */
#ifndef GRIMACE_EVENTS_H
#define GRIMACE_EVENTS_H

#include <signal.h>
#include <stdint.h>

enum { GR_MOST_NUMBERS = 16 }; /* of an epoch's validation part */

typedef enum gr_event_kind {
    GR_EVENT_NOTICE,   /* `text` is one sentence: what was loaded, left out, resumed */
    GR_EVENT_CHECKING, /* images are read before training: `step` of `steps` */
    GR_EVENT_FEATURES, /* what a frozen backbone says of the images is computed: `step` of `steps` */
    GR_EVENT_STEP,     /* a training step is done */
    GR_EVENT_TESTING,  /* validation or test images are predicted */
    GR_EVENT_EPOCH,    /* an epoch is done, with its numbers */
    GR_EVENT_TRAINED,  /* a fold's training is over: `text` says when it was stopped and which epoch's weights are tested */
    GR_EVENT_FOLD      /* a fold is done; it may have been before (`text` says so then) */
} gr_event_kind;

/* The numbers of an epoch, means over its images; NaN: not computed. */
typedef struct gr_epoch_numbers {
    double lr;
    double loss, ce, prsc, accuracy;                 /* training part, at the weights before each step */
    double val_loss, val_ce, val_prsc, val_accuracy; /* validation part, at the weights after the epoch */
    double val[GR_MOST_NUMBERS];                     /* the task's numbers of the validation part: of classes the metrics */
    char val_name[24];                               /* of val[0] where accuracy is none of the task's; else "" */
    double seconds;                                  /* of the epoch's training part */
    double images_per_second;
} gr_epoch_numbers;

typedef struct gr_event {
    gr_event_kind kind;
    const char *text; /* or NULL */
    const char *fold_name;
    int fold, folds;          /* index and count */
    const char *setting;      /* of a sweep: its values in a few words; NULL: no sweep */
    int at_setting, settings; /* index and count */
    int epoch, epochs;        /* done and in all */
    int64_t step, steps;
    gr_epoch_numbers numbers; /* STEP: so far in this epoch; EPOCH: of the whole epoch */
    double seconds_left;      /* of the whole run; negative: not known yet */
} gr_event;

/* Who listens, and who may stop it. */
typedef struct gr_hooks {
    double checkpoint_seconds;                       /* of training between checkpoints within an epoch; 0: 60 */
    const volatile sig_atomic_t *stop;               /* not 0: stop after the current step; NULL: never */
    void (*event)(void *ctx, const gr_event *event); /* NULL: silent */
    void *ctx;
} gr_hooks;

#endif
