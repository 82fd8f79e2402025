/* A name of the file is for a parameter when it ends in the parameter's name, grimace's or torchvision's; what stands before that
 * is a prefix. The prefix under which most tensors fit is the one that the file's writer put in front: "module.", "model.",
 * "teacher.backbone.", whatever it is. */
#include "models/weights_match.h"

#include <stdlib.h>
#include <string.h>

#include "models/models.h"

enum { MOST_PREFIXES = 1000 };

/* A spelling of a parameter's name. */
typedef struct spelling {
    const char *name;
    int parameter;
} spelling;

typedef struct prefix {
    const char *text;
    int named; /* tensors under it that are called as parameters are */
    int fits;  /* of those, the ones that have the parameter's shape */
    int under; /* tensors under it */
} prefix;

typedef struct work {
    const gr_model *model;
    const gr_weights *weights;
    const char **names; /* [tensors of the file], without the parts of wrappers */
    spelling *spellings;
    size_t spelling_count;
    prefix *prefixes;
    int prefix_count;
    gr_match *out;
    gr_error *err;
} work;

static gr_status no_memory(work *w)
{
    return gr_fail(w->err, GR_NOMEM, "no memory to load weights");
}

/* ---- shapes ------------------------------------------------------------------------------------------------------------ */

gr_shape gr_parameter_file_shape(const gr_parameter *param)
{
    if (param->layout != GR_LAYOUT_CONV)
        return param->shape;
    const int64_t *d = param->shape.dim; /* KH, KW, C, OC */
    return gr_shape4(d[3], d[2], d[0], d[1]);
}

bool gr_parameter_takes_sum(const gr_parameter *param, const gr_shape *shape)
{
    gr_shape want = gr_parameter_file_shape(param);
    if (param->layout != GR_LAYOUT_CONV || want.dim[1] != 1 || shape->rank != 4 || shape->dim[1] != 3)
        return false;
    want.dim[1] = 3;
    return gr_shape_equal(&want, shape);
}

static bool fits(const work *w, int parameter, int tensor)
{
    const gr_parameter *param = gr_graph_parameter(w->model->graph, parameter);
    gr_shape want = gr_parameter_file_shape(param);
    const gr_shape *have = &gr_weights_at(w->weights, tensor)->shape;
    return gr_shape_equal(&want, have) || gr_parameter_takes_sum(param, have);
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

/* torch.compile, DataParallel and others put a part of their own into the names of the modules that they wrap, anywhere. */
static const char *const wrappers[] = {"_orig_mod.", "module.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."};

/* The length of a wrapper's part that stands at `part`, or 0. */
static size_t wrapper_at(work *w, const char *part)
{
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (gr_starts_with(part, wrappers[i])) {
            w->out->wrapper = w->out->wrapper != NULL ? w->out->wrapper : wrappers[i];
            return strlen(wrappers[i]);
        }
    return 0;
}

/* torchvision's published DenseNets have "denselayer1.norm.1.weight" for what is "denselayer1.norm1.weight" in its code. */
static void join_number(char *name)
{
    static const char *const parts[] = {".norm.", ".conv."};
    char *layer = strstr(name, "denselayer");
    for (size_t i = 0; layer != NULL && i < sizeof parts / sizeof *parts; i++) {
        char *part = strstr(layer, parts[i]), *dot = part != NULL ? part + strlen(parts[i]) - 1 : NULL;
        if (dot != NULL && (dot[1] == '1' || dot[1] == '2') && dot[2] == '.')
            memmove(dot, dot + 1, strlen(dot));
    }
}

static gr_status read_names(work *w)
{
    int count = gr_weights_count(w->weights);
    w->names = gr_arena_alloc(w->out->arena, (size_t)count + 1, sizeof *w->names);
    for (int i = 0; w->names != NULL && i < count; i++) {
        char *name = gr_arena_strdup(w->out->arena, gr_weights_name(w->weights, i)), *to = name;
        if (to == NULL)
            return no_memory(w);
        w->names[i] = name;
        const char *from = to;
        for (bool begins = true; *from != '\0';) {
            size_t skip = begins ? wrapper_at(w, from) : 0;
            from += skip;
            begins = skip > 0 || *from == '.';
            if (skip == 0)
                *to++ = *from++;
        }
        *to = '\0';
        join_number(name);
    }
    return w->names != NULL ? GR_OK : no_memory(w);
}

static int by_name(const void *a, const void *b)
{
    const spelling *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x->parameter - y->parameter;
}

/* "backbone.conv1.weight" is "conv1.weight" in torchvision, "classifier.weight" is "fc.weight". */
static const char *torchvision_name(work *w, const char *name)
{
    static const char backbone[] = "backbone.", classifier[] = "classifier.";
    if (gr_starts_with(name, backbone))
        return name + strlen(backbone);
    if (w->model->last_layer != NULL && gr_starts_with(name, classifier))
        return gr_arena_printf(w->out->arena, "%s.%s", w->model->last_layer, name + strlen(classifier));
    return name;
}

static gr_status spell(work *w)
{
    int count = gr_graph_parameter_count(w->model->graph);
    w->spellings = gr_arena_alloc(w->out->arena, 2 * (size_t)count + 1, sizeof *w->spellings);
    for (int i = 0; w->spellings != NULL && i < count; i++) {
        const char *name = gr_graph_parameter(w->model->graph, i)->name, *other = torchvision_name(w, name);
        if (other == NULL)
            return no_memory(w);
        w->spellings[w->spelling_count++] = (spelling){name, i};
        if (other != name)
            w->spellings[w->spelling_count++] = (spelling){other, i};
    }
    if (w->spellings == NULL)
        return no_memory(w);
    qsort(w->spellings, w->spelling_count, sizeof *w->spellings, by_name);
    return GR_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const spelling *)a)->name, ((const spelling *)b)->name);
}

/* The parameter of this name, or GR_MATCH_NONE. */
static int find(const work *w, const char *name)
{
    spelling key = {name, 0};
    const spelling *found = bsearch(&key, w->spellings, w->spelling_count, sizeof key, by_text);
    return found != NULL ? found->parameter : GR_MATCH_NONE;
}

/* ---- prefixes ---------------------------------------------------------------------------------------------------------- */

/* The prefix of this text, a new one when there is none; NULL when there are too many, or memory is short. */
static prefix *prefix_of(work *w, const char *name, size_t length)
{
    for (int i = 0; i < w->prefix_count; i++)
        if (strncmp(w->prefixes[i].text, name, length) == 0 && w->prefixes[i].text[length] == '\0')
            return &w->prefixes[i];
    char *text = w->prefix_count < MOST_PREFIXES ? gr_arena_strndup(w->out->arena, name, length) : NULL;
    if (text == NULL)
        return NULL;
    w->prefixes[w->prefix_count] = (prefix){.text = text};
    return &w->prefixes[w->prefix_count++];
}

static bool is_counter(const char *name)
{
    return gr_ends_with(name, "num_batches_tracked");
}

static gr_status count_prefixes(work *w)
{
    int count = gr_weights_count(w->weights);
    w->prefixes = gr_arena_alloc(w->out->arena, MOST_PREFIXES, sizeof *w->prefixes);
    if (w->prefixes == NULL || prefix_of(w, "", 0) == NULL)
        return no_memory(w);
    for (int i = 0; i < count; i++)
        for (const char *name = w->names[i], *rest = name; rest != NULL; rest = strchr(rest, '.')) {
            rest += rest != name;
            int parameter = find(w, rest);
            prefix *p = parameter >= 0 ? prefix_of(w, name, (size_t)(rest - name)) : NULL;
            if (p != NULL) {
                p->named++;
                p->fits += fits(w, parameter, i);
            }
        }
    for (int p = 0; p < w->prefix_count; p++)
        for (int i = 0; i < count; i++)
            w->prefixes[p].under += gr_starts_with(w->names[i], w->prefixes[p].text) && !is_counter(w->names[i]);
    return GR_OK;
}

/* "net.backbone." says with torchvision's names what "net." says with grimace's. */
static bool is_same_set(const prefix *a, const prefix *b)
{
    static const char backbone[] = "backbone.";
    const char *shorter = strlen(a->text) < strlen(b->text) ? a->text : b->text, *longer = shorter == a->text ? b->text : a->text;
    return gr_starts_with(longer, shorter) && strcmp(longer + strlen(shorter), backbone) == 0;
}

/* Does a word stand in it, between dots, underscores and its ends? */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        if ((at == text || at[-1] == '.' || at[-1] == '_') && (at[length] == '\0' || at[length] == '.' || at[length] == '_'))
            return true;
    return false;
}

/* Of two that fit: an average is above what it is the average of, and what its authors evaluate above what only trains it. */
static int rank(const char *text)
{
    static const struct {
        const char *word;
        int rank;
    } words[] = {{"teacher", 3}, {"ema", 3},       {"swa", 3},      {"averaged", 3}, {"encoder_q", 2},          {"online", 2},
                 {"student", 0}, {"encoder_k", 0}, {"momentum", 0}, {"target", 0},   {"current_model_state", 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(text, words[i].word))
            return words[i].rank;
    return 1;
}

/* A few tensors may fit by chance: a block of one network has names like another's stem. */
static bool is_meant(const work *w, const prefix *p)
{
    int parameters = gr_graph_parameter_count(w->model->graph);
    return p->fits > 0 && (int64_t)p->named * 2 >= (p->under < parameters ? p->under : parameters);
}

/* The best of another set that fits about as well as `best`; NULL when there is none. */
static const prefix *find_rival(const work *w, const prefix *best)
{
    const prefix *rival = NULL;
    for (int i = 0; i < w->prefix_count; i++) {
        const prefix *p = &w->prefixes[i];
        if (p == best || is_same_set(p, best) || !is_meant(w, p) || (int64_t)p->fits * 10 < (int64_t)best->fits * 9)
            continue;
        if (rival == NULL || (is_same_set(p, rival) ? p->fits > rival->fits : rank(p->text) > rank(rival->text)))
            rival = p;
    }
    return rival;
}

static gr_status choose(work *w, const prefix **out)
{
    const prefix *best = &w->prefixes[0]; /* without a prefix */
    for (int i = 1; i < w->prefix_count; i++)
        if (w->prefixes[i].fits > best->fits && is_meant(w, &w->prefixes[i]))
            best = &w->prefixes[i];
    const prefix *rival = find_rival(w, best);
    if (rival != NULL && rank(rival->text) > rank(best->text)) {
        const prefix *other = best;
        best = rival;
        rival = find_rival(w, best);
        rival = rival != NULL ? rival : other;
    }
    *out = best;
    w->out->rival = rival != NULL ? rival->text : NULL;
    if (rival == NULL || rank(rival->text) < rank(best->text) || *best->text == '\0' || *rival->text == '\0')
        return GR_OK;
    return gr_fail(w->err, GR_INVALID,
                   "holds two sets of weights that fit the model, with \"%s\" and \"%s\" in front of their names; a file of one of "
                   "them would be right: torch.save(torch.load(FILE, weights_only=False)[\"KEY\"], \"NAME.pth\")",
                   best->text, rival->text);
}

/* The parameter that a tensor is for: those behind the other set's prefix are that set's, whatever else it holds. */
static int place_of(const work *w, const char *name)
{
    const char *prefix = w->out->prefix, *rival = w->out->rival;
    int place = gr_starts_with(name, prefix) ? find(w, name + strlen(prefix)) : GR_MATCH_NONE;
    if (place != GR_MATCH_NONE || rival == NULL || !gr_starts_with(name, rival))
        return place;
    return *rival != '\0' || find(w, name) >= 0 ? GR_MATCH_RIVAL : GR_MATCH_NONE;
}

gr_status gr_match_names(const gr_model *model, const gr_weights *weights, gr_match *out, gr_error *err)
{
    int count = gr_weights_count(weights);
    work w = {.model = model, .weights = weights, .out = out, .err = err};
    const prefix *chosen = NULL;
    *out = (gr_match){.arena = gr_arena_create(), .parameter = gr_alloc((size_t)count + 1, sizeof *out->parameter), .prefix = ""};
    gr_status status = out->arena != NULL && out->parameter != NULL ? read_names(&w) : no_memory(&w);
    if (status == GR_OK)
        status = spell(&w);
    if (status == GR_OK)
        status = count_prefixes(&w);
    if (status == GR_OK)
        status = choose(&w, &chosen);
    if (status != GR_OK) {
        gr_match_free(out);
        return status;
    }
    out->prefix = chosen->text;
    for (int i = 0; i < count; i++)
        out->parameter[i] = place_of(&w, w.names[i]);
    return GR_OK;
}

void gr_match_free(gr_match *match)
{
    gr_free(match->parameter);
    gr_arena_destroy(match->arena);
    *match = (gr_match){0};
}
