/* Convolutions at inference as products in one pass: the sums of a tile of results run over the whole depth, from the bias to
 * the activation, in registers. So a result's bits depend on the order of the depth alone, not on how the work is cut.
 *
 * Where the weights stay near the core, a task takes its tiles one by one through its panels of weights. Else it takes a panel
 * through its tiles, while the next panel is on its way from memory: a batch of one reads each weight for few pixels. */
#include <stdio.h>

#include "one_pass.h"
#include "parts.h"

enum {
    NEAR_WEIGHTS = 384 << 10, /* bytes that stay in L2 beside what is read and written */
    FAR_WEIGHTS = 1 << 20,    /* bytes that drive out of L2 what a tile after the other reads of them */
    NEAR_ROWS = (GR_VL == 16 ? 512 : 256) << 10, /* bytes of the left matrix that stay there beside two panels */
    NEAR_PANEL = 64 << 10,    /* bytes of a panel that stay there beside more rows than that */
    COPIED = 4 << 20,         /* bytes of a left matrix that may be copied as a whole */
    FAR_ROWS = 4 << 20,       /* bytes of one that does not wait in L2 */
    TASKS_WANTED = 16,
    GROUP = 8,                /* tiles that go together at most, where so many tasks are left, */
    GROUP_TASKS = 64,
    GROUP_ROWS = 16 << 10,    /* and bytes of the left matrix, which is read again for the last columns */
    FEW = 1 << 16 /* products that take no longer than waking the threads */
};

/* The first of `count` things that belong to part `part` of `parts`: parts differ by one at most. */
static inline int64_t first_of(int64_t count, int64_t parts, int64_t part)
{
    return count * part / parts;
}

/* Rows a multiple of 4 KB apart would share one set of L1, which holds fewer of them than a tile has. */
static bool rows_collide(const gr_view *v)
{
    return v->w.stride * v->in_c % 1024 == 0;
}

gr_one_pass_cut GR_KERNEL(gr_one_pass_cut)(const gr_conv_problem *p)
{
    gr_one_pass_cut c = {.v = GR_KERNEL(gr_view_make)(p, GR_FORWARD, 0)};
    const gr_view *v = &c.v;
    const gr_source plain = {0};
    const int64_t size = (int64_t)sizeof(float);
    c.tiles = gr_blocks(v->pixels, GR_MR);
    c.depth = v->k;
    c.lda = gr_row_stride(v->k);
    c.turns = v->panels - (GR_TRIPLES && v->panels > 1 && v->out_c <= v->panels * GR_NR - GR_VL);
    c.whole = GR_TRIPLES ? v->out_c / GR_NR - (c.turns < v->panels) : 0;
    bool in_place = GR_KERNEL(gr_left_is_source)(v, &plain) && !rows_collide(v);
    const bool small = v->pixels * c.lda * size <= COPIED;
    const int64_t weights = v->k * v->panels * GR_NR * size;
    c.aside = GR_VL == 16 && !in_place && !small && weights >= FAR_WEIGHTS;
    c.by_panel = (weights > NEAR_WEIGHTS && (in_place || small)) || c.aside;
    c.copied = c.by_panel && !in_place && small;
    if (c.aside) {
        c.blocks = gr_blocks(c.tiles, gr_most(1, NEAR_ROWS / (GR_MR * c.lda * size)));
        c.strips = gr_least(c.turns, gr_blocks(TASKS_WANTED, c.blocks));
        c.depth = gr_blocks(v->k, gr_blocks(v->k * GR_NR * size, NEAR_PANEL));
    } else if (c.by_panel) {
        c.blocks = gr_blocks(c.tiles, gr_most(1, NEAR_ROWS / (GR_MR * v->k * size)));
        if ((GR_REGISTERS == 16 || GR_VL == 16) && c.turns >= TASKS_WANTED && v->pixels < (c.blocks - 1) * GR_NR)
            c.blocks = 1; /* all rows again for each panel are less than all panels again for each block of rows */
        c.strips = c.turns;
        if (GR_VL == 16)
            c.depth = gr_blocks(v->k, gr_blocks(v->k * GR_NR * size, NEAR_PANEL));
    } else {
        c.blocks = c.tiles;
        c.strips = gr_least(c.turns, gr_blocks(TASKS_WANTED, c.tiles));
        if (GR_TRIPLES && v->pixels == 1)
            c.strips = gr_blocks(c.turns, 4); /* of a pixel alone four panels go at once */
    }
    c.group = 1;
    if (GR_TRIPLES && !c.by_panel && c.strips == 1)
        c.group = gr_most(1, gr_least(gr_least(GROUP, c.tiles / GROUP_TASKS), GROUP_ROWS / (GR_MR * v->k * size)));
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f)
{
    if (d != GR_FORWARD)
        return "it runs forward alone";
    if (p->groups != 1)
        return "the convolution is grouped";
    if (p->bf16)
        return "bfloat16 has tiles of its own";
    if (p->exact || p->explained)
        return "one sum over the whole depth rounds more often";
    if (f != NULL && f->stats != NULL)
        return "it leaves no sums for a batch norm";
    if (f != NULL && (f->in_scale != NULL || f->in_act != GR_ACT_NONE))
        return "what it reads must be written as it is";
    return NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return GR_KERNEL(gr_implicit_gemm).packed_size(p, d);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    gr_one_pass_cut c = GR_KERNEL(gr_one_pass_cut)(p);
    const int64_t aside = GR_MR * (c.aside ? gr_blocks(c.tiles, c.blocks) : 1);
    return sizeof(float) * (size_t)(c.lda * (c.copied ? c.v.pixels : aside * threads));
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    GR_KERNEL(gr_view_pack)(p, d, weights, packed);
}

/* true, and t's left matrix is the tensor itself, when these pixels read their taps as they stand in memory, equally far from
 * pixel to pixel and from row to row of taps. */
static bool left_in_place(const gr_one_pass_job *j, int64_t pixel, int64_t rows, gr_one_tile *t)
{
    const gr_view *v = &j->c.v;
    if (j->in_place) {
        t->a = j->source.data + pixel * v->in_c, t->lda = v->in_c;
        return true;
    }
    if (rows_collide(v) || (v->w.taps > 1 && v->w.dil != 1))
        return false;
    int64_t column = pixel % v->w.results, i = pixel / v->w.results, width = v->w.taps * v->in_c;
    int64_t line = v->h.first + i % v->h.results * v->h.stride, at = v->w.first + column * v->w.stride;
    int64_t last = at + (rows - 1) * v->w.stride + v->w.taps - 1;
    bool inside = line >= 0 && line + (v->h.taps - 1) * v->h.dil < v->h.size && at >= 0 && last < v->w.size;
    if (!inside || column + rows > v->w.results)
        return false;
    t->a = j->source.data + ((i / v->h.results * v->h.size + line) * v->w.size + at) * v->in_c;
    t->runs = v->h.taps, t->k = width, t->lda = v->w.stride * v->in_c, t->run_step = v->h.dil * v->w.size * v->in_c;
    return true;
}

/* What is the same for all tiles. Set one by one: clearing a whole record took as long as ten steps along k. */
GR_INLINE void begin_record(const gr_one_pass_job *j, gr_one_tile *t)
{
    t->runs = 1, t->run_step = 0, t->k = j->c.v.k, t->lda = j->c.lda, t->step = j->c.v.out_c, t->act = j->f->act;
    t->panels = t->tiles = 0, t->fetch_step = t->fetch_tile = 0, t->goes_on = false;
}

static int64_t first_pixel(const gr_one_pass_job *j, int64_t tile)
{
    return tile * j->fewest + gr_least(tile, j->longer);
}

/* Everything but the left matrix of tile `tile`, in panel 0; returns its pixels. */
static int64_t begin_tile(const gr_one_pass_job *j, int64_t tile, int64_t *pixel, gr_one_tile *t)
{
    *pixel = first_pixel(j, tile);
    begin_record(j, t);
    return j->fewest + (tile < j->longer);
}

/* Panel `panel` of these pixels, the first of which is left at `out`. */
GR_INLINE void find_panel(const gr_one_pass_job *j, gr_one_tile *t, int64_t pixel, int64_t panel, float *out)
{
    const gr_view *v = &j->c.v;
    const int64_t column = panel * GR_NR, at = pixel * v->out_c + column;
    t->b = (const float *)j->args->packed + column * v->k;
    t->bias = j->f->bias != NULL ? j->f->bias + column : NULL;
    t->residual = j->f->residual != NULL ? j->f->residual + at : NULL;
    t->out = out + column;
    t->columns = panel == j->c.turns - 1 ? v->out_c - column : GR_NR;
}

/* Turns `first` to `end` of these pixels, each of which asks for `share` bytes: whole panels one behind the other where they may
 * go together, and the others one by one. */
GR_INLINE void run_turns(const gr_one_pass_job *j, gr_one_tile *t, int64_t pixel, int64_t rows, int64_t first, int64_t end,
                         int64_t share, float *out)
{
    const gr_one_pass_cut *c = &j->c;
    const int64_t whole = gr_least(end, c->whole) - first;
    if (whole > 1 && gr_goes_whole(j->f, t->runs)) {
        find_panel(j, t, pixel, first, out);
        t->panels = whole, t->columns = whole * GR_NR;
        GR_KERNEL(gr_one_tile)(t, rows);
        t->panels = 0;
        first += whole, t->fetch += whole * share;
    }
    for (int64_t panel = first; panel < end; panel++, t->fetch += share) {
        find_panel(j, t, pixel, panel, out);
        GR_KERNEL(gr_one_tile)(t, rows);
    }
}

void GR_KERNEL(gr_one_pass_turns)(const gr_one_pass_job *j, gr_one_tile *t, int64_t pixel, int64_t rows, int64_t first,
                                  int64_t end, int64_t share, float *out)
{
    run_turns(j, t, pixel, rows, first, end, share, out);
}

void GR_KERNEL(gr_one_pass_group)(const gr_one_pass_job *j, gr_one_tile *t, int64_t pixel, int64_t rows, int64_t count,
                                  int64_t first, int64_t end, int64_t share, float *out)
{
    const gr_one_pass_cut *c = &j->c;
    const int64_t whole = gr_least(end, c->whole) - first;
    t->fetch += first * share;
    if (whole > 0) {
        find_panel(j, t, pixel, first, out);
        t->panels = whole, t->columns = whole * GR_NR, t->tiles = count, t->fetch_tile = c->v.panels * share;
        GR_KERNEL(gr_one_tile)(t, rows);
        t->panels = t->tiles = 0, t->fetch += whole * share;
    }
    for (int64_t left = count * rows, some; left > 0 && end > c->whole; left -= some) {
        find_panel(j, t, pixel, c->whole, out);
        some = t->columns > GR_NR ? left : rows; /* three vectors go by few rows in any case */
        GR_KERNEL(gr_one_tile)(t, some);
        pixel += some, out += some * c->v.out_c, t->a += some * t->lda;
    }
}

/* The left matrix of some pixels, where it lies or copied to the thread's scratch. */
static void find_left(const gr_one_pass_job *j, int64_t pixel, int64_t rows, int thread, gr_one_tile *t)
{
    if (left_in_place(j, pixel, rows, t))
        return;
    float *a = (float *)j->args->scratch + thread * GR_MR * j->c.lda;
    GR_KERNEL(gr_gather)(&j->c.v, &j->source, 0, pixel, rows, 0, j->c.v.k, a, j->c.lda);
    t->a = a;
}

void GR_KERNEL(gr_one_pass_row)(const gr_one_pass_job *j, int64_t row, int thread, float *out)
{
    const gr_view *v = &j->c.v;
    const int64_t width = v->w.results, tiles = gr_blocks(width, GR_MR), fewest = width / tiles, longer = width % tiles;
    for (int64_t tile = 0, first = 0, rows, count; tile < tiles; tile += count, first += count * rows) {
        rows = fewest + (tile < longer), count = 1;
        gr_one_tile t;
        begin_record(j, &t);
        if (GR_TRIPLES && j->in_place) {
            count = tile < longer ? longer : tiles - longer;
            t.fetch = (const char *)j->args->packed;
            t.a = j->source.data + (row * width + first) * v->in_c, t.lda = v->in_c;
            GR_KERNEL(gr_one_pass_group)(j, &t, row * width + first, rows, count, 0, j->c.turns, 0, out + first * v->out_c);
            continue;
        }
        find_left(j, row * width + first, rows, thread, &t);
        t.fetch = (const char *)j->args->packed;
        run_turns(j, &t, row * width + first, rows, 0, j->c.turns, 0, out + first * v->out_c);
    }
}

gr_one_pass_job GR_KERNEL(gr_one_pass_begin)(const gr_conv_problem *p, const gr_conv_args *args)
{
    gr_one_pass_job j = {.c = GR_KERNEL(gr_one_pass_cut)(p),
                         .args = args,
                         .f = args->fusion != NULL ? args->fusion : &gr_no_fusion,
                         .source = gr_source_of_x(args)};
    if (j.f->residual != NULL)
        j.c.depth = j.c.v.k; /* it may lie where sums would wait */
    j.in_place = GR_KERNEL(gr_left_is_source)(&j.c.v, &j.source) && !rows_collide(&j.c.v);
    j.fewest = j.c.v.pixels / j.c.tiles, j.longer = j.c.v.pixels % j.c.tiles;
    j.rows_ahead = GR_VL == 16 && j.in_place && !j.c.by_panel && j.c.v.pixels * j.c.v.k * (int64_t)sizeof(float) > FAR_ROWS;
    const int64_t ahead = j.rows_ahead ? (j.fewest + 1) * j.c.v.k * (int64_t)sizeof(float) : gr_blocks(GR_AHEAD, j.c.tiles);
    j.share = gr_blocks(ahead, j.c.v.panels), j.share_step = gr_blocks(j.share, j.c.v.k);
    return j;
}

/* What will be read after this convolution's own weights. */
static const char *behind(const gr_one_pass_job *j)
{
    return (const char *)j->args->packed + j->c.v.panels * j->c.v.k * GR_NR * (int64_t)sizeof(float);
}

static void run_tile(const gr_one_pass_job *j, int64_t tile, int64_t first, int64_t end, int thread)
{
    const gr_one_pass_cut *c = &j->c;
    int64_t pixel;
    gr_one_tile t;
    int64_t rows = begin_tile(j, tile, &pixel, &t);
    find_left(j, pixel, rows, thread, &t);
    t.fetch_step = j->share_step;
    t.fetch = (j->rows_ahead ? (const char *)(t.a + rows * t.lda) : behind(j) + tile * c->v.panels * j->share) + first * j->share;
    run_turns(j, &t, pixel, rows, first, end, j->share, j->args->out + pixel * c->v.out_c);
}

static void run_tiles(void *ctx, int64_t index, int thread)
{
    const gr_one_pass_job *j = ctx;
    const gr_one_pass_cut *c = &j->c;
    if (c->strips > 1) {
        const int64_t strip = index % c->strips;
        run_tile(j, index / c->strips, first_of(c->turns, c->strips, strip), first_of(c->turns, c->strips, strip + 1), thread);
        return;
    }
    const int64_t end = gr_least(c->tiles, (index + 1) * c->group);
    for (int64_t tile = index * c->group, count; tile < end; tile += count) {
        count = (tile < j->longer ? gr_least(end, j->longer) : end) - tile;
        if (!j->in_place || !gr_goes_whole(j->f, 1) || c->group == 1) {
            run_tile(j, tile, 0, c->turns, thread), count = 1;
            continue;
        }
        gr_one_tile t;
        int64_t pixel, rows = begin_tile(j, tile, &pixel, &t);
        t.fetch_step = j->share_step, t.fetch = behind(j) + tile * c->v.panels * j->share;
        t.a = j->source.data + pixel * c->v.in_c, t.lda = c->v.in_c;
        GR_KERNEL(gr_one_pass_group)(j, &t, pixel, rows, count, 0, c->turns, j->share, j->args->out + pixel * c->v.out_c);
    }
}

static void copy_tile(void *ctx, int64_t tile, int thread)
{
    const gr_one_pass_job *j = ctx;
    const gr_one_pass_cut *c = &j->c;
    (void)thread;
    gr_one_tile t;
    int64_t pixel, rows = begin_tile(j, tile, &pixel, &t);
    GR_KERNEL(gr_gather)(&c->v, &j->source, 0, pixel, rows, 0, c->v.k, (float *)j->args->scratch + pixel * c->lda, c->lda);
}

/* Products from `from` up to `end` along the depth of a panel and its tiles, from `first` to `last`. What stands behind them in
 * memory is on its way meanwhile, the next panel behind the last ones: see GR_AHEAD. */
static void run_part(const gr_one_pass_job *j, int64_t panel, int64_t first, int64_t last, int64_t from, int64_t end,
                     const float *copied)
{
    const gr_one_pass_cut *c = &j->c;
    const int64_t bytes = (end - from) * GR_NR * (int64_t)sizeof(float);
    const int64_t share = gr_blocks(bytes, last - first), step = gr_blocks(share, end - from);
    const char *next = (const char *)j->args->packed + (panel * c->v.k + end) * GR_NR * (int64_t)sizeof(float);
    for (int64_t tile = first, count; tile < last; tile += count) {
        gr_one_tile t;
        int64_t pixel, rows = begin_tile(j, tile, &pixel, &t);
        if (copied != NULL)
            t.a = copied + pixel * c->lda;
        else
            (void)left_in_place(j, pixel, rows, &t);
        t.fetch = next + (tile - first) * share;
        t.fetch_step = step;
        find_panel(j, &t, pixel, panel, j->args->out + pixel * c->v.out_c);
        t.a += from, t.b += from * GR_NR, t.k = end - from, t.goes_on = from > 0;
        if (end < c->v.k)
            t.residual = NULL, t.act = GR_ACT_NONE;
        count = 1;
        if (panel < c->whole && gr_goes_whole(j->f, t.runs)) {
            count = (tile < j->longer ? gr_least(last, j->longer) : last) - tile;
            t.panels = 1, t.tiles = count, t.fetch_tile = share;
        }
        GR_KERNEL(gr_one_tile)(&t, rows);
    }
}

/* One panel of tiles `first` to `last`, whose copied rows are counted from `copied` on; NULL: they are read in place. */
static void run_parts(const gr_one_pass_job *j, int64_t panel, int64_t first, int64_t last, const float *copied)
{
    const gr_one_pass_cut *c = &j->c;
    for (int64_t from = 0; from < c->v.k; from += c->depth)
        run_part(j, panel, first, last, from, gr_least(from + c->depth, c->v.k), copied);
}

static void run_panel(void *ctx, int64_t index, int thread)
{
    const gr_one_pass_job *j = ctx;
    const gr_one_pass_cut *c = &j->c;
    (void)thread;
    const int64_t panel = index % c->strips, block = index / c->strips;
    run_parts(j, panel, first_of(c->tiles, c->blocks, block), first_of(c->tiles, c->blocks, block + 1),
              c->copied ? j->args->scratch : NULL);
}

/* A strip of panels of a block of tiles, whose rows stay in L2 from the first panel to the last. */
static void run_aside(void *ctx, int64_t index, int thread)
{
    const gr_one_pass_job *j = ctx;
    const gr_one_pass_cut *c = &j->c;
    const int64_t strip = index % c->strips, block = index / c->strips;
    const int64_t first = first_of(c->tiles, c->blocks, block), last = first_of(c->tiles, c->blocks, block + 1);
    const int64_t pixel = first_pixel(j, first), pixels = first_pixel(j, last) - pixel;
    float *a = (float *)j->args->scratch + thread * GR_MR * gr_blocks(c->tiles, c->blocks) * c->lda;
    GR_KERNEL(gr_gather)(&c->v, &j->source, 0, pixel, pixels, 0, c->v.k, a, c->lda);
    for (int64_t panel = first_of(c->turns, c->strips, strip); panel < first_of(c->turns, c->strips, strip + 1); panel++)
        run_parts(j, panel, first, last, a - pixel * c->lda);
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    gr_one_pass_job j = GR_KERNEL(gr_one_pass_begin)(p, args);
    (void)d;
    if (j.c.copied)
        gr_parallel_for(j.c.tiles, copy_tile, &j);
    int64_t tasks = gr_blocks(j.c.blocks, j.c.group) * j.c.strips;
    void (*const task)(void *, int64_t, int) = j.c.aside ? run_aside : j.c.by_panel ? run_panel : run_tiles;
    if (j.c.v.pixels * j.c.v.k * p->oc > FEW)
        gr_parallel_for(tasks, task, &j);
    else
        for (int64_t i = 0; i < tasks; i++)
            task(&j, i, 0);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    gr_one_pass_cut c = GR_KERNEL(gr_one_pass_cut)(p);
    snprintf(text, size, "%d pixels x %d channels, %lld tiles, %s%s", GR_MR, GR_NR, (long long)c.tiles,
             c.by_panel ? "panel by panel" : "tile by tile",
             c.copied ? ", rows copied first" : c.aside ? ", rows of a block copied first" : "");
}

const gr_conv_algorithm GR_KERNEL(gr_one_pass) = {
    .name = "one_pass",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
