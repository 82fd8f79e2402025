/* Matrix product on the register tile that the convolutions use: OpenBLAS knows few processors' widest vectors, and gives other
 * bits on each. Each number of c is summed over k in one order, DEPTH at a time, whatever the tile around it;
 * so the output may be shared out among the threads by their number, and the bits do not show it. */
#include "panel.h"
#include "parts.h"

enum {
    DEPTH = 256,         /* of k at once */
    COLUMNS = 2 * GR_NR, /* of b at once: 64 KB of panels at most, on the stack */
    ROWS = 32 * GR_MR,   /* of c at once, so that their columns stay in cache from one piece of k to the next */
    LINE = 16,           /* floats of a cache line */
    SKINNY = 2           /* columns of c that no tile is made for */
};

typedef struct job {
    bool trans_a, trans_b, accumulate;
    int64_t m, n, k, lda, ldb, ldc;
    const float *a, *b;
    float *c;
    int64_t row_parts, column_parts; /* how the threads share c */
} job;

typedef struct range {
    int64_t begin, end;
} range;

/* Part `index` of `parts` of `total`, whole tiles of `unit`. */
static range part_of(int64_t total, int64_t unit, int64_t parts, int64_t index)
{
    int64_t tiles = gr_blocks(total, unit);
    return (range){tiles * index / parts * unit, gr_least(tiles * (index + 1) / parts * unit, total)};
}

static void pack_panel(const job *j, range k, int64_t column, int64_t columns, float *panel)
{
    if (j->trans_b)
        gr_panel_transpose(k.end - k.begin, columns, j->b + column * j->ldb + k.begin, j->ldb, panel);
    else
        gr_panel_copy(k.end - k.begin, columns, j->b + k.begin * j->ldb + column, j->ldb, panel);
}

typedef struct block {
    range rows, k, columns;
    const float *next; /* the piece of b that comes next, or NULL */
} block;

/* While tile number `tile` runs, one line of each row of the next piece of b is on its way. */
static void fetch_next(const job *j, const block *b, int64_t tile, gr_tile *t)
{
    bool wanted = b->next != NULL && !j->trans_b && tile < COLUMNS / LINE;
    t->fetch = (const char *)(wanted ? b->next + tile * LINE : t->b);
    t->fetch_step = wanted ? j->ldb * (int64_t)sizeof(float) : 0;
}

static void run_block(const job *j, const block *b)
{
    _Alignas(64) float panels[COLUMNS * DEPTH];
    float *out[GR_MR];
    gr_tile t = {.runs = 1, .k = b->k.end - b->k.begin, .lda = j->lda, .out = out, .add = b->k.begin > 0 || j->accumulate};
    for (int64_t column = b->columns.begin; column < b->columns.end; column += GR_NR)
        pack_panel(j, b->k, column, gr_least(GR_NR, b->columns.end - column), panels + (column - b->columns.begin) * DEPTH);
    for (int64_t row = b->rows.begin, tile = 0; row < b->rows.end; row += GR_MR) {
        int64_t rows = gr_least(GR_MR, b->rows.end - row);
        for (int64_t r = 0; r < rows; r++)
            out[r] = j->c + (row + r) * j->ldc;
        t.a = j->trans_a ? j->a + b->k.begin * j->lda + row : j->a + row * j->lda + b->k.begin;
        for (int64_t column = b->columns.begin; column < b->columns.end; column += GR_NR, tile++) {
            t.b = panels + (column - b->columns.begin) * DEPTH;
            t.column = column;
            t.columns = gr_least(GR_NR, b->columns.end - column);
            fetch_next(j, b, tile, &t);
            if (j->trans_a)
                GR_KERNEL(gr_tile_columns)(&t, rows);
            else
                GR_KERNEL(gr_tile_rows)(&t, rows);
        }
    }
}

/* Rows of c, in the range of columns that is a thread's: all of k. */
static void run_rows(const job *j, range rows, range columns)
{
    for (int64_t k = 0; k == 0 || k < j->k; k += DEPTH)
        for (int64_t column = columns.begin; column < columns.end; column += COLUMNS) {
            block b = {rows, {k, gr_least(k + DEPTH, j->k)}, {column, gr_least(column + COLUMNS, columns.end)}, NULL};
            if (b.columns.end < columns.end)
                b.next = j->b + k * j->ldb + b.columns.end;
            else if (b.k.end < j->k)
                b.next = j->b + b.k.end * j->ldb + columns.begin;
            run_block(j, &b);
        }
}

static void run_part(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    range rows = part_of(j->m, GR_MR, j->row_parts, index / j->column_parts);
    range columns = part_of(j->n, GR_NR, j->column_parts, index % j->column_parts);
    for (int64_t row = rows.begin; row < rows.end; row += ROWS)
        run_rows(j, (range){row, gr_least(row + ROWS, rows.end)}, columns);
}

/* Columns first, whose panels are then packed once; rows where the columns would leave a thread idle. */
static void share_out(job *j, int64_t threads)
{
    int64_t columns = gr_blocks(j->n, GR_NR), rows = gr_blocks(j->m, GR_MR);
    j->row_parts = j->column_parts = 1;
    if (j->m * j->n * j->k < 32768 || threads == 1)
        return; /* less work than waking the threads */
    if (columns % threads == 0 || columns >= 4 * threads)
        j->column_parts = threads;
    else if (rows % threads == 0 || rows >= 4 * threads)
        j->row_parts = threads;
    else {
        j->column_parts = gr_least(columns, 4 * threads);
        j->row_parts = gr_least(rows, gr_blocks(4 * threads, j->column_parts));
    }
}

void GR_KERNEL(gr_gemm)(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                        const float *b, int64_t ldb, float *c, int64_t ldc, bool accumulate)
{
    job j = {.trans_a = trans_a,
             .trans_b = trans_b,
             .accumulate = accumulate,
             .m = m,
             .n = n,
             .k = k,
             .lda = lda,
             .ldb = ldb,
             .ldc = ldc,
             .a = a,
             .b = b,
             .c = c};
    if (m == 0 || n == 0)
        return;
    if (!trans_a && trans_b && n <= SKINNY) {
        GR_KERNEL(gr_gemm_skinny)(m, n, k, a, lda, b, ldb, c, ldc, accumulate);
        return;
    }
    if (!trans_a && trans_b && m == 1) { /* a dense layer for one image: b's rows are read once, as they lie */
        GR_KERNEL(gr_gemm_skinny)(n, 1, k, b, ldb, a, lda, c, 1, accumulate);
        return;
    }
    share_out(&j, gr_threads_get());
    gr_parallel_for(j.row_parts * j.column_parts, run_part, &j);
}
