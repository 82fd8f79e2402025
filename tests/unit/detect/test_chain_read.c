/* The file of a chain: what it may say, and the line of what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/steps.h"
#include "support/temp_file.h"

static const char *path;
static char face[4096];

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("c.yaml");
    return path == NULL || realpath("tests/parity/detect/haar.xml", face) == NULL;
}

/* `text` is written with the cascade's path for each @. */
static void refuses(const char *text, const char *sentence)
{
    gr_chain *chain = NULL;
    gr_error err = {0};
    char whole[8192] = "";
    for (const char *t = text; *t != '\0'; t++)
        if (*t == '@')
            strcat(whole, face);
        else
            strncat(whole, t, 1);
    test_file_write(whole, strlen(whole));
    assert_int_equal(gr_chain_open(path, "c", &(gr_detect_options){.scale = 1.1, .neighbours = 3}, &chain, &err),
                     GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("%s: %s", err.text, sentence);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    refuses("", "c.yaml:1: is no chain");
    refuses("detectors: {}\nsteps: []\n", "c.yaml:1: detectors: is no map of 1 to 64");
    refuses("detectors:\n  face: {file: none.xml}\nsteps: [{whole: face}]\n", "c.yaml:2: file: there is no ");
    refuses("detectors:\n  face: {file: a.png}\nsteps: [{whole: face}]\n", "c.yaml:2: a.png: is no detector");
    refuses("detectors:\n  face: {file: '@', scale: 1}\nsteps: [{whole: face}]\n", "c.yaml:2: scale: is no such number");
    refuses("detectors:\n  face: {file: '@', min_size: 9, max_size: 3}\nsteps: [{whole: face}]\n",
            "c.yaml:2: max_size: 3 is below");
    refuses("detectors:\n  face: {file: '@', kind: ear}\nsteps: [{whole: face}]\n",
            "is no model, the only detector with kind");
    refuses("detectors:\n  face: {file: .}\nsteps: [{whole: face}]\n", "c.yaml:2: .: is no detector that a chain may have");
    refuses("detectors:\n  face: {file: '@', colour: 1}\nsteps: [{whole: face}]\n", "c.yaml:2: colour: is no key");
    refuses("detectors:\n  face: {file: '@'}\nsteps:\n  - whole: nose\n", "c.yaml:4: whole: names no detector");
    refuses("detectors:\n  e: {file: '@'}\nsteps:\n  - agree: {a: e, b: e}\n    face: 1\n",
            "c.yaml:4: agree: lacks rules or face");
    refuses(
        "detectors:\n  e: {file: '@'}\nsteps:\n  - agree: {a: e, b: e}\n    face: 1\n    rules:\n      - beside: [a, b]\n",
        "c.yaml:7: beside: is no rule, above, left_of");
    refuses(
        "detectors:\n  e: {file: '@'}\nsteps:\n  - agree: {a: e, b: e}\n    face: 1\n    rules:\n      - size: [a, b, 2]\n",
        "c.yaml:7: size: has not what belongs to it, [FIRST, SECOND, LEAST, MOST]");
    refuses(
        "detectors:\n  e: {file: '@'}\nsteps:\n  - agree: {a: e, b: e}\n    face: 1\n    rules:\n      - above: [a, a]\n",
        "c.yaml:7: above: has the same part twice");
    refuses(
        "detectors:\n  e: {file: '@'}\nsteps:\n  - agree: {a: e, b: e}\n    face: 1\n    rules:\n      - above: [a, c]\n",
        "c.yaml:7: above: names none of the parts");
    refuses("detectors:\n  e: {file: '@'}\nsteps:\n  - agree: {a: e, b: e}\n    face: 1\n    rules:\n      - above: [a, "
            "b]\n    shift: [a, b]\n",
            "c.yaml:8: shift: has not what belongs to it, [FROM, TO, SHARE OF THE WAY]");
    refuses("detectors:\n  e: {file: '@'}\nsteps:\n  - whole: e\n    shift: [a, b, 1]\n",
            "c.yaml:4: whole: has rules, a face or a shift");
    refuses("nonsense: 1\n", "c.yaml:1: nonsense: is no key of a chain");
}

static void reads_a_chain(void **state)
{
    (void)state;
    gr_chain *chain = NULL;
    gr_error err = {0};
    char text[3 * 4096];
    snprintf(
        text, sizeof text,
        "detectors:\n  face: {file: '%s', neighbors: 5}\n  ear: {file: '%s'}\nsteps:\n  - whole: face\n"
        "  - agree: {left: ear, right: ear}\n    rules:\n      - left_of: [left, right]\n      - level: [left, right, 30]\n"
        "    face: 1.5\n",
        face, face);
    test_file_write(text, strlen(text));
    if (gr_chain_open(path, "c", &(gr_detect_options){.scale = 1.1, .neighbours = 3}, &chain, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(chain->part_count, 2);
    assert_int_equal(chain->step_count, 2);
    assert_string_equal(chain->steps[0].label, "c/face");
    assert_string_equal(chain->steps[1].label, "c/ear+ear");
    assert_int_equal(chain->steps[1].rule_count, 2);
    assert_true(chain->steps[1].rules[1].high == 30);
    gr_chain_close(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_wrong), cmocka_unit_test(reads_a_chain)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
