/* Names of files from names of images, each once. */
#include "explain/folder_names.h"

#include <string.h>

enum { MOST_BYTES = 200 };

static char *plain_name(gr_arena *arena, const char *image)
{
    const char *slash = strrchr(image, '/'), *point = strrchr(slash != NULL ? slash : image, '.');
    size_t length = point != NULL && point > (slash != NULL ? slash + 1 : image) ? (size_t)(point - image) : strlen(image);
    size_t cut = length > MOST_BYTES ? length - MOST_BYTES : 0;
    while (cut < length && ((unsigned char)image[cut] & 0xc0) == 0x80) /* not in the middle of a letter */
        cut++;
    char *name = gr_arena_strndup(arena, image + cut, length - cut);
    for (char *c = name; c != NULL && *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
    return name;
}

/* Names that were given, in a table of twice as many places at least. */
typedef struct taken {
    const char **places;
    size_t mask;
} taken;

/* Takes the name; false: it was taken. */
static bool take(taken *t, const char *name)
{
    size_t at = (size_t)gr_hash_text(0, name) & t->mask;
    for (; t->places[at] != NULL; at = (at + 1) & t->mask)
        if (strcmp(t->places[at], name) == 0)
            return false;
    t->places[at] = name;
    return true;
}

gr_status gr_folder_names(const char *const *images, int64_t count, gr_arena *arena, const char **names, gr_error *err)
{
    taken t = {.mask = 15};
    while (t.mask < (size_t)count * 2)
        t.mask = 2 * t.mask + 1;
    t.places = gr_alloc(t.mask + 1, sizeof *t.places);
    bool whole = t.places != NULL;
    for (int64_t i = 0; whole && i < count; i++) {
        const char *plain = plain_name(arena, images[i]), *name = plain;
        for (int n = 2; name != NULL && !take(&t, name); n++)
            name = gr_arena_printf(arena, "%s_%d", plain, n);
        names[i] = name;
        whole = name != NULL;
    }
    gr_free(t.places);
    return whole ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the names of files");
}
