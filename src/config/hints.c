/* What would be right in place of what is there: a key's values, the key that was meant. */
#include "config/keys.h"

#include <string.h>

/* " from 1 to 1000", " above 0 up to 1000000", " from 0 up to but without 1", " above 0 and below 1". */
static void put_range(const gr_range *range, gr_text *out)
{
    gr_text_printf(out, range->low_open ? " above " : " from ");
    gr_yaml_put_number(out, range->low);
    if (range->high_open)
        gr_text_printf(out, range->low_open ? " and below " : " up to but without ");
    else
        gr_text_printf(out, range->low_open ? " up to " : " to ");
    gr_yaml_put_number(out, range->high);
}

const char *gr_key_names(const gr_key *key, const char *word, char *room, gr_text *out)
{
    char made[GR_KEY_MOST_NAMES][GR_KEY_NAME_ROOM];
    const char *names[GR_KEY_MOST_NAMES];
    size_t count = 0;
    while (count < GR_KEY_MOST_NAMES && (names[count] = gr_key_name(key, (int)count, made[count])) != NULL)
        count++;
    gr_text_list(out, names, count, "or");
    const char *nearest = word != NULL ? gr_nearest(word, names, count) : NULL;
    if (nearest != NULL)
        snprintf(room, GR_KEY_NAME_ROOM, "%s", nearest);
    return nearest != NULL ? room : NULL;
}

void gr_key_expected(const gr_key *key, gr_text *out)
{
    switch (key->kind) {
    case GR_KEY_STRING:
        if (key->names == NULL) {
            gr_text_printf(out, "a text");
            break;
        } /* fall through */
    case GR_KEY_CHOICE:
    case GR_KEY_TYPE: (void)gr_key_names(key, NULL, NULL, out); break;
    case GR_KEY_PATH:
        for (int i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
            gr_text_printf(out, "%s%s", key->choices[i], key->choices[i + 1] != NULL ? ", " : " or ");
        gr_text_printf(out, "a path");
        break;
    case GR_KEY_SEED: gr_text_printf(out, "a whole number from 0 to 9223372036854775807"); break;
    case GR_KEY_INT:
        gr_text_printf(out, "a whole number");
        put_range(&key->range, out);
        break;
    case GR_KEY_REAL:
        gr_text_printf(out, "a number");
        put_range(&key->range, out);
        break;
    case GR_KEY_REALS:
        if (key->least == key->most)
            gr_text_printf(out, "a list of %d numbers", key->most);
        else
            gr_text_printf(out, "a list of %d to %d numbers", key->least, key->most);
        put_range(&key->range, out);
        break;
    case GR_KEY_INTS:
        gr_text_printf(out, "a list of %d to %d whole numbers", key->least, key->most);
        put_range(&key->range, out);
        break;
    case GR_KEY_PAIRS: gr_text_printf(out, "a list of pairs such as [[1, 2], [5, 6]], numbers from 1 on"); break;
    case GR_KEY_BOOL: gr_text_printf(out, "true or false"); break;
    case GR_KEY_STRINGS: gr_text_printf(out, "a list of texts%s", key->counts ? " or a whole number" : ""); break;
    case GR_KEY_PENALTIES: gr_text_printf(out, "a list such as [{layers: [head], l2: 0.01}]"); break;
    case GR_KEY_WEIGHTS: gr_text_printf(out, "a section such as {no: 1, yes: 3}"); break;
    case GR_KEY_TRANSFORMS: gr_text_printf(out, "a list of transforms such as [{resize: 256}, {hflip: 0.5}]"); break;
    case GR_KEY_LAYERS:
        gr_text_printf(out, "a list of layers such as [{conv: 32, kernel: 3, act: relu}, {pool: max}, {flatten: {}}]");
        break;
    case GR_KEY_SWEEP:
        gr_text_printf(out, "a list such as [{key: optimizer.lr, values: [0.001, 0.0001]}], or a section with mode and axes");
        break;
    case GR_KEY_REPORTED: gr_text_printf(out, "a section such as {source: \"Table 3\", f1: 0.7731}"); break;
    }
    if (key->nullable)
        gr_text_printf(out, key->kind == GR_KEY_CHOICE ? ", or null" : " or null");
}

/* ---- hints ----------------------------------------------------------------------------------------------------------- */

enum { NAMES = GR_KEYS_MOST, NAME = 64 };

static const char *leaf_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* The distinct names right below `section` into names[NAMES][NAME]; how many there are. */
static int children(const char *section, char (*names)[NAME])
{
    size_t length = strlen(section);
    int count = 0;
    for (int i = 0; i < gr_key_count; i++) {
        const char *path = gr_keys[i].path;
        if (length && (strncmp(path, section, length) != 0 || path[length] != '.'))
            continue;
        path += length ? length + 1 : 0;
        int size = (int)strcspn(path, ".");
        if (count && strncmp(names[count - 1], path, (size_t)size) == 0 && !names[count - 1][size])
            continue;
        snprintf(names[count++], NAME, "%.*s", size, path);
    }
    return count;
}

/* The key that is an end of `path` of two parts and more; failing that the one whose last part is that of `path`, or is nearest to
 * it, of several one in the same first section; NULL when none is near. */
static const char *elsewhere(const char *path)
{
    for (const char *end = strchr(path, '.'); end && strchr(end + 1, '.'); end = strchr(end + 1, '.'))
        if (gr_key_find(end + 1) >= 0)
            return gr_keys[gr_key_find(end + 1)].path;
    const char *leaves[NAMES];
    for (int i = 0; i < gr_key_count; i++)
        leaves[i] = leaf_of(gr_keys[i].path);
    const char *found = gr_nearest(leaf_of(path), leaves, (size_t)gr_key_count), *first = NULL;
    size_t section = strcspn(path, ".");
    for (int i = 0; found && i < gr_key_count; i++) {
        const char *key = gr_keys[i].path;
        if (strcmp(leaves[i], found) != 0)
            continue;
        if (strncmp(key, path, section) == 0 && key[section] == '.')
            return key;
        first = first ? first : key;
    }
    return first;
}

/* The first section whose last part is `name`, into meant[GR_KEY_PATH_ROOM]; an empty text where there is none. */
static void section_elsewhere(const char *name, char *meant)
{
    size_t length = strlen(name);
    meant[0] = '\0';
    for (int i = 0; i < gr_key_count && !*meant; i++)
        for (const char *part = gr_keys[i].path, *dot; (dot = strchr(part, '.')) != NULL && !*meant; part = dot + 1)
            if ((size_t)(dot - part) == length && strncmp(part, name, length) == 0)
                snprintf(meant, GR_KEY_PATH_ROOM, "%.*s", (int)(dot - gr_keys[i].path), gr_keys[i].path);
}

/* The section that `path` begins with, "" where there is none of that name; returns what stands behind it. */
static const char *section_of(const char *path, char section[NAME])
{
    const char *name = leaf_of(path);
    snprintf(section, NAME, "%.*s", name > path ? (int)(name - path - 1) : 0, path);
    if (!gr_key_is_section(section))
        section[0] = '\0';
    return name;
}

bool gr_key_meant(const char *path, char *meant)
{
    char names[NAMES][NAME], section[NAME];
    const char *words[NAMES], *name = section_of(path, section);
    int count = children(section, names);
    for (int i = 0; i < count; i++)
        words[i] = names[i];
    const char *other = elsewhere(path), *sibling = gr_nearest(name, words, (size_t)count);
    bool exact = other && strcmp(leaf_of(other), name) == 0;
    if (sibling && !exact)
        snprintf(meant, GR_KEY_PATH_ROOM, "%s%s%s", section, *section ? "." : "", sibling);
    else if (other)
        snprintf(meant, GR_KEY_PATH_ROOM, "%s", other);
    else
        section_elsewhere(name, meant);
    return *meant != '\0';
}

void gr_key_hint(const char *path, gr_text *out)
{
    char meant[GR_KEY_PATH_ROOM], section[NAME];
    if (gr_key_meant(path, meant)) {
        gr_text_printf(out, ", did you mean %s?", meant);
        return;
    }
    (void)section_of(path, section);
    gr_text_printf(out, ", known %s%s are ", *section ? "in " : "here", section);
    gr_key_children(section, out);
}

void gr_key_children(const char *section, gr_text *out)
{
    char names[NAMES][NAME];
    int count = children(section, names);
    const char *words[NAMES];
    for (int i = 0; i < count; i++)
        words[i] = names[i];
    gr_text_list(out, words, (size_t)count, "and");
}
