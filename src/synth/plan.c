/* The set before it is rendered: how many images of each animal have which label, which action units make it up, and
 * everything else of each image from streams that do not see the label. */
#include "synth/scene.h"

/* PainSeeker's Table 2: images labelled no, moderate and severe pain of each rat. */
static const int table2[6][3] = {{56, 163, 2}, {102, 108, 0}, {148, 50, 0}, {138, 92, 0}, {63, 116, 3}, {34, 62, 1}};

int gr_synth_score(const int level[GR_SYNTH_AUS])
{
    int sum = 0;
    for (int i = 0; i < GR_SYNTH_AUS; i++)
        sum += level[i];
    /* The mean rounded, halves up: floor(sum / 4 + 1 / 2). */
    return (sum + 2) / 4;
}

const char *gr_synth_label(int score)
{
    return score <= 0 ? "no" : score == 1 ? "moderate" : "severe";
}

/* Images of an animal with each label. */
static void counts_of(const gr_synth_preset *preset, int animal, int images, int out[3])
{
    if (preset->images > 0) { /* balanced; half of the painful ones severe */
        int painful = images / 2;
        out[2] = painful / 2;
        out[1] = painful - out[2];
        out[0] = images - painful;
        return;
    }
    const int *row = table2[(animal - 1) % 6];
    int64_t total = row[0] + row[1] + row[2], n = images > 0 ? images : total;
    out[0] = (int)((2 * n * row[0] + total) / (2 * total));
    out[2] = (int)((2 * n * row[2] + total) / (2 * total));
    if (out[0] + out[2] > n)
        out[2] = (int)n - out[0];
    out[1] = (int)n - out[0] - out[2];
}

/* Index drawn with the given odds. */
static int draw(gr_rng *rng, const float *odds, int count)
{
    float total = 0, r = gr_rng_float(rng);
    for (int i = 0; i < count; i++)
        total += odds[i];
    for (int i = 0; i < count; i++) {
        r -= odds[i] / total;
        if (r < 0)
            return i;
    }
    return count - 1;
}

/* Action units that make up a label: first their sum, then which of them carry it. */
void gr_synth_levels_draw(gr_rng *rng, const gr_synth_preset *preset, int score, int level[GR_SYNTH_AUS])
{
    int sum = score == 0   ? draw(rng, preset->no, 2)
              : score == 1 ? 2 + draw(rng, preset->moderate, 4)
                           : 6 + draw(rng, preset->severe, 3);
    for (int i = 0; i < GR_SYNTH_AUS; i++)
        level[i] = 0;
    while (sum > 0) {
        int i = (int)gr_rng_below(rng, GR_SYNTH_AUS);
        if (level[i] < 2) {
            level[i]++;
            sum--;
        }
    }
}

static void plan_image(const gr_synth_preset *preset, uint64_t seed, int score, gr_synth_row *row)
{
    /* Two streams: what is drawn for the label must not move what is drawn for the view. */
    gr_rng face = gr_rng_make(seed, GR_FOR_SYNTH, (uint32_t)row->animal, 2 * (uint64_t)row->index);
    gr_rng view = gr_rng_make(seed, GR_FOR_SYNTH, (uint32_t)row->animal, 2 * (uint64_t)row->index + 1);
    gr_synth_levels_draw(&face, preset, score, row->level);
    row->score = gr_synth_score(row->level);
    for (int i = 0; i < GR_SYNTH_AUS; i++) {
        float spread = preset->style.expression * (float)gr_rng_normal(&face);
        row->params.au[i] = gr_clamp((float)row->level[i] + gr_clamp(spread, -0.35f, 0.35f), 0, 2);
    }
    gr_synth_view_draw(&view, &preset->style, &row->params);
}

static void plan_animal(const gr_synth_preset *preset, uint64_t seed, int animal, const int counts[3], int64_t *labels,
                        bool cats, gr_synth_row *rows)
{
    int n = 0;
    for (int label = 0; label < 3; label++)
        for (int i = 0; i < counts[label]; i++)
            labels[n++] = label;
    /* Shuffled, so that sessions (runs of images) have no label of their own. */
    gr_rng rng = gr_rng_make(seed, GR_FOR_SYNTH, (uint32_t)animal, UINT64_C(9) << 40);
    gr_rng_shuffle(&rng, labels, (size_t)n);
    gr_synth_identity identity = gr_synth_identity_draw(seed, animal, &preset->style);
    for (int i = 0; i < n; i++) {
        gr_synth_row *row = &rows[i];
        row->animal = animal;
        row->index = i + 1;
        row->session = 1 + (int)((int64_t)i * preset->style.sessions / n);
        row->params.identity = identity;
        row->params.session = gr_synth_session_draw(seed, animal, row->session, &preset->style);
        plan_image(preset, seed, (int)labels[i], row);
        if (cats)
            gr_synth_make_cat(&row->params);
    }
}

static gr_status check(const gr_synth_options *o, const gr_synth_preset *preset, gr_error *err)
{
    if (o->size != 0 && (o->size < 32 || o->size > 512))
        return gr_fail(err, GR_INVALID, "--size: %d pixels, must be within 32 to 512", o->size);
    if (o->animals < 0 || o->animals > 1000)
        return gr_fail(err, GR_INVALID, "--animals: %d, must be within 1 to 1000", o->animals);
    if (o->images < 0 || o->images > 100000 || (o->images == 1 && preset->images > 0))
        return gr_fail(err, GR_INVALID, "--images: %d for each animal, must be within %d to 100000", o->images,
                       preset->images > 0 ? 2 : 1);
    if (!(o->yaw <= 75))
        return gr_fail(err, GR_INVALID, "--yaw: %g degrees, must be within 0 to 75", (double)o->yaw);
    return GR_OK;
}

gr_status gr_synth_plan_make(const gr_synth_options *options, gr_synth_plan *plan, gr_error *err)
{
    *plan = (gr_synth_plan){0};
    const gr_synth_preset *found = gr_synth_preset_find(options->preset, err);
    if (found == NULL)
        return GR_INVALID;
    gr_synth_preset preset = *found;
    gr_status status = check(options, &preset, err);
    if (status != GR_OK)
        return status;
    if (options->yaw >= 0)
        preset.style.yaw = options->yaw;
    int animals = options->animals > 0 ? options->animals : preset.animals;
    int images = options->images > 0 ? options->images : preset.images;
    int64_t total = 0;
    int most = 0;
    for (int animal = 1; animal <= animals; animal++) {
        int counts[3];
        counts_of(&preset, animal, images, counts);
        int n = counts[0] + counts[1] + counts[2];
        total += n;
        most = n > most ? n : most;
    }
    if (total > 1000000)
        return gr_fail(err, GR_INVALID, "--animals and --images: %lld images in all, at most 1000000", (long long)total);
    int64_t *labels = gr_alloc((size_t)most, sizeof(*labels));
    plan->rows = gr_alloc((size_t)total, sizeof(*plan->rows));
    plan->cats = options->cats;
    plan->size = options->size > 0 ? options->size : preset.size;
    if (labels == NULL || plan->rows == NULL) {
        gr_free(labels);
        gr_synth_plan_free(plan);
        return gr_fail(err, GR_NOMEM, "no memory to plan %lld synthetic images", (long long)total);
    }
    for (int animal = 1; animal <= animals; animal++) {
        int counts[3];
        counts_of(&preset, animal, images, counts);
        plan_animal(&preset, options->seed, animal, counts, labels, options->cats, plan->rows + plan->count);
        plan->count += counts[0] + counts[1] + counts[2];
    }
    gr_free(labels);
    return GR_OK;
}

void gr_synth_plan_free(gr_synth_plan *plan)
{
    gr_free(plan->rows);
    *plan = (gr_synth_plan){0};
}
