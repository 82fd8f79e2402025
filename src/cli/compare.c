/* grimace compare: two runs on the same images. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "cli.h"
#include "grimace/compare.h"

const char gr_help_compare[] =
    "usage: grimace compare RUN1 RUN2\n"
    "\n"
    "Pairs the predictions of two runs by image and fold and tells whether they differ: accuracy and F1, McNemar's exact\n"
    "test of the images of which only one run is right, and with two classes DeLong's test of the areas under the ROC\n"
    "curves, with intervals at 95 %. Images are taken as independent.\n";

static void print(const gr_run_comparison *c)
{
    printf("%lld images\n", (long long)c->n);
    printf("%-10s %9s %9s %11s\n", "", "first", "second", "difference");
    printf("%-10s %9.4f %9.4f %+11.4f\n", "accuracy", c->accuracy[0], c->accuracy[1], c->accuracy[0] - c->accuracy[1]);
    if (!isnan(c->f1[0]) && !isnan(c->f1[1]))
        printf("%-10s %9.4f %9.4f %+11.4f\n", "F1", c->f1[0], c->f1[1], c->f1[0] - c->f1[1]);
    printf("McNemar: only the first is right %lld times, only the second %lld times, exact p %.4g\n",
           (long long)c->mcnemar.only_first, (long long)c->mcnemar.only_second, c->mcnemar.exact_p);
    const gr_delong *d = &c->delong;
    if (c->class_count != 2)
        return;
    if (isnan(d->p)) {
        printf("DeLong: undefined, there are fewer than two images of a class\n");
        return;
    }
    printf("%-10s %9.4f %9.4f %+11.4f\n", "AUROC", d->auroc[0], d->auroc[1], d->difference);
    printf("DeLong: difference from %+.4f to %+.4f, z %.4f, p %.4g\n", d->difference_interval.low, d->difference_interval.high,
           d->z, d->p);
}

gr_status gr_cmd_compare(int argc, char **argv, gr_error *err)
{
    gr_run_comparison comparison;
    gr_status status = gr_cli_parse(&argc, argv, NULL, 0, err);
    if (status != GR_OK)
        return status;
    if (argc < 3)
        return gr_fail(err, GR_INVALID, "compare: two runs are needed; usage: grimace compare RUN1 RUN2");
    if (argc > 3)
        return gr_fail(err, GR_INVALID, "compare: \"%s\" is one word too many; two runs are right", argv[3]);
    status = gr_compare_runs(argv[1], argv[2], 0.95, &comparison, err);
    if (status == GR_OK)
        print(&comparison);
    return status;
}
