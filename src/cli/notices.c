/* What was read otherwise than it stands in a file. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "grimace/check.h"

void gr_cli_notices(const char *sentences)
{
    for (const char *at = sentences, *end; at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1)
        printf("notice: %.*s\n", (int)(end - at), at);
}

gr_status gr_cli_names(const gr_manifest *manifest, bool all, gr_error *err)
{
    gr_text said = {0};
    gr_status status = gr_check_names(manifest, all, &said, err);
    for (const char *at = said.data, *end; status == GR_OK && at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1)
        printf("warning: %.*s\n", (int)(end - at), at);
    gr_text_free(&said);
    return status;
}

void gr_cli_unlabelled(const gr_manifest *manifest)
{
    if (manifest->unlabelled > 0)
        printf("notice: %lld row%s of the manifest without a label %s left out\n", (long long)manifest->unlabelled,
               manifest->unlabelled == 1 ? "" : "s", manifest->unlabelled == 1 ? "is" : "are");
}
