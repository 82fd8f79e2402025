/* What the user reads on: a terminal of some width, or a pipe or file, which gets every column. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fit.h"
#include "cli/cli.h"

enum { USUAL = 80, NARROWEST = 20, WIDEST = 1000 };

int gr_cli_width(void)
{
    struct winsize size;
    int64_t said;
    const char *columns = getenv("COLUMNS");
    if (isatty(STDOUT_FILENO) != 1)
        return 0;
    if (columns != NULL && gr_parse_int64(columns, &said) && said >= NARROWEST && said <= WIDEST)
        return (int)said;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST ? size.ws_col : USUAL;
}

void gr_cli_print(const gr_text *text, const char *where)
{
    gr_text fitted = {0};
    int width = gr_cli_width();
    if (text->data == NULL)
        return;
    if (width > 0)
        gr_text_fit(text->data, width, where, &fitted);
    const gr_text *shown = width > 0 && !fitted.failed && fitted.data != NULL ? &fitted : text;
    fwrite(shown->data, 1, shown->size, stdout);
    gr_text_free(&fitted);
}
