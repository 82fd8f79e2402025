#include "support/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

test_reference test_reference_open(const char *path)
{
    test_reference r = {0};
    size_t size;
    gr_error err = {0};
    if (gr_file_read(path, 1 << 24, &r.text, &size, &err) != GR_OK)
        fail_msg("%s", err.text);
    r.at = r.text;
    return r;
}

static void forget(test_reference *r)
{
    for (int i = 0; i < r->lines; i++)
        gr_free(r->values[i]);
    r->lines = 0;
}

/* Cuts the next line off. */
static char *take_line(test_reference *r)
{
    if (*r->at == '\0')
        return NULL;
    char *line = r->at, *end = strchr(line, '\n');
    assert_non_null(end);
    *end = '\0';
    r->at = end + 1;
    return line;
}

bool test_reference_next(test_reference *r)
{
    forget(r);
    char *line = take_line(r);
    if (line == NULL)
        return false;
    assert_int_equal(sscanf(line, "case %63s", r->name), 1);
    while (*r->at != '\0' && strncmp(r->at, "case ", 5) != 0) {
        line = take_line(r);
        assert_true(r->lines < REFERENCE_LINES);
        char *words = line + strcspn(line, " ");
        assert_true(words - line < 64);
        snprintf(r->line_name[r->lines], 64, "%.*s", (int)(words - line), line);
        int64_t count = 0;
        double *values = gr_alloc(strlen(line), sizeof *values);
        assert_non_null(values);
        for (char *end = words;; words = end) {
            double value = strtod(words, &end);
            if (end == words)
                break;
            values[count++] = value;
        }
        r->values[r->lines] = values;
        r->counts[r->lines++] = count;
    }
    return true;
}

const double *test_reference_get(const test_reference *r, const char *name, int64_t least, int64_t *count)
{
    for (int i = 0; i < r->lines; i++)
        if (strcmp(r->line_name[i], name) == 0 && r->counts[i] >= least) {
            if (count != NULL)
                *count = r->counts[i];
            return r->values[i];
        }
    fail_msg("case %s has no line %s of %lld numbers", r->name, name, (long long)least);
    return NULL;
}

void test_reference_expect(const test_reference *r, const char *name, const double *got, int64_t count, double limit)
{
    int64_t there;
    const double *expected = test_reference_get(r, name, count, &there);
    assert_int_equal(there, count);
    for (int64_t i = 0; i < count; i++) {
        double most = limit * fmax(1.0, fabs(expected[i]));
        bool same = isnan(expected[i]) ? isnan(got[i]) : got[i] == expected[i] || fabs(got[i] - expected[i]) <= most;
        if (!same)
            fail_msg("case %s, %s, number %lld: %.17g, not %.17g", r->name, name, (long long)i, got[i], expected[i]);
    }
}

void test_reference_close(test_reference *r)
{
    forget(r);
    gr_free(r->text);
}
