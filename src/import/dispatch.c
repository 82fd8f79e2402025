/* The table of importers, and what all of them share: options, pixel origins, what is said. */
#include "import/importers.h"

#include <string.h>

/* What is printed when the folder of a data set has been read whole. */
static const int64_t ratspain_images = 1138;

static void say_left_out(gr_text *said, const char *what)
{
    if (what[0] != '\0')
        gr_text_printf(said, "notice: left out: %s\n", what);
}

static gr_status gr_importer_ratspain(gr_marks *marks, gr_error *err)
{
    gr_import_counts counts;
    const gr_import_request *request = marks->request;
    gr_status status = gr_import_ratspain(request->sources[0], request->out, &request->words, &counts, err);
    if (status != GR_OK)
        return status;
    gr_text_printf(marks->said, "%s: %lld images of %d animals, %lld of them with pain\n", request->out, (long long)counts.images,
                   counts.animals, (long long)counts.pain);
    say_left_out(marks->said, counts.left_out);
    if (counts.images != ratspain_images)
        gr_text_printf(marks->said, "notice: the whole data set has %lld images\n", (long long)ratspain_images);
    return GR_OK;
}

static gr_status gr_importer_paths(gr_marks *marks, gr_error *err)
{
    gr_import_paths_counts counts;
    gr_text notices = {0};
    const gr_import_request *request = marks->request;
    gr_import_paths_options options = request->paths;
    options.notices = &notices;
    if (request->paths.pattern == NULL)
        return gr_fail(err, GR_INVALID, "import: --path is missing, such as --path '{animal}/{pain}/*.png'");
    gr_status status = gr_import_paths(request->sources[0], request->out, &options, &counts, err);
    for (const char *at = notices.data, *end; status == GR_OK && at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1)
        gr_text_printf(marks->said, "notice: %.*s\n", (int)(end - at), at);
    gr_text_free(&notices);
    if (status != GR_OK)
        return status;
    gr_text_printf(marks->said, "%s: %lld images\n", request->out, (long long)counts.images);
    say_left_out(marks->said, counts.left_out);
    if (counts.unused_rows > 0)
        gr_text_printf(marks->said, "notice: %lld rows of %s belong to no image\n", (long long)counts.unused_rows,
                       request->paths.table);
    return GR_OK;
}

#define ROW(name, reads, takes, origin, run) {name, reads, takes, origin, run},
static const gr_importer importers[] = {GR_IMPORTERS(ROW)};
enum { IMPORTERS = sizeof importers / sizeof *importers };

const char *gr_importer_name(int index)
{
    return index >= 0 && index < IMPORTERS ? importers[index].name : NULL;
}

const char *gr_importer_reads(int index)
{
    return index >= 0 && index < IMPORTERS ? importers[index].reads : NULL;
}

static gr_status find_importer(const char *name, const gr_importer **found, gr_error *err)
{
    const char *names[IMPORTERS];
    for (int i = 0; i < IMPORTERS; i++) {
        names[i] = importers[i].name;
        if (strcmp(name, names[i]) == 0) {
            *found = &importers[i];
            return GR_OK;
        }
    }
    const char *near = gr_nearest(name, names, IMPORTERS);
    gr_text list = {0};
    for (int i = 0; i < IMPORTERS; i++)
        gr_text_printf(&list, "%s%s", i == 0 ? "" : i == IMPORTERS - 1 ? " or " : ", ", names[i]);
    gr_status status = gr_fail(err, GR_INVALID, "import: there is no importer for \"%s\"; %s would be right", name,
                               near != NULL ? near : list.failed ? "paths" : list.data);
    gr_text_free(&list);
    return status;
}

/* Options that the importer has no use for. */
static gr_status check_options(const gr_importer *importer, const gr_import_request *r, gr_error *err)
{
    const struct {
        unsigned bit;
        bool given;
        const char *name;
    } options[] = {
        {GR_TAKES_MARKS, r->images != NULL, "--images"},
        {GR_TAKES_MARKS, r->names != NULL, "--names"},
        {GR_TAKES_MARKS, r->object_class != NULL, "--class"},
        {GR_TAKES_MARKS, r->individual != NULL, "--individual"},
        {GR_TAKES_MARKS, r->origin != GR_ORIGIN_USUAL, "--pixel-origin"},
        {GR_TAKES_MARKS, r->empty, "--empty"},
        {GR_TAKES_SCORE, r->least_score > 0, "--least-score"},
        {GR_TAKES_FRAMES, r->frames != NULL, "--frames"},
        {GR_TAKES_ATTRIBUTE, r->attribute != NULL, "--attribute"},
        {GR_TAKES_YOLO, r->classes != NULL, "--classes"},
        {GR_TAKES_YOLO, r->points != NULL, "--points"},
    };
    bool paths = importer->takes == GR_TAKES_PATHS, words = importer->takes == GR_TAKES_WORDS;
    if (!words && (r->words.pain != NULL || r->words.no_pain != NULL))
        return gr_fail(err, GR_INVALID, "import: --pain and --no-pain are for ratspain%s", paths ? ", --set would be right" : "");
    if (!paths && (r->paths.pattern != NULL || r->paths.table != NULL || r->paths.set != NULL))
        return gr_fail(err, GR_INVALID, "import: --path, --table and --set are for paths, not for %s", importer->name);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].given && !(importer->takes & options[i].bit))
            return gr_fail(err, GR_INVALID, "import: %s is not for %s; --help lists what is", options[i].name, importer->name);
    return gr_marks_check_frames(r, err);
}

static void say_origin(const gr_marks *marks)
{
    static const char *const words[] = {
        [GR_ORIGIN_CORNER] = "corner: (0, 0) is the first pixel's upper left corner, nothing is moved",
        [GR_ORIGIN_CENTRE] = "centre: (0, 0) is the middle of the first pixel, points are moved by 0.5",
        [GR_ORIGIN_ONE] = "one: pixels count from 1, points are moved by -0.5 and boxes by -1",
    };
    gr_text_printf(marks->said, "pixel origin: %s%s\n", words[marks->origin],
                   marks->request->origin == GR_ORIGIN_USUAL ? " (usual for these files; --pixel-origin says otherwise)" : "");
}

static gr_status import_marks(gr_marks *marks, const gr_importer *importer, gr_error *err)
{
    gr_status status = importer->run(marks, err);
    if (status == GR_OK)
        status = gr_marks_choose(marks, err);
    if (status == GR_OK)
        status = gr_marks_write(marks, err);
    if (status == GR_OK)
        say_origin(marks);
    return status;
}

gr_status gr_import(const char *name, const gr_import_request *request, gr_text *said, gr_error *err)
{
    const gr_importer *importer = NULL;
    gr_status status = find_importer(name, &importer, err);
    if (status == GR_OK)
        status = check_options(importer, request, err);
    if (status == GR_OK && request->source_count != 1 && !(importer->takes & GR_TAKES_MARKS))
        status = gr_fail(err, GR_INVALID, "import: %s reads one folder", name);
    if (status != GR_OK)
        return status;
    gr_marks *marks = gr_alloc(1, sizeof *marks);
    gr_arena *arena = gr_arena_create();
    if (marks == NULL || arena == NULL) {
        gr_free(marks);
        gr_arena_destroy(arena);
        return gr_marks_no_memory(err);
    }
    marks->request = request;
    marks->arena = arena;
    marks->said = said;
    marks->origin = request->origin != GR_ORIGIN_USUAL ? request->origin : importer->origin;
    status = importer->takes & GR_TAKES_MARKS ? import_marks(marks, importer, err) : importer->run(marks, err);
    gr_marks_free(marks);
    gr_free(marks);
    if (status == GR_OK && said->failed)
        status = gr_marks_no_memory(err);
    return status;
}
