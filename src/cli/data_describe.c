/* grimace data describe: numbers about the shape of each face, from its landmarks. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/describe.h"
#include "grimace/descriptor_sets.h"

const char gr_help_data_describe[] = "usage: grimace data describe MANIFEST --set NAME|FILE.yaml --out CSV [--force]\n"
                                     "       grimace data describe --show NAME\n"
                                     "\n"
                                     "Computes descriptors from the landmarks (lm1_x,lm1_y,...) of each row of a manifest, "
                                     "or of a predictions.csv of landmarks:\n"
                                     "angles, ratios of distances, ratios of areas, and means of them. The new table has "
                                     "image, all other columns, and a column a\n"
                                     "descriptor. A value is empty where a landmark that it needs is not known, or where "
                                     "landmarks lie in one place or line so that\n"
                                     "there is no such angle or ratio; both are counted.\n"
                                     "\n"
                                     "  --set NAME|FILE  fgs35 (cats, FelineGrimace's 37 landmarks), catflw48 (cats, "
                                     "CatFLW's 48), rats18, mice18 (the eighteen of\n"
                                     "                   grimace data synth), or a set of your own\n"
                                     "  --out CSV        the table to write\n"
                                     "  --force          over one that is there\n"
                                     "  --show NAME      prints a set as YAML, to be changed in a file\n";

static gr_status show(const char *name, gr_error *err)
{
    const char *text = gr_descriptor_set_text(name);
    if (text != NULL) {
        fputs(text, stdout);
        return GR_OK;
    }
    gr_text known = {0};
    gr_descriptor_set_names(&known);
    gr_status status = gr_fail(err, GR_INVALID, "--show: there is no set \"%.80s\", there are %s", name,
                               known.data != NULL ? known.data : "others");
    gr_text_free(&known);
    return status;
}

gr_status gr_cmd_data_describe(int argc, char **argv, gr_error *err)
{
    gr_describe_options o = {0};
    const char *shown = NULL;
    const gr_cli_option known[] = {
        {"--set", &o.set, NULL}, {"--out", &o.out, NULL}, {"--show", &shown, NULL}, {"--force", NULL, &o.force}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && shown != NULL && (argc > 1 || o.set != NULL || o.out != NULL))
        status = gr_fail(err, GR_INVALID, "--show: prints a set and describes no table; --show NAME alone would be right");
    if (status != GR_OK || shown != NULL)
        return status != GR_OK ? status : show(shown, err);
    if (argc != 2)
        status = argc < 2
                     ? gr_fail(err, GR_INVALID,
                               "describe: no manifest is named; usage: grimace data describe MANIFEST --set "
                               "fgs35 --out CSV")
                     : gr_fail(err, GR_INVALID, "describe: \"%s\" is one word too many, one manifest is right", argv[2]);
    else if (o.set == NULL)
        status = gr_fail(err, GR_INVALID, "describe: --set is missing; fgs35 or a file such as mine.yaml would be right");
    else if (o.out == NULL)
        status = gr_fail(err, GR_INVALID, "describe: --out is missing, the table to write is needed");
    if (status != GR_OK)
        return status;
    o.manifest = argv[1];
    gr_describe_report r;
    status = gr_describe_table(&o, &r, err);
    if (status == GR_OK) {
        gr_cli_notices(r.notices.data);
        printf("%s: %d descriptor%s of %lld row%s\n", o.out, r.descriptors, r.descriptors == 1 ? "" : "s", (long long)r.rows,
               r.rows == 1 ? "" : "s");
    }
    gr_describe_report_free(&r);
    return status;
}
