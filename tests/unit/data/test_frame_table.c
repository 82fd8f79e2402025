/* From words and tables to windows of videos: rates of three origins, carried columns, names of pictures, and what is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "data/frame_table.h"
#include "support/folder.h"

static gr_status make(const char *text, const char *rate, const char *rate_by, gr_frame_plan *plan, gr_error *err)
{
    static char path[512];
    test_folder_text("table.csv", text);
    strcpy(path, test_in_folder("table.csv"));
    return gr_frame_plan_make(&(gr_frame_wish){.table = path, .rate = rate, .rate_by = rate_by}, plan, err);
}

static void window_is(const gr_frame_plan *p, int i, int video, int64_t row, double start, double end, double rate)
{
    const gr_frame_window *w = &p->windows[i];
    assert_int_equal(w->video, video);
    assert_int_equal(w->row, row);
    assert_true((double)w->start.num / (double)w->start.den == start);
    assert_true(end < 0 ? w->end.den == 0 : (double)w->end.num / (double)w->end.den == end);
    assert_true((double)w->rate.num / (double)w->rate.den == rate);
}

static void test_table(void **state)
{
    (void)state;
    gr_frame_plan plan;
    gr_error err = {0};
    assert_int_equal(make("score,video,start,end,rate,infant\n2,v/b.mp4,30,60,,k1\n1,v/b.mp4,0,30,,k1\n,a.mov,,,4,k2\n0,w/"
                          "b.avi,1.5,,,k3\n",
                          "3", "score:0=0.5,1=1/4,*=2", &plan, &err),
                     GR_OK);
    assert_int_equal(plan.video_count, 3);
    assert_int_equal(plan.window_count, 4);
    window_is(&plan, 0, 0, 1, 0, 30, 0.25);
    window_is(&plan, 1, 0, 0, 30, 60, 2);
    window_is(&plan, 2, 1, 2, 0, -1, 4);
    window_is(&plan, 3, 2, 3, 1.5, -1, 0.5);
    assert_string_equal(plan.videos[0].name, "v/b.mp4");
    assert_true(strstr(plan.videos[0].path, "/v/b.mp4") != NULL);
    assert_string_equal(plan.videos[0].stem, "b");
    assert_string_equal(plan.videos[2].stem, "b-2");
    assert_int_equal(plan.videos[0].first, 0);
    assert_int_equal(plan.videos[0].count, 2);
    assert_int_equal(plan.carried_count, 2);
    assert_string_equal(plan.csv->header[plan.carried[1]], "infant");
    gr_frame_plan_free(&plan);
}

static void test_words(void **state)
{
    (void)state;
    gr_frame_plan plan;
    gr_error err = {0};
    const char *const videos[] = {"x/a.mp4", "a.tar.mp4", "a.mp4", "noending"};
    assert_int_equal(gr_frame_plan_make(&(gr_frame_wish){.videos = videos, .video_count = 4}, &plan, &err), GR_OK);
    assert_string_equal(plan.videos[0].stem, "a");
    assert_string_equal(plan.videos[1].stem, "a.tar");
    assert_string_equal(plan.videos[2].stem, "a-2");
    assert_string_equal(plan.videos[3].stem, "noending");
    window_is(&plan, 3, 3, -1, 0, -1, 1);
    gr_frame_plan_free(&plan);
    const char *const twice[] = {"a.mp4", "a.mp4"};
    assert_int_equal(gr_frame_plan_make(&(gr_frame_wish){.videos = twice, .video_count = 2}, &plan, &err), GR_INVALID);
    gr_frame_plan_free(&plan);
}

static void refused(const char *table, const char *rate, const char *rate_by, const char *words)
{
    gr_frame_plan plan;
    gr_error err = {0};
    assert_int_equal(make(table, rate, rate_by, &plan, &err), GR_INVALID);
    if (strstr(err.text, words) == NULL)
        print_error("\"%s\" lacks \"%s\"\n", err.text, words);
    assert_non_null(strstr(err.text, words));
    gr_frame_plan_free(&plan);
}

static void test_refused(void **state)
{
    (void)state;
    refused("file,start\na,1\n", NULL, NULL, "has no column video");
    refused("video,start\n", NULL, NULL, "has no rows");
    refused("video,frame\na,1\n", NULL, NULL, "has a column frame");
    refused("video,start\na,x\n", NULL, NULL, ":2: start: \"x\" is no time");
    refused("video,start,end\na,5,5\n", NULL, NULL, ":2: end: \"5\" is not behind the start");
    refused("video,rate\na,0\n", NULL, NULL, ":2: rate: \"0\" is no rate");
    refused("video,start\n,1\n", NULL, NULL, ":2: video: is empty");
    refused("video\na\n", "fast", NULL, "--rate: \"fast\" is no rate");
    refused("video\na\n", NULL, "score:1=2", "has no column score");
    refused("video,score\na,3\n", NULL, "score:1=2", ":2: score: \"3\" has no rate");
    refused("video,score\na,3\n", NULL, "score", "names no column");
    refused("video,score\na,3\n", NULL, "score:1", "is no VALUE=RATE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
