/* A crew as a run sees it: who comes when all is over leaves everything as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "crew/board.h"
#include "grimace/crew.h"
#include "support/folder.h"

static void folder_of(void *ctx, int index, char *name, size_t size)
{
    (void)ctx;
    snprintf(name, size, "fold-%d", index);
}

static bool over(void *ctx)
{
    return *(const bool *)ctx;
}

static void put(const char *run, const char *name)
{
    gr_error err = {0};
    char path[400];
    snprintf(path, sizeof path, "%s/%s", run, name);
    assert_int_equal(gr_file_put(path, "x", 1, &err), GR_OK);
}

static bool has(const char *run, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", run, name);
    return gr_path_exists(path);
}

/* The tables are written again by who looked on, the log by workers alone. */
static void who_comes_too_late_leaves_what_others_write(void **state)
{
    (void)state;
    char run[300];
    bool ended = true;
    gr_error err = {0};
    gr_workers *crew = NULL;
    void *board = NULL;
    gr_share_taken taken;
    snprintf(run, sizeof run, "%s", test_in_folder("late"));
    assert_int_equal(gr_make_folders(run, &err), GR_OK);
    put(run, "pr.csv.tmp-12");
    put(run, "work.csv.tmp-34");
    put(run, "work.csv");
    const gr_share_parts parts = {.folder = run, .count = 2, .folder_of = folder_of, .over = over, .ctx = &ended};
    assert_int_equal(gr_workers_open(run, &(gr_workers_options){.joins = true}, &crew, &err), GR_OK);
    const gr_share *share = gr_workers_share(crew);
    assert_int_equal(share->open(share->ctx, &parts, &board, &err), GR_OK);
    assert_int_equal(share->take(board, GR_SHARE_END, &taken, &err), GR_OK);
    assert_int_equal(taken.state, GR_SHARE_GONE);
    share->close(board, false);
    gr_workers_close(crew);
    assert_true(has(run, "pr.csv.tmp-12"));
    assert_false(has(run, "work.csv.tmp-34"));
    assert_true(has(run, "work.csv"));
    assert_false(has(run, "crew"));
}

/* Who opens it after all was cleared away must do no part again; one that was not at its end is begun. */
static void who_comes_too_late_begins_nothing(void **state)
{
    (void)state;
    char run[300];
    bool ended;
    gr_error err = {0};
    snprintf(run, sizeof run, "%s", test_in_folder("later"));
    assert_int_equal(gr_make_folders(run, &err), GR_OK);
    for (int before = 0; before < 3; before++) { /* the end comes before it is opened, before a part is taken, later */
        gr_workers *crew = NULL;
        void *board = NULL;
        gr_share_taken taken;
        bool lost;
        const gr_share_parts parts = {.folder = run, .count = 2, .folder_of = folder_of, .over = over, .ctx = &ended};
        ended = before == 0;
        assert_int_equal(gr_workers_open(run, &(gr_workers_options){.joins = true}, &crew, &err), GR_OK);
        const gr_share *share = gr_workers_share(crew);
        assert_int_equal(share->open(share->ctx, &parts, &board, &err), GR_OK);
        ended = before < 2;
        assert_int_equal(share->take(board, GR_SHARE_ANY, &taken, &err), GR_OK);
        assert_int_equal(taken.state, before < 2 ? GR_SHARE_GONE : GR_SHARE_TAKEN);
        ended = true;
        if (before == 2) {
            assert_int_equal(share->give(board, &taken, true, NULL, &lost, &err), GR_OK);
            assert_int_equal(share->take(board, GR_SHARE_ANY, &taken, &err), GR_OK);
            assert_int_equal(taken.state, GR_SHARE_TAKEN);
        }
        share->close(board, false);
        gr_workers_close(crew);
        assert_int_equal(has(run, "work.csv"), before == 2);
        assert_false(has(run, "crew"));
    }
}

/* All repetitions may be at their end, and all that was shared gone, while somebody makes the results of the first once more. */
static void whose_board_was_cleared_away_has_lost_nothing(void **state)
{
    (void)state;
    char run[300];
    bool ended = false, lost = false;
    gr_error err = {0};
    gr_workers *crew = NULL;
    void *board = NULL;
    gr_share_taken taken;
    snprintf(run, sizeof run, "%s", test_in_folder("cleared"));
    assert_int_equal(gr_make_folders(run, &err), GR_OK);
    const gr_share_parts parts = {
        .folder = run, .place = "repeat-1", .count = 2, .folder_of = folder_of, .over = over, .ctx = &ended};
    assert_int_equal(gr_workers_open(run, &(gr_workers_options){.joins = true}, &crew, &err), GR_OK);
    const gr_share *share = gr_workers_share(crew);
    assert_int_equal(share->open(share->ctx, &parts, &board, &err), GR_OK);
    assert_int_equal(share->take(board, GR_SHARE_END, &taken, &err), GR_OK);
    assert_int_equal(taken.state, GR_SHARE_TAKEN);
    gr_board_remove(run, "repeat-1");
    assert_true(has(run, "crew/workers")); /* the worker's own sign of life is there */
    assert_int_equal(share->give(board, &taken, false, "a table cannot be written", &lost, &err), GR_OK);
    assert_true(lost);
    assert_int_equal(share->take(board, GR_SHARE_END, &taken, &err), GR_OK);
    assert_int_equal(taken.state, GR_SHARE_GONE);
    share->close(board, false);
    gr_workers_close(crew);
    assert_false(has(run, "crew"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_too_late_leaves_what_others_write),
        cmocka_unit_test(who_comes_too_late_begins_nothing),
        cmocka_unit_test(whose_board_was_cleared_away_has_lost_nothing),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
