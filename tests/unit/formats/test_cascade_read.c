/* Cascades as OpenCV writes them, and one sentence for each thing that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/cascade.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("c.xml");
    return path == NULL;
}

#define HEAD "<opencv_storage>\n<cascade>\n<stageType>BOOST</stageType><featureType>HAAR</featureType>\n"
#define SIZE "<height>8</height><width>9</width><featureParams><maxCatCount>0</maxCatCount></featureParams>\n"
#define STAGE(NODES, LEAVES)                                                                                                \
    "<stages><_><maxWeakCount>1</maxWeakCount><stageThreshold>-1.</"                                                        \
    "stageThreshold>\n<weakClassifiers><_><internalNodes>" NODES "</internalNodes><leafValues>" LEAVES                      \
    "</leafValues></_></weakClassifiers></_></stages>\n"
#define FEATURE(RECTS) "<features><_><rects>" RECTS "</rects><tilted>0</tilted></_></features>\n"
#define TAIL "</cascade></opencv_storage>\n"
#define GOOD HEAD SIZE STAGE("0 -1 0 .5", "1 -1") FEATURE("<_>0 0 4 4 -1.</_><_>2 0 2 4 2.</_>") TAIL

static void refuses(const char *text, const char *sentence)
{
    gr_cascade c;
    gr_error err = {0};
    test_file_write(text, strlen(text));
    assert_int_equal(gr_cascade_read(path, &c, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("%s: %s", err.text, sentence);
    assert_null(c.stages);
}

static void reads_one(void **state)
{
    (void)state;
    gr_cascade c;
    gr_error err = {0};
    test_file_write(GOOD, strlen(GOOD));
    if (gr_cascade_read(path, &c, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(c.width, 9);
    assert_int_equal(c.height, 8);
    assert_int_equal(c.nodes[0].right, -1);
    assert_true(c.nodes[0].threshold == 0.5f && c.leaves[1] == -1 && c.features[0].rects[1].weight == 2);
    gr_cascade_free(&c);
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    refuses("", "c.xml");
    refuses("no xml", "c.xml:1: ");
    refuses("<annotation/>", "c.xml:1: begins with <annotation>");
    refuses("<opencv_storage/>", "nothing is in it");
    refuses("<opencv_storage>\n<cascade><featureType>HOG</featureType></cascade></opencv_storage>",
            "c.xml:2: featureType: is HOG");
    refuses("<opencv_storage>\n<cascade><featureType>SIFT</featureType></cascade></opencv_storage>",
            "c.xml:2: featureType: is 'SIFT'");
    refuses(HEAD SIZE TAIL, "has no stages");
    refuses(HEAD STAGE("0 -1 0 .5", "1 -1") TAIL, "has no width and height");
    refuses(HEAD "<width>2</width>" TAIL, "c.xml:4: width: is no side");
    refuses(HEAD SIZE STAGE("0 -1 0", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "3 numbers for its nodes");
    refuses(HEAD SIZE STAGE("0 -1 0 .5", "1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "and 1 leaves");
    refuses(HEAD SIZE STAGE("0 -1 7 .5", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "asks for feature 7, there are 1");
    refuses(HEAD SIZE STAGE("0 -1 -1 .5", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "asks for feature -1");
    refuses(HEAD SIZE STAGE("0 -2 0 .5", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "goes on to 0 and -2");
    refuses(HEAD SIZE STAGE("1 0 0 .5 0 0 0 1", "1 -1 0") FEATURE("<_>0 0 9 9 -1.</_>") TAIL,
            "lies beyond the window of 9 x 8");
    refuses(HEAD SIZE STAGE("0 -1 0 nan", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "has what is no finite number");
    refuses(HEAD SIZE STAGE("0 -1 0 1e99", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL, "a threshold is no finite number");
    refuses(HEAD SIZE STAGE("0 -1 0 1", "1 -1") FEATURE("<_>0 0 4 4</_>") TAIL, "x, y, width, height and weight");
    refuses(HEAD SIZE STAGE("0 -1 0 1", "1 -1") FEATURE("<_>0 0 4.5 4 1</_>") TAIL, "whole numbers from 0 to 1024");
    refuses(HEAD "<stageNum>2</stageNum>" SIZE STAGE("0 -1 0 1", "1 -1") FEATURE("<_>0 0 4 4 -1.</_>") TAIL,
            "says 2 stages, 1 are there");
    for (size_t cut = 20; cut < strlen(GOOD) - 20; cut += 7) {
        char text[2048];
        memcpy(text, GOOD, cut);
        text[cut] = '\0';
        refuses(text, "c.xml:");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_one), cmocka_unit_test(refuses_what_is_wrong)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
