#include "support/ranks.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Something on its way. */
typedef struct parcel {
    int from, to, tag;
    size_t bytes;
    void *data;
    struct parcel *next;
} parcel;

typedef struct world {
    pthread_mutex_t mutex;
    pthread_cond_t change;
    int count;
    parcel *parcels; /* the oldest first */
    int here, round; /* of `least` */
    int64_t least[8], last[8];
} world;

typedef struct rank {
    world *world;
    gr_peers peers;
    void (*work)(void *ctx, gr_peers *peers);
    void *ctx;
} rank;

/* What a transfer waits for. */
typedef struct wanted {
    int with, tag;
    void *to;
    size_t bytes;
} wanted;

static void put(world *w, int from, int to, int tag, const void *data, size_t bytes)
{
    parcel *p = malloc(sizeof *p), **end = &w->parcels;
    assert(p != NULL);
    *p = (parcel){from, to, tag, bytes, malloc(bytes + 1), NULL};
    memcpy(p->data, data, bytes);
    pthread_mutex_lock(&w->mutex);
    while (*end != NULL)
        end = &(*end)->next;
    *end = p;
    pthread_mutex_unlock(&w->mutex);
}

/* The oldest for `to` with this tag, from `from` or, where that is negative, from anybody. */
static bool get(world *w, int *from, int to, int tag, void *data, size_t bytes)
{
    pthread_mutex_lock(&w->mutex);
    parcel **at = &w->parcels, *found;
    while (*at != NULL && ((*at)->to != to || (*at)->tag != tag || (*from >= 0 && (*at)->from != *from)))
        at = &(*at)->next;
    found = *at;
    if (found != NULL)
        *at = found->next;
    pthread_mutex_unlock(&w->mutex);
    if (found == NULL)
        return false;
    assert(found->bytes == bytes);
    memcpy(data, found->data, bytes);
    *from = found->from;
    free(found->data);
    free(found);
    return true;
}

static void start(void *ctx, int with, int tag, const void *send, size_t sent, void *receive, size_t received,
                  gr_transfer *transfer)
{
    rank *r = ctx;
    transfer->handles[0] = NULL;
    if (sent > 0)
        put(r->world, r->peers.rank, with, tag, send, sent);
    if (received == 0)
        return;
    wanted *w = malloc(sizeof *w);
    assert(w != NULL);
    *w = (wanted){with, tag, receive, received};
    transfer->handles[0] = w;
}

static bool done(void *ctx, gr_transfer *transfer)
{
    rank *r = ctx;
    wanted *w = transfer->handles[0];
    if (w == NULL)
        return true;
    if (!get(r->world, &w->with, r->peers.rank, w->tag, w->to, w->bytes))
        return false;
    free(w);
    transfer->handles[0] = NULL;
    return true;
}

static void least(void *ctx, int64_t *values, int count)
{
    world *w = ((rank *)ctx)->world;
    pthread_mutex_lock(&w->mutex);
    for (int i = 0; i < count; i++)
        w->least[i] = w->here == 0 || values[i] < w->least[i] ? values[i] : w->least[i];
    int round = w->round;
    if (++w->here == w->count) {
        memcpy(w->last, w->least, sizeof w->last);
        w->here = 0;
        w->round++;
        pthread_cond_broadcast(&w->change);
    }
    while (round == w->round)
        pthread_cond_wait(&w->change, &w->mutex);
    memcpy(values, w->last, (size_t)count * sizeof *values);
    pthread_mutex_unlock(&w->mutex);
}

static void post(void *ctx, int to, const void *letter, size_t bytes)
{
    rank *r = ctx;
    put(r->world, r->peers.rank, to, 0, letter, bytes);
}

static bool take(void *ctx, void *letter, size_t bytes, int *from)
{
    rank *r = ctx;
    *from = -1;
    return get(r->world, from, r->peers.rank, 0, letter, bytes);
}

static void *run(void *ctx)
{
    rank *r = ctx;
    r->work(r->ctx, &r->peers);
    return NULL;
}

void test_ranks_run(int count, void (*work)(void *ctx, gr_peers *peers), void *ctx)
{
    world w = {.mutex = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER, .count = count};
    rank ranks[TEST_MOST_RANKS];
    pthread_t threads[TEST_MOST_RANKS];
    for (int i = 0; i < count; i++) {
        ranks[i] = (rank){.world = &w, .work = work, .ctx = ctx};
        ranks[i].peers = (gr_peers){.rank = i, .count = count, .here = count, .start = start, .done = done, .least = least,
                                    .post = post, .take = take};
        ranks[i].peers.ctx = &ranks[i];
        int failed = pthread_create(&threads[i], NULL, run, &ranks[i]);
        assert(failed == 0);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    assert(w.parcels == NULL);
}
