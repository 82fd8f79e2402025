/* A set of scenes before it is rendered: which rats live in which cage, what each picture shows of them, and how a rat moves
 * in a film. */
#include "synth/cage_private.h"

static const gr_synth_style style = {.yaw = 45,
                                     .pitch = 16,
                                     .roll = 16,
                                     .clutter = 0.6f,
                                     .variety = 1,
                                     .expression = 0.1f,
                                     .zoom = 1,
                                     .darkest = 0.05f, /* a black rat in the shade of a cage is no more than a hole */
                                     .palest = 1,
                                     .sessions = 2};

/* Streams of the seed, apart by their number; SESSION's animals are cages, which no rat's number reaches. */
enum { PICTURE = 21, FILM = 22, SESSION_OF_CAGE = 1000000 };

static float between(gr_rng *rng, float low, float high)
{
    return low + (high - low) * gr_rng_float(rng);
}

static gr_synth_session place_of(uint64_t seed, int cage, int session)
{
    gr_synth_session place = gr_synth_session_draw(seed, SESSION_OF_CAGE + cage, session, &style);
    place.horizon = 0.26f + 0.45f * (place.horizon - 0.45f); /* 0.26 to 0.44: the camera looks down on the floor */
    return place;
}

/* ---- a rat ---- */

static void draw_face(gr_rng *rng, uint64_t seed, const gr_synth_session *place, int score, gr_cage_rat *rat)
{
    const gr_synth_preset *labels = gr_synth_preset_find("mini", NULL);
    rat->score = score;
    gr_synth_levels_draw(rng, labels, score, rat->level);
    rat->score = gr_synth_score(rat->level);
    rat->params.identity = gr_synth_identity_draw(seed, rat->animal, &style);
    for (int i = 0; i < GR_SYNTH_AUS; i++) {
        float spread = gr_clamp(style.expression * (float)gr_rng_normal(rng), -0.3f, 0.3f);
        rat->params.au[i] = gr_clamp((float)rat->level[i] + spread, 0, 2);
    }
    gr_synth_view_draw(rng, &style, &rat->params);
    rat->params.session = *place;
}

static int draw_score(gr_rng *rng)
{
    float r = gr_rng_float(rng);
    return r < 0.5f ? 0 : r < 0.75f ? 1 : 2;
}

/* It looks at the far wall, and shows its back. */
static void turn_away(gr_rng *rng, gr_cage_rat *rat)
{
    float side = gr_rng_float(rng) < 0.5f ? -1.0f : 1.0f;
    rat->params.yaw = side * between(rng, 125, 180);
    rat->params.body_yaw = -0.2f * side * between(rng, 0, 60);
    rat->size *= 0.62f; /* its rump is nearer to the camera than the head that the size is of */
}

static void draw_screen(gr_rng *rng, gr_cage_rat *rat)
{
    float which = gr_rng_float(rng), edge = gr_rng_float(rng), side = gr_rng_float(rng) < 0.5f ? -1.0f : 1.0f;
    rat->screen = which < 0.13f   ? GR_CAGE_BEDDING
                  : which < 0.24f ? GR_CAGE_BOWL
                  : which < 0.32f ? GR_CAGE_SHELTER
                                  : GR_CAGE_OPEN;
    rat->edge = rat->screen == GR_CAGE_SHELTER ? side * (0.02f + 0.16f * edge) : 0.01f + 0.13f * edge;
}

/* Somewhere on the floor, larger the nearer it is; `close`: right before the camera. y is a share of the width, like x. */
static void draw_place(gr_rng *rng, const gr_synth_session *place, bool close, gr_cage_rat *rat)
{
    float near = gr_rng_float(rng), vary = between(rng, 0.9f, 1.12f), x = gr_rng_float(rng);
    rat->size = (close ? gr_mix(0.14f, 0.20f, near) : gr_mix(0.046f, 0.115f, near)) * vary;
    float low = place->horizon * 0.75f, high = 0.75f - 0.62f * rat->size;
    rat->y = close ? between(rng, 0.30f, 0.45f) : gr_mix(low, high, near);
    rat->x = gr_mix(1.05f * rat->size, 1 - 1.05f * rat->size, x);
    rat->y = gr_clamp(rat->y, 1.02f * rat->size, 0.75f - 0.75f * rat->size);
}

static bool apart(const gr_cage_view *view, const gr_cage_rat *rat)
{
    for (int i = 0; i < view->rats; i++) {
        const gr_cage_rat *other = &view->rat[i];
        if (hypotf(rat->x - other->x, rat->y - other->y) < 0.95f * (rat->size + other->size))
            return false;
    }
    return true;
}

/* Keeps far before near. */
static void insert(gr_cage_view *view, const gr_cage_rat *rat)
{
    int at = view->rats++;
    for (; at > 0 && view->rat[at - 1].y > rat->y; at--)
        view->rat[at] = view->rat[at - 1];
    view->rat[at] = *rat;
}

/* ---- a picture ---- */

static void draw_camera(gr_rng *rng, gr_synth_params *camera)
{
    gr_synth_view_draw(rng, &style, camera);
    /* Shares of the width, and the style's are those of a face that fills the picture. */
    camera->blur = 0.0004f + 0.35f * camera->blur;
    camera->motion *= 0.3f;
}

static void draw_picture(uint64_t seed, int animals, gr_cage_view *view)
{
    gr_rng rng = gr_rng_make(seed, GR_FOR_SYNTH, (uint32_t)view->cage, ((uint64_t)PICTURE << 40) + (uint64_t)view->index);
    float many = gr_rng_float(&rng), bars = gr_rng_float(&rng);
    int wanted = many < 0.12f ? 0 : many < 0.58f ? 1 : many < 0.84f ? 2 : 3;
    wanted = wanted < animals ? wanted : animals;
    bool close = wanted == 1 && gr_rng_float(&rng) < 0.4f;
    int64_t order[GR_CAGE_RATS] = {0, 1, 2};
    gr_rng_shuffle(&rng, order, (size_t)animals);
    view->front_bars = bars < 0.2f;
    for (int k = 0; k < wanted; k++) {
        gr_cage_rat rat = {.animal = (view->cage - 1) * GR_CAGE_RATS + 1 + (int)order[k]};
        draw_face(&rng, seed, &view->place, draw_score(&rng), &rat);
        bool away = gr_rng_float(&rng) < 0.14f, found = false;
        draw_screen(&rng, &rat);
        for (int attempt = 0; attempt < 20 && !found; attempt++) {
            draw_place(&rng, &view->place, close, &rat);
            found = apart(view, &rat);
        }
        if (!found)
            continue;
        if (away) {
            rat.screen = GR_CAGE_OPEN;
            turn_away(&rng, &rat);
        }
        insert(view, &rat);
    }
    draw_camera(&rng, &view->camera);
}

/* ---- a film ---- */

/* A smooth way through -1..1, another one for each `what`. */
static float sway(uint32_t key, int what, float time)
{
    return 2 * gr_synth_noise(key, gr_v3(time, (float)what * 7.3f, 0.5f)) - 1;
}

/* One rat, its expression the film's; the head turns and the animal moves while time goes by. */
static void draw_film(uint64_t seed, int animals, float rate, int frames, gr_cage_view *views)
{
    gr_cage_view *first = &views[0];
    gr_rng rng = gr_rng_make(seed, GR_FOR_SYNTH, (uint32_t)first->cage, ((uint64_t)FILM << 40) + (uint64_t)first->index);
    int k = first->index - 1;
    gr_cage_rat rat = {.animal = (first->cage - 1) * GR_CAGE_RATS + 1 + k % animals};
    /* Each rat is filmed with and without pain in turn. */
    int painful = (k / animals + k % animals) % 2;
    draw_face(&rng, seed, &first->place, painful == 0 ? 0 : gr_rng_float(&rng) < 0.5f ? 1 : 2, &rat);
    draw_place(&rng, &first->place, gr_rng_float(&rng) < 0.5f, &rat);
    draw_camera(&rng, &first->camera);
    uint32_t key = gr_rng_u32(&rng);
    for (int f = 0; f < frames; f++) {
        gr_cage_view *view = &views[f];
        float time = (float)f / rate;
        view->camera = first->camera;
        view->camera.seed = first->camera.seed + (uint64_t)f;
        view->rats = 1;
        view->rat[0] = rat;
        gr_cage_rat *r = &view->rat[0];
        r->params.yaw = gr_clamp(0.6f * rat.params.yaw + 34 * sway(key, 0, 0.8f * time), -60, 60);
        r->params.pitch = gr_clamp(rat.params.pitch + 8 * sway(key, 1, 0.9f * time), -20, 20);
        r->params.roll = gr_clamp(rat.params.roll + 8 * sway(key, 2, 0.7f * time), -20, 20);
        r->x = gr_clamp(rat.x + 0.10f * sway(key, 3, 0.5f * time), 0.9f * rat.size, 1 - 0.9f * rat.size);
        r->y = gr_clamp(rat.y + 0.03f * sway(key, 4, 0.5f * time), 0.95f * rat.size, 0.75f - 0.7f * rat.size);
    }
}

/* ---- the set ---- */

static gr_status check(const gr_cage_options *o, gr_error *err)
{
    if (o->width != 0 && (o->width < 128 || o->width > 2048 || o->width % 4 != 0))
        return gr_fail(err, GR_INVALID, "--size: %d pixels, must be a multiple of 4 within 128 to 2048", o->width);
    if (o->animals < 0 || o->animals > 1000)
        return gr_fail(err, GR_INVALID, "--animals: %d, must be within 1 to 1000", o->animals);
    if (o->images < 0 || o->images > 100000)
        return gr_fail(err, GR_INVALID, "--images: %d for each cage, must be within 1 to 100000", o->images);
    if (!(o->seconds >= 0 && o->seconds <= 600))
        return gr_fail(err, GR_INVALID, "--seconds: %g, must be within 0 to 600", (double)o->seconds);
    if (!(o->rate >= 0 && o->rate <= 60))
        return gr_fail(err, GR_INVALID, "the rate is %g frames a second; must be within 0 to 60", (double)o->rate);
    return GR_OK;
}

gr_status gr_cage_plan_make(const gr_cage_options *options, gr_cage_plan *plan, gr_error *err)
{
    *plan = (gr_cage_plan){0};
    gr_status status = check(options, err);
    if (status != GR_OK)
        return status;
    bool film = options->seconds > 0;
    int animals = options->animals > 0 ? options->animals : 18, cages = (animals + GR_CAGE_RATS - 1) / GR_CAGE_RATS;
    int images = options->images > 0 ? options->images : film ? 2 : 50;
    plan->rate = options->rate > 0 ? options->rate : 5;
    plan->width = options->width > 0 ? options->width : 640;
    plan->height = plan->width / 4 * 3;
    plan->frames = film ? (int)ceilf(options->seconds * plan->rate - 1e-3f) : 0;
    if (film && plan->frames < 1)
        plan->frames = 1;
    int64_t of_each = film ? plan->frames : 1, total = (int64_t)cages * images * of_each;
    if (total > 1000000)
        return gr_fail(err, GR_INVALID, "--animals and --images: %lld pictures in all, at most 1000000", (long long)total);
    plan->views = gr_alloc((size_t)total, sizeof(*plan->views));
    if (plan->views == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to plan %lld synthetic pictures", (long long)total);
    for (int cage = 1; cage <= cages; cage++) {
        int housed = cage < cages ? GR_CAGE_RATS : animals - (cages - 1) * GR_CAGE_RATS;
        for (int k = 0; k < images; k++) {
            gr_cage_view *views = &plan->views[plan->count];
            int session = 1 + (int)((int64_t)k * style.sessions / images);
            for (int f = 0; f < of_each; f++)
                views[f] = (gr_cage_view){.cage = cage,
                                          .session = session,
                                          .index = k + 1,
                                          .frame = film ? f : -1,
                                          .place = place_of(options->seed, cage, session)};
            if (film)
                draw_film(options->seed, housed, plan->rate, plan->frames, views);
            else
                draw_picture(options->seed, housed, views);
            plan->count += (int)of_each;
        }
    }
    return GR_OK;
}

void gr_cage_plan_free(gr_cage_plan *plan)
{
    gr_free(plan->views);
    *plan = (gr_cage_plan){0};
}
