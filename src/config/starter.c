/* The config of a first run: sizes that a CPU trains in minutes, and a comment wherever something was guessed. */
#include "grimace/starter.h"

#include "formats/yaml.h"

enum { LEAST_SIDE = 64, MOST_SIDE = 128, STEP = 32, FEW = 1000 };

/* A multiple of 32 near the pictures' own size: ResNet's map is one 32nd of it, and batch norm needs more than one place
 * there. */
static int side_of(const gr_starter *s)
{
    int side = s->side / STEP * STEP;
    return side < LEAST_SIDE ? LEAST_SIDE : side > MOST_SIDE ? MOST_SIDE : side;
}

static void put_label(const gr_starter *s, gr_text *out)
{
    gr_text_printf(out, "  label: ");
    gr_yaml_put_string(out, s->label);
    gr_text_printf(out, s->scores ? " # the column of the scores\n" : " # the column of the classes\n");
    if (s->scores)
        return;
    gr_text_printf(out, "  classes: [");
    for (int k = 0; k < s->class_count; k++) {
        gr_text_printf(out, k > 0 ? ", " : "");
        gr_yaml_put_string(out, s->classes[k]);
    }
    gr_text_printf(out, "] # its values; the last one is looked for\n  positive: ");
    gr_yaml_put_string(out, s->classes[s->class_count - 1]);
    gr_text_printf(out, " # the class that F1, sensitivity and specificity are about\n");
}

static void put_group(const gr_starter *s, gr_text *out)
{
    if (s->group == NULL) {
        gr_text_printf(out, "  # group: COLUMN # the column of the animals, which must never train and test at once\n");
        return;
    }
    gr_text_printf(out, "  group: ");
    gr_yaml_put_string(out, s->group);
    gr_text_printf(out, " # the column that is never split: training and test have other values of it\n");
}

static void put_split(const gr_starter *s, gr_text *out)
{
    gr_text_printf(out, "split:\n  scheme: %s # ", s->scheme);
    for (const char *c = s->why; *c != '\0'; c++) /* a line's end would end the comment */
        gr_text_add(out, (unsigned char)*c < 0x20 ? " " : c, 1);
    gr_text_add(out, "\n", 1);
    if (s->folds > 0)
        gr_text_printf(out, "  folds: %d\n", s->folds);
}

void gr_starter_config(const gr_starter *s, gr_text *out)
{
    int side = side_of(s), wider = side + side / 8;
    bool few = s->images < FEW, graded = !s->scores && s->whole && s->class_count > 2;
    gr_text_printf(out, "# A first config, with what was found in the names and what was guessed. All keys and their "
                        "defaults: grimace config FILE\n"
                        "name: ");
    gr_yaml_put_string(out, s->name);
    gr_text_printf(out, "\n");
    if (s->scores)
        gr_text_printf(out,
                       "task: scores # the label is a number; classes would be right for few values without an order\n");
    if (graded)
        gr_text_printf(out, "# task: ordinal # for classes in order, such as 0, 1 and 2 of an action unit\n");
    gr_text_printf(out, "data:\n  manifest: ");
    gr_yaml_put_string(out, s->manifest);
    gr_text_printf(out, "\n");
    put_label(s, out);
    put_group(s, out);
    gr_text_printf(out,
                   "  image: {size: %d} # pixels of a side; larger sees more and takes longer\n"
                   "  train_transforms: [{resize: %d}, {random_crop: %d}, {hflip: 0.5}]\n"
                   "  eval_transforms: [{resize: %d}]\n",
                   side, wider, side, side);
    put_split(s, out);
    gr_text_printf(out,
                   "model:\n  backbone: resnet18\n  head: linear\n"
                   "  pretrained: null # a file of ImageNet's weights (.safetensors, .pth) makes much of few pictures\n"
                   "optimizer: {name: adam, lr: 3.0e-4}\n"
                   "train:\n  epochs: %d\n  batch_size: 16\n",
                   few ? 20 : 10);
}
