/* Lines that stay are the same everywhere: one an epoch, one a fold. A terminal has a bar below them, drawn at most ten times a
 * second. */
#include "cli/progress.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"

enum { SHORTEST_BAR = 6, LONGEST_BAR = 30 };

gr_progress_view gr_progress_view_make(void)
{
    int width = gr_cli_width();
    return (gr_progress_view){.terminal = width > 0, .columns = width, .drawn = -1};
}

/* "2:05" or "1:02:05", in text[size]. */
static const char *duration(double seconds, char *text, size_t size)
{
    long s = seconds < 0 ? 0 : seconds > 1e8 ? 100000000 : lround(seconds);
    if (s >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
    return text;
}

static void put_bar(gr_text *out, int length, double share)
{
    int full = (int)(share * length + 0.5);
    gr_text_printf(out, "[");
    for (int i = 0; i < length; i++)
        gr_text_add(out, i < full ? "#" : "-", 1);
    gr_text_printf(out, "]");
}

static void put_number(gr_text *out, const char *name, double value)
{
    if (isfinite(value))
        gr_text_printf(out, "  %s %.4g", name, value);
}

static void put_left(gr_text *out, const gr_event *event)
{
    char text[32];
    if (event->seconds_left >= 0)
        gr_text_printf(out, "  %s left", duration(event->seconds_left, text, sizeof text));
}

/* "3/61: " for the third setting of a sweep; where there is room its values too. */
static void put_setting(gr_text *out, const gr_event *event, bool values)
{
    if (event->setting == NULL)
        return;
    gr_text_printf(out, "%d/%d%s%s: ", event->at_setting + 1, event->settings, values ? " " : "",
                     values ? event->setting : "");
}

static void put_fold(gr_text *out, const gr_event *event)
{
    if (event->folds > 1)
        gr_text_printf(out, "fold %s (%d/%d)", event->fold_name, event->fold + 1, event->folds);
    else
        gr_text_printf(out, "fold %s", event->fold_name);
}

/* A line that stays, in place of the bar. */
static void print_line(gr_progress_view *view, const gr_text *text)
{
    gr_progress_view_end(view);
    if (!text->failed && text->data != NULL)
        printf("%s\n", text->data);
    fflush(stdout);
}

/* Is somebody reading? Who waits to draw for a terminal that nobody empties, as mpirun's own after Ctrl-C, cannot stop. */
static bool is_read(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLOUT) != 0;
}

/* `head`, a bar in the room that is left, `tail`. */
static void draw(gr_progress_view *view, const gr_text *head, double share, const gr_text *tail)
{
    double time = gr_seconds();
    if (head->failed || tail->failed || (view->open && time - view->drawn < 0.1) || !is_read())
        return;
    int room = view->columns - 4 - (int)head->size - (int)tail->size;
    gr_text line = {0};
    gr_text_printf(&line, "%s ", head->data != NULL ? head->data : "");
    put_bar(&line, room < SHORTEST_BAR ? SHORTEST_BAR : room > LONGEST_BAR ? LONGEST_BAR : room, share);
    gr_text_printf(&line, "%s", tail->data != NULL ? tail->data : "");
    if (!line.failed)
        printf("\r%.*s\033[K", view->columns - 1, line.data);
    fflush(stdout);
    gr_text_free(&line);
    view->open = true;
    view->drawn = time;
}

void gr_progress_view_end(gr_progress_view *view)
{
    if (view->open)
        printf("\r\033[K");
    view->open = false;
}

/* The share of the fold that is trained, of the images that are checked, or of those that are predicted. */
static double share_of(const gr_event *event)
{
    double share = event->steps > 0 ? (double)event->step / (double)event->steps : 1;
    return event->kind == GR_EVENT_STEP ? (event->epoch + share) / event->epochs : share;
}

static void draw_step(gr_progress_view *view, const gr_event *event)
{
    gr_text head = {0}, tail = {0};
    put_setting(&head, event, false);
    if (event->kind == GR_EVENT_CHECKING || event->kind == GR_EVENT_FEATURES)
        gr_text_printf(&head, event->kind == GR_EVENT_CHECKING ? "checking images" : "computing features");
    else {
        put_fold(&head, event);
        int epoch = event->epoch + 1 < event->epochs ? event->epoch + 1 : event->epochs;
        gr_text_printf(&head, "  epoch %d/%d%s", epoch, event->epochs,
                         event->kind == GR_EVENT_TESTING ? "  evaluating" : "");
    }
    if (event->kind == GR_EVENT_STEP) {
        put_number(&tail, "loss", event->numbers.loss);
        if (isfinite(event->numbers.images_per_second))
            gr_text_printf(&tail, "  %.1f images/s", event->numbers.images_per_second);
        put_left(&tail, event);
    }
    draw(view, &head, share_of(event), &tail);
    gr_text_free(&head);
    gr_text_free(&tail);
}

static void print_epoch(gr_progress_view *view, const gr_event *event)
{
    gr_text line = {0};
    const gr_epoch_numbers *n = &event->numbers;
    put_setting(&line, event, true);
    put_fold(&line, event);
    gr_text_printf(&line, "  epoch %d/%d", event->epoch, event->epochs);
    put_number(&line, "lr", n->lr);
    put_number(&line, "loss", n->loss);
    put_number(&line, "accuracy", n->accuracy);
    put_number(&line, "val_loss", n->val_loss);
    put_number(&line, "val_accuracy", n->val_accuracy);
    if (n->val_name[0] != '\0') {
        char name[40];
        snprintf(name, sizeof name, "val_%s", n->val_name);
        put_number(&line, name, n->val[0]);
    }
    if (isfinite(n->images_per_second))
        gr_text_printf(&line, "  %.1f images/s", n->images_per_second);
    put_left(&line, event);
    print_line(view, &line);
    gr_text_free(&line);
}

static void print_text(gr_progress_view *view, const gr_event *event, const char *otherwise)
{
    gr_text line = {0};
    put_setting(&line, event, true);
    if (event->fold_name != NULL) {
        put_fold(&line, event);
        gr_text_printf(&line, " ");
    }
    gr_text_printf(&line, "%s", event->text != NULL ? event->text : otherwise);
    print_line(view, &line);
    gr_text_free(&line);
}

void gr_progress_view_event(void *ctx, const gr_event *event)
{
    gr_progress_view *view = ctx;
    switch (event->kind) {
    case GR_EVENT_TRAINED:
    case GR_EVENT_NOTICE: print_text(view, event, ""); break;
    case GR_EVENT_FOLD: print_text(view, event, "is done"); break;
    case GR_EVENT_EPOCH: print_epoch(view, event); break;
    case GR_EVENT_CHECKING:
    case GR_EVENT_FEATURES:
    case GR_EVENT_STEP:
    case GR_EVENT_TESTING:
        if (view->terminal)
            draw_step(view, event);
        break;
    }
}
