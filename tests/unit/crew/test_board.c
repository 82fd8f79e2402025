/* Claims of parts: each once, whoever asks and dies; what it costs does not grow with parts or workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "crew/board.h"
#include "support/folder.h"

enum { MOST_WORKERS = 200 };

static void folder_of(void *ctx, int index, char *name, size_t size)
{
    (void)ctx;
    snprintf(name, size, "fold-%d", index);
}

typedef struct crew {
    char run[200];
    gr_share_parts parts;
    gr_worker workers[MOST_WORKERS];
    gr_board boards[MOST_WORKERS];
    int count;
} crew;

/* Workers without a thread, of one process: who is dead is said by the tests. */
static void enter(crew *c, const char *name, int count, int parts)
{
    gr_error err = {0};
    snprintf(c->run, sizeof c->run, "%s", test_in_folder(name));
    c->count = count;
    c->parts = (gr_share_parts){.folder = c->run, .count = parts, .folder_of = folder_of};
    assert_int_equal(gr_make_folders(c->run, &err), GR_OK);
    for (int i = 0; i < count; i++) {
        c->workers[i] = (gr_worker){.top = c->run, .stale = 1000, .kind = "work", .generation = 1000 * i};
        assert_int_equal(gr_worker_register(&c->workers[i], &err), GR_OK);
        assert_int_equal(gr_board_open(&c->workers[i], &c->parts, false, &c->boards[i], &err), GR_OK);
    }
}

static void leave(crew *c)
{
    for (int i = 0; i < c->count; i++) {
        gr_board_close(&c->boards[i]);
        gr_worker_leave(&c->workers[i]);
    }
    gr_board_remove(c->run, NULL);
    char path[300];
    snprintf(path, sizeof path, "%s/crew", c->run);
    assert_false(gr_path_exists(path));
}

static gr_share_taken take(crew *c, int worker, int wanted)
{
    gr_error err = {0};
    gr_share_taken taken;
    if (gr_board_take(&c->boards[worker], wanted, &taken, &err) != GR_OK)
        fail_msg("%s", err.text);
    return taken;
}

static void done(crew *c, int worker, const gr_share_taken *taken)
{
    gr_error err = {0};
    if (gr_board_done(&c->boards[worker], taken, &err) != GR_OK)
        fail_msg("%s", err.text);
}

/* Workers in turn take a part and finish the one before, until all are done; gives the calls on files of each part. */
static double play(crew *c)
{
    int *times = calloc((size_t)c->parts.count, sizeof *times), left = c->count;
    gr_share_taken *hands = calloc((size_t)c->count, sizeof *hands);
    bool *holds = calloc((size_t)c->count, sizeof *holds), *ended = calloc((size_t)c->count, sizeof *ended);
    int *until = calloc((size_t)c->count, sizeof *until); /* who finds nothing waits, as a worker does */
    long operations = 0;
    for (int turn = 0; left > 0 && turn < 1000000; turn++) {
        int w = turn * 7919 % c->count;
        if (ended[w])
            w = (w + turn) % c->count;
        if (ended[w] || turn < until[w])
            continue;
        if (holds[w]) {
            times[hands[w].index]++;
            done(c, w, &hands[w]);
        }
        hands[w] = take(c, w, GR_SHARE_ANY);
        holds[w] = hands[w].state == GR_SHARE_TAKEN;
        ended[w] = hands[w].state == GR_SHARE_OVER;
        until[w] = hands[w].state == GR_SHARE_BUSY ? turn + 4 * c->count : 0;
        left -= ended[w];
    }
    assert_int_equal(left, 0);
    for (int i = 0; i < c->parts.count; i++)
        assert_int_equal(times[i], 1);
    for (int w = 0; w < c->count; w++)
        operations += c->boards[w].operations;
    free(times);
    free(hands);
    free(holds);
    free(ended);
    free(until);
    return (double)operations / c->parts.count;
}

static void every_part_once(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 6}, {4, 6}, {3, 64}, {5, 65}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        crew *c = calloc(1, sizeof *c);
        char name[40];
        snprintf(name, sizeof name, "once-%zu", i);
        enter(c, name, sizes[i][0], sizes[i][1]);
        (void)play(c);
        leave(c);
        free(c);
    }
}

static double cost_of(const char *name, int workers, int parts)
{
    crew *c = calloc(1, sizeof *c);
    enter(c, name, workers, parts);
    double cost = play(c);
    leave(c);
    free(c);
    return cost;
}

static void the_cost_of_a_part_does_not_grow(void **state)
{
    (void)state;
    double few = cost_of("few", 2, 100), parts = cost_of("parts", 2, 800), workers = cost_of("workers", 20, 800);
    print_message("calls a part: %.1f (2 workers, 100 parts), %.1f (2, 800), %.1f (20, 800)\n", few, parts, workers);
    assert_true(few < 7 && parts < 4 && workers < 7);
}

/* A road to a part's folder, and that it leads nowhere without its worker. */
static bool can_write(const gr_share_taken *taken)
{
    char path[GR_SHARE_ROOM + 10];
    snprintf(path, sizeof path, "%s/file", taken->road);
    FILE *file = fopen(path, "w");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

static void make_part(const crew *c, int index)
{
    gr_error err = {0};
    char path[300];
    snprintf(path, sizeof path, "%s/fold-%d", c->run, index);
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
}

static void a_dead_workers_part_is_taken_over_by_one(void **state)
{
    (void)state;
    crew *c = calloc(1, sizeof *c);
    enter(c, "dead", 3, 2);
    make_part(c, 0);
    make_part(c, 1);
    gr_share_taken a = take(c, 0, GR_SHARE_ANY), b = take(c, 1, GR_SHARE_ANY);
    assert_int_equal(a.state, GR_SHARE_TAKEN);
    assert_int_equal(b.state, GR_SHARE_TAKEN);
    assert_int_not_equal(a.index, b.index);
    assert_true(can_write(&a) && can_write(&b));
    assert_int_equal(take(c, 2, GR_SHARE_ANY).state, GR_SHARE_BUSY);
    assert_int_equal(take(c, 2, a.index).state, GR_SHARE_BUSY);

    c->workers[2].stale = 1e-9; /* both have given no sign of life since */
    usleep(10000);
    gr_share_taken over = take(c, 2, a.index);
    assert_int_equal(over.state, GR_SHARE_TAKEN);
    assert_int_equal(over.index, a.index);
    assert_int_equal(over.turn, 1);
    assert_false(can_write(&a));
    assert_false(gr_worker_there(&c->workers[0]));
    assert_true(can_write(&over) && can_write(&b));

    /* who was shut out comes again as another, and takes what is left to be taken */
    gr_error err = {0};
    assert_int_equal(gr_worker_register(&c->workers[0], &err), GR_OK);
    assert_true(gr_worker_there(&c->workers[0]));
    assert_int_equal(take(c, 0, GR_SHARE_ANY).state, GR_SHARE_BUSY);
    done(c, 1, &b);
    done(c, 2, &over);
    assert_int_equal(take(c, 0, GR_SHARE_ANY).state, GR_SHARE_OVER);
    assert_int_equal(take(c, 0, a.index).state, GR_SHARE_OVER);
    leave(c);
    free(c);
}

/* However deep its folder lies. */
static void every_road_leads_to_its_part(void **state)
{
    static const int counts[] = {1, 64, 65, 4096, 4097, 300000};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        crew *c = calloc(1, sizeof *c);
        char name[40], path[300];
        snprintf(name, sizeof name, "roads-%d", counts[i]);
        enter(c, name, 1, counts[i]);
        for (int at = counts[i] - 1; at >= 0; at = at / 2 - 1) {
            make_part(c, at);
            gr_share_taken taken = take(c, 0, at);
            assert_true(taken.state == GR_SHARE_TAKEN && can_write(&taken));
            snprintf(path, sizeof path, "%s/fold-%d/file", c->run, at);
            assert_true(gr_path_exists(path));
            done(c, 0, &taken);
        }
        gr_share_taken end = take(c, 0, GR_SHARE_END);
        assert_true(can_write(&end));
        leave(c);
        free(c);
    }
}

static void a_part_of_a_worker_that_left_is_free(void **state)
{
    (void)state;
    crew *c = calloc(1, sizeof *c);
    enter(c, "left", 2, 70);
    for (int i = 0; i < 70; i++)
        make_part(c, i);
    gr_share_taken a = take(c, 0, 65);
    assert_true(can_write(&a));
    gr_worker_leave(&c->workers[0]);
    assert_false(can_write(&a));
    bool seen = false;
    for (int i = 0; i < 70; i++) {
        gr_share_taken b = take(c, 1, GR_SHARE_ANY);
        assert_int_equal(b.state, GR_SHARE_TAKEN);
        assert_true(can_write(&b));
        assert_int_equal(b.turn, b.index == 65);
        seen = seen || b.index == 65;
        done(c, 1, &b);
    }
    assert_true(seen);
    assert_int_equal(take(c, 1, GR_SHARE_ANY).state, GR_SHARE_OVER);
    leave(c);
    free(c);
}

static void the_end_is_one_workers(void **state)
{
    (void)state;
    crew *c = calloc(1, sizeof *c);
    enter(c, "end", 3, 100);
    gr_share_taken end = take(c, 0, GR_SHARE_END);
    assert_int_equal(end.state, GR_SHARE_TAKEN);
    assert_true(can_write(&end));
    char path[300];
    snprintf(path, sizeof path, "%s/file", c->run);
    assert_true(gr_path_exists(path));
    assert_int_equal(take(c, 1, GR_SHARE_END).state, GR_SHARE_BUSY);
    done(c, 0, &end);
    assert_int_equal(take(c, 1, GR_SHARE_END).state, GR_SHARE_OVER);
    gr_board_remove(c->run, NULL);
    assert_int_equal(take(c, 1, GR_SHARE_END).state, GR_SHARE_GONE);
    assert_int_equal(take(c, 0, GR_SHARE_ANY).state, GR_SHARE_GONE);
    leave(c);
    free(c);
}

/* The folder of a setting lies below the sweep's, whose workers it has. */
static void a_setting_is_shared_by_the_workers_of_its_sweep(void **state)
{
    (void)state;
    crew *c = calloc(1, sizeof *c);
    gr_error err = {0};
    enter(c, "sweep", 1, 3);
    char folder[260], path[300];
    snprintf(folder, sizeof folder, "%s/setting-001", c->run);
    snprintf(path, sizeof path, "%s/fold-1", folder);
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
    gr_share_parts parts = {.folder = folder, .count = 5000, .folder_of = folder_of};
    gr_board board;
    gr_share_taken taken, end;
    assert_int_equal(gr_board_open(&c->workers[0], &parts, true, &board, &err), GR_OK);
    assert_int_equal(gr_board_take(&board, 1, &taken, &err), GR_OK);
    assert_true(can_write(&taken));
    snprintf(path, sizeof path, "%s/fold-1/file", folder);
    assert_true(gr_path_exists(path));
    assert_int_equal(gr_board_take(&board, GR_SHARE_END, &end, &err), GR_OK);
    assert_true(can_write(&end));
    snprintf(path, sizeof path, "%s/file", folder);
    assert_true(gr_path_exists(path));
    gr_board_close(&board);
    gr_board_remove(folder, NULL);
    leave(c);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_once),
        cmocka_unit_test(the_cost_of_a_part_does_not_grow),
        cmocka_unit_test(a_dead_workers_part_is_taken_over_by_one),
        cmocka_unit_test(every_road_leads_to_its_part),
        cmocka_unit_test(a_part_of_a_worker_that_left_is_free),
        cmocka_unit_test(the_end_is_one_workers),
        cmocka_unit_test(a_setting_is_shared_by_the_workers_of_its_sweep),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
