#include "run/one/elsewhere.h"

#include <string.h>
#include <time.h>

#include "config/config.h"
#include "formats/json.h"
#include "kernels/kernels.h"
#include "learners/hooks.h"
#include "run/one/ended.h"

/* Who begins a run writes about.json a moment behind config.yaml, for which a worker has waited. */
static json_t *first_session(const gr_run_options *options)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    json_t *root = NULL;
    gr_error unused = {0};
    bool joins = options->share != NULL && options->share->joins;
    for (int i = 0; joins && i < 20 && !gr_has_file(options->folder, "about.json"); i++)
        nanosleep(&pause, NULL);
    char *path = gr_path_join(options->folder, "about.json");
    if (path == NULL || !gr_path_exists(path) || gr_json_read(path, &root, &unused) != GR_OK)
        root = NULL;
    gr_free(path);
    json_t *first = json_incref(json_array_get(json_object_get(root, "sessions"), 0));
    json_decref(root);
    return first;
}

/* Sets that end in the same bytes have one name: those with 512 bits differ in products of bfloat16 alone. */
static const char *rounding_of(const char *isa, bool bf16)
{
    return !bf16 && (strncmp(isa, "avx512", 6) == 0 || strncmp(isa, "amx_", 4) == 0) ? "avx512" : isa;
}

static bool runs_here(const char *isa)
{
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    bool found = false;
    for (int i = 0; i < count; i++)
        found = found || strcmp(tables[i]->isa, isa) == 0;
    return found;
}

/* Tells and empties it. */
static void say(const gr_run_options *options, gr_text *text)
{
    if (text->data != NULL && !text->failed)
        gr_hooks_tell(&options->hooks, &(gr_event){.kind = GR_EVENT_NOTICE, .text = text->data});
    gr_text_free(text);
}

void gr_elsewhere_tell(const gr_config *config, const gr_run_options *options)
{
    bool asked = options->resume && !options->finished && gr_peers_lead(options->peers);
    json_t *first = asked ? first_session(options) : NULL;
    const char *isa = json_string_value(json_object_get(first, "instruction_set"));
    const char *version = json_string_value(json_object_get(first, "grimace")), *own = gr_kernels_get()->isa;
    bool bf16 = config->train.precision == GR_BF16;
    gr_text text = {0};
    if (isa != NULL && strcmp(rounding_of(isa, bf16), rounding_of(own, bf16)) != 0)
        gr_text_printf(&text,
                       "the run was begun with the instruction set %.40s, and this is %s, which rounds otherwise: its files will "
                       "not be the bytes of one machine; %s%.40s would keep them",
                       isa, own, runs_here(isa) ? "GRIMACE_ISA=" : "machines with ", isa);
    say(options, &text);
    if (version != NULL && strcmp(version, GRIMACE_VERSION) != 0)
        gr_text_printf(&text,
                       "the run was begun by grimace %.40s, and this is %s: versions may compute otherwise, so its files need not "
                       "be the bytes of one of them",
                       version, GRIMACE_VERSION);
    say(options, &text);
    json_decref(first);
}
