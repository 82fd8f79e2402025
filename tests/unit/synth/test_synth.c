/* The synthetic faces: labels follow from action units, counts are the paper's, occlusion is real, action units change
 * the right places, the same request gives the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/base.h"
#include "grimace/synth.h"
#include "support/folder.h"

enum { SIZE = 96 };
typedef uint8_t picture[SIZE][SIZE][3];

static gr_error failure;

static void draw(const gr_synth_params *params, picture rgb, gr_synth_landmark *landmarks)
{
    failure = (gr_error){0};
    assert_int_equal(gr_synth_render(params, SIZE, SIZE, &rgb[0][0][0], landmarks, &failure), GR_OK);
}

/* Pixels that differ clearly between two pictures: within `reach` of a point, or all when `at` is NULL. */
static int changed(picture a, picture b, const gr_synth_landmark *at, float reach)
{
    int count = 0;
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            float dx = at != NULL ? (float)x + 0.5f - at->x : 0, dy = at != NULL ? (float)y + 0.5f - at->y : 0;
            int most = 0;
            for (int c = 0; c < 3; c++)
                most = abs(a[y][x][c] - b[y][x][c]) > most ? abs(a[y][x][c] - b[y][x][c]) : most;
            count += most > 12 && dx * dx + dy * dy <= reach * reach;
        }
    return count;
}

static void scores_are_rounded_means(void **state)
{
    (void)state;
    static const int expected[9] = {0, 0, 1, 1, 1, 1, 2, 2, 2}; /* of the sums 0 to 8: halves go up */
    for (int code = 0; code < 81; code++) {
        int level[4] = {code % 3, code / 3 % 3, code / 9 % 3, code / 27};
        assert_int_equal(gr_synth_score(level), expected[level[0] + level[1] + level[2] + level[3]]);
    }
    assert_string_equal(gr_synth_label(0), "no");
    assert_string_equal(gr_synth_label(1), "moderate");
    assert_string_equal(gr_synth_label(2), "severe");
}

static void ratspain_has_the_papers_counts(void **state)
{
    (void)state;
    static const int table2[6][3] = {{56, 163, 2}, {102, 108, 0}, {148, 50, 0}, {138, 92, 0}, {63, 116, 3}, {34, 62, 1}};
    gr_synth_options options = {.preset = "ratspain", .seed = 7, .yaw = -1};
    gr_synth_plan plan;
    int counts[6][3] = {{0}}, wide = 0;
    assert_int_equal(gr_synth_plan_make(&options, &plan, &failure), GR_OK);
    assert_int_equal(plan.count, 1138);
    for (int i = 0; i < plan.count; i++) {
        const gr_synth_row *row = &plan.rows[i];
        counts[row->animal - 1][row->score]++;
        assert_int_equal(row->score, gr_synth_score(row->level));
        for (int k = 0; k < GR_SYNTH_AUS; k++) {
            float au = row->params.au[k], level = (float)row->level[k];
            assert_true(au >= 0 && au <= 2 && au > level - 0.5f && au < level + 0.5f);
        }
        assert_true(row->params.yaw >= -75 && row->params.yaw <= 75);
        wide += row->params.yaw < -30 || row->params.yaw > 30;
    }
    assert_memory_equal(counts, table2, sizeof(counts));
    assert_true(wide > 400); /* non-frontal views are common */
    gr_synth_plan_free(&plan);
}

/* Nothing that is drawn for the picture may follow the label: mean views of both classes lie within chance. */
static void labels_tell_nothing_of_the_view(void **state)
{
    (void)state;
    gr_synth_options options = {.preset = "mini", .seed = 11, .animals = 10, .images = 400, .yaw = -1};
    gr_synth_plan plan;
    enum { THINGS = 8 };
    double sum[2][THINGS] = {{0}}, square[THINGS] = {0};
    int n[2] = {0};
    assert_int_equal(gr_synth_plan_make(&options, &plan, &failure), GR_OK);
    for (int i = 0; i < plan.count; i++) {
        const gr_synth_row *row = &plan.rows[i];
        const gr_synth_params *p = &row->params;
        double value[THINGS] = {p->yaw,      p->pitch, p->roll, p->zoom, p->exposure, p->body_yaw, p->session.light[0],
                                row->session};
        n[row->score > 0]++;
        for (int k = 0; k < THINGS; k++) {
            sum[row->score > 0][k] += value[k];
            square[k] += value[k] * value[k];
        }
    }
    assert_int_equal(n[0], 2000);
    assert_int_equal(n[1], 2000);
    for (int k = 0; k < THINGS; k++) {
        double mean = (sum[0][k] + sum[1][k]) / 4000, variance = square[k] / 4000 - mean * mean;
        double apart = (sum[0][k] - sum[1][k]) / 2000;
        assert_true(apart * apart < 16 * variance * 2 / 2000); /* four standard errors */
    }
    gr_synth_plan_free(&plan);
}

static void presets_scale(void **state)
{
    (void)state;
    gr_synth_options options = {.preset = "ratspain", .seed = 1, .animals = 8, .images = 10, .yaw = 20};
    gr_synth_plan plan;
    assert_int_equal(gr_synth_plan_make(&options, &plan, &failure), GR_OK);
    assert_int_equal(plan.count, 80);
    int pain = 0;
    for (int i = 0; i < 80; i++) {
        assert_true(plan.rows[i].params.yaw >= -20 && plan.rows[i].params.yaw <= 20);
        pain += plan.rows[i].animal == 8 && plan.rows[i].score > 0; /* as rat 2: 108 of 210 */
    }
    assert_int_equal(pain, 5);
    gr_synth_plan_free(&plan);
    static const gr_synth_options wrong[] = {{.preset = "minni"},
                                             {.preset = "mini", .size = 31},
                                             {.preset = "mini", .size = 513},
                                             {.preset = "mini", .animals = -1},
                                             {.preset = "mini", .images = 1},
                                             {.preset = "mini", .yaw = 76},
                                             {.preset = "mini", .animals = 1000, .images = 100000}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        failure = (gr_error){0};
        assert_int_equal(gr_synth_plan_make(&wrong[i], &plan, &failure), GR_INVALID);
        assert_true(failure.text[0] != '\0');
        assert_null(plan.rows);
    }
}

static void renders_are_repeatable(void **state)
{
    (void)state;
    static picture a, b;
    gr_synth_params p = gr_synth_neutral();
    p.yaw = 33;
    p.noise = 0.02f;
    draw(&p, a, NULL);
    draw(&p, b, NULL);
    assert_memory_equal(a, b, sizeof(a));
    p.seed++;
    draw(&p, b, NULL);
    assert_true(memcmp(a, b, sizeof(a)) != 0);
    p.au[0] = 2.5f;
    assert_int_equal(gr_synth_render(&p, SIZE, SIZE, &a[0][0][0], NULL, &failure), GR_INVALID);
    p.au[0] = 0;
    assert_int_equal(gr_synth_render(&p, 8, SIZE, &a[0][0][0], NULL, &failure), GR_INVALID);
}

/* Turned by 70 degrees the far eye is hidden: its colour must change nothing but the near eye. */
static void the_far_eye_is_occluded(void **state)
{
    (void)state;
    static picture dark, bright;
    gr_synth_landmark points[GR_SYNTH_POINTS];
    for (int side = -1; side <= 1; side += 2) {
        gr_synth_params p = gr_synth_neutral();
        p.yaw = 70.0f * (float)side; /* +70: the nose points right, the left side is far */
        p.identity.eye[0] = p.identity.eye[1] = p.identity.eye[2] = 0.01f;
        draw(&p, dark, points);
        p.identity.eye[1] = 0.9f;
        draw(&p, bright, points);
        gr_synth_point far = side > 0 ? GR_SYNTH_LEFT_EYE : GR_SYNTH_RIGHT_EYE;
        gr_synth_point near = side > 0 ? GR_SYNTH_RIGHT_EYE : GR_SYNTH_LEFT_EYE;
        assert_false(points[far].visible);
        assert_true(points[near].visible);
        assert_true(changed(dark, bright, &points[near], 9) > 20);
        assert_int_equal(changed(dark, bright, NULL, 0), changed(dark, bright, &points[near], 9));
    }
}

static void both_eyes_show_in_front(void **state)
{
    (void)state;
    static picture a;
    gr_synth_landmark points[GR_SYNTH_POINTS];
    gr_synth_params p = gr_synth_neutral();
    draw(&p, a, points);
    assert_true(points[GR_SYNTH_LEFT_EYE].visible && points[GR_SYNTH_RIGHT_EYE].visible &&
                points[GR_SYNTH_NOSE_TIP].visible);
    assert_true(points[GR_SYNTH_LEFT_EYE].x > SIZE / 2 && points[GR_SYNTH_RIGHT_EYE].x < SIZE / 2);
    for (int i = 0; i < GR_SYNTH_POINTS; i++)
        assert_true(points[i].x > 0 && points[i].x < SIZE && points[i].y > 0 && points[i].y < SIZE);
    assert_true(points[GR_SYNTH_LEFT_EAR_TIP].y < points[GR_SYNTH_LEFT_EYE].y);
    assert_true(points[GR_SYNTH_LEFT_EYE].y < points[GR_SYNTH_NOSE_TIP].y);
    assert_true(points[GR_SYNTH_NOSE_TIP].y < points[GR_SYNTH_MOUTH].y);
}

/* Each action unit changes its own place and leaves the others' places alone. */
static void action_units_change_their_own_places(void **state)
{
    (void)state;
    static picture rest, moved;
    gr_synth_landmark points[GR_SYNTH_POINTS], after[GR_SYNTH_POINTS];
    gr_synth_params p = gr_synth_neutral();
    p.yaw = 35;
    draw(&p, rest, points);
    const gr_synth_landmark *eye = &points[GR_SYNTH_RIGHT_EYE], *ear = &points[GR_SYNTH_RIGHT_EAR_TIP];
    for (int au = 0; au < GR_SYNTH_AUS; au++) {
        gr_synth_params q = p;
        q.au[au] = 2;
        draw(&q, moved, after);
        int all = changed(rest, moved, NULL, 0);
        assert_true(all > 40);
        if (au == GR_SYNTH_AU_ORBITAL)
            assert_true(changed(rest, moved, eye, 9) > 40);
        if (au == GR_SYNTH_AU_EAR) {
            assert_true(changed(rest, moved, ear, 10) > 40);
            assert_true(changed(rest, moved, eye, 4) < 4);
            assert_true(after[GR_SYNTH_LEFT_EAR_TIP].x - after[GR_SYNTH_RIGHT_EAR_TIP].x >
                        points[GR_SYNTH_LEFT_EAR_TIP].x - points[GR_SYNTH_RIGHT_EAR_TIP].x); /* wider apart */
        } else {
            assert_int_equal(changed(rest, moved, ear, 6), 0);
        }
        if (au == GR_SYNTH_AU_NOSE_CHEEK)
            assert_true(after[GR_SYNTH_NOSE_TIP].x > points[GR_SYNTH_NOSE_TIP].x + 1); /* a longer nose */
    }
}

static size_t read_file(const char *folder, const char *name, char **data)
{
    char *path = gr_path_join(folder, name);
    size_t size;
    assert_int_equal(gr_file_read(path, 1 << 24, data, &size, &failure), GR_OK);
    gr_free(path);
    return size;
}

static const char *const set_files[] = {"manifest.csv",         "images/rat1_s1_1.png", "images/rat1_s1_2.png",
                                        "images/rat1_s2_3.png", "images/rat1_s2_4.png", "images/rat2_s1_1.png",
                                        "images/rat2_s1_2.png", "images/rat2_s2_3.png", "images/rat2_s2_4.png"};
enum { SET_FILES = sizeof(set_files) / sizeof(set_files[0]) };

/* Removes a set of set_files and its folders; fails when anything else lies there. */
static void remove_set(const char *folder)
{
    for (int k = 0; k < SET_FILES; k++) {
        char *path = gr_path_join(folder, set_files[k]);
        assert_int_equal(unlink(path), 0);
        gr_free(path);
    }
    char *images = gr_path_join(folder, "images");
    assert_int_equal(rmdir(images), 0);
    assert_int_equal(rmdir(folder), 0);
    gr_free(images);
}

static void sets_do_not_depend_on_threads(void **state)
{
    (void)state;
    char folder[2][TEST_TEMP];
    gr_synth_options options = {.preset = "mini", .seed = 3, .size = 32, .animals = 2, .images = 4, .yaw = -1};
    gr_synth_plan plan;
    assert_int_equal(gr_synth_plan_make(&options, &plan, &failure), GR_OK);
    for (int i = 0; i < 2; i++) {
        assert_non_null(test_temp_folder(folder[i], "synth"));
        gr_threads_set(i == 0 ? 1 : 3);
        assert_int_equal(gr_synth_write(&plan, folder[i], false, NULL, NULL, &failure), GR_OK);
    }
    gr_threads_set(0);
    failure = (gr_error){0};
    assert_int_equal(gr_synth_write(&plan, folder[0], false, NULL, NULL, &failure), GR_INVALID);
    assert_non_null(strstr(failure.text, "/manifest.csv: is there already; --force overwrites it"));
    for (int k = 0; k < SET_FILES; k++) {
        char *a, *b;
        size_t size = read_file(folder[0], set_files[k], &a);
        assert_int_equal(size, read_file(folder[1], set_files[k], &b));
        assert_memory_equal(a, b, size);
        if (k == 0) {
            assert_non_null(strstr(a, "image,animal,session,pain,score,label,au_orbital,au_ear,au_nose_cheek,au_whisker,yaw,"
                                      "pitch,roll,lm1_x,lm1_y,"));
            assert_non_null(strstr(a, "\nimages/rat2_s2_4.png,rat2,s2,"));
        }
        gr_free(a);
        gr_free(b);
    }
    /* pictures alone stand in the way, too, and stay */
    char *manifest = gr_path_join(folder[0], "manifest.csv"), *kept;
    assert_int_equal(unlink(manifest), 0);
    failure = (gr_error){0};
    assert_int_equal(gr_synth_write(&plan, folder[0], false, NULL, NULL, &failure), GR_INVALID);
    assert_non_null(strstr(failure.text, ".png: is there already; --force overwrites it"));
    assert_true(read_file(folder[0], set_files[SET_FILES - 1], &kept) > 0);
    gr_free(kept);
    failure = (gr_error){0};
    assert_int_equal(gr_synth_write(&plan, folder[0], true, NULL, NULL, &failure), GR_OK);
    gr_free(manifest);
    remove_set(folder[0]);
    remove_set(folder[1]);
    failure = (gr_error){0};
    assert_int_equal(gr_synth_write(&plan, "/dev/null/x", false, NULL, NULL, &failure), GR_INVALID);
    gr_synth_plan_free(&plan);
}

static bool stop_at_once(void *ctx, int done, int total)
{
    (void)ctx;
    return done > total;
}

static void a_stopped_set_leaves_nothing(void **state)
{
    (void)state;
    char folder[TEST_TEMP];
    gr_synth_options options = {.preset = "mini", .seed = 3, .size = 32, .animals = 1, .images = 2, .yaw = -1};
    gr_synth_plan plan;
    assert_non_null(test_temp_folder(folder, "synth"));
    assert_int_equal(gr_synth_plan_make(&options, &plan, &failure), GR_OK);
    failure = (gr_error){0};
    assert_int_equal(gr_synth_write(&plan, folder, false, stop_at_once, NULL, &failure), GR_INTERRUPTED);
    assert_int_equal(rmdir(folder), 0);
    gr_synth_plan_free(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_rounded_means),        cmocka_unit_test(ratspain_has_the_papers_counts),
        cmocka_unit_test(labels_tell_nothing_of_the_view), cmocka_unit_test(presets_scale),
        cmocka_unit_test(renders_are_repeatable),          cmocka_unit_test(the_far_eye_is_occluded),
        cmocka_unit_test(both_eyes_show_in_front),         cmocka_unit_test(action_units_change_their_own_places),
        cmocka_unit_test(sets_do_not_depend_on_threads),   cmocka_unit_test(a_stopped_set_leaves_nothing),
    };
    return cmocka_run_group_tests_name("synth", tests, NULL, NULL);
}
