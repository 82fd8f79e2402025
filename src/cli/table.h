/* The table of commands: a new one is a file in this folder, which has gr_cmd_NAME and gr_help_NAME (of a group: gr_cmd_GROUP_NAME
 * and gr_help_GROUP_NAME), and a line here: its name and what it does. */
#ifndef GR_CLI_TABLE_H
#define GR_CLI_TABLE_H

/* clang-format off */
#define GR_COMMANDS(COMMAND, GROUP) \
    COMMAND(new, "a manifest and a config to begin with, from a folder of pictures") \
    COMMAND(train, "one training run: the split's first or only fold") \
    COMMAND(cv, "cross-validation: every fold, then pooled results") \
    COMMAND(sweep, "cross-validation of every setting of a sweep, ranked") \
    COMMAND(work, "one worker more on a cv or sweep under way, on any machine that sees its folder") \
    COMMAND(evaluate, "new labelled images: what a run says of them, in all numbers") \
    COMMAND(predict, "class probabilities of images from a run or a model file") \
    COMMAND(explain, "what of a picture moved the answer: heat maps") \
    COMMAND(detect, "boxes of faces in pictures, by a cascade, a chain or a network") \
    COMMAND(export, "a trained model for PyTorch (safetensors) or ONNX Runtime") \
    COMMAND(stats, "statistics of a run: intervals, curves, tests against chance") \
    COMMAND(figure, "one figure of a run as SVG, PDF or PNG, for a page or a paper") \
    COMMAND(report, "one page of everything: numbers, figures, examples, methods") \
    COMMAND(compare, "are two runs on the same images different?") \
    GROUP(data, "check, split, count, import and make data sets") \
    COMMAND(config, "the resolved config with every default, as YAML") \
    COMMAND(init, "the initial weights, before any step") \
    COMMAND(info, "version, instruction set, threads, libraries")

#define GR_DATA_COMMANDS(COMMAND) \
    COMMAND(data, check, "what is wrong with a data set, before training") \
    COMMAND(data, split, "the folds alone, as a table") \
    COMMAND(data, stats, "images by class and group") \
    COMMAND(data, import, "makes the manifest of a data set from its folders, or from other tools' annotations") \
    COMMAND(data, label, "labels of images from several raters' scores") \
    COMMAND(data, frames, "pictures out of videos at a regular rate, and their manifest") \
    COMMAND(data, crop, "cuts the boxes of a manifest out of their pictures, with a sheet to look them over") \
    COMMAND(data, align, "faces turned upright, cut and brought to one size by their landmarks") \
    COMMAND(data, augment, "pictures changed at random, as a data set of their own") \
    COMMAND(data, describe, "descriptors of faces from their landmarks: angles, ratios of distances and areas") \
    COMMAND(data, synth, "renders a synthetic data set of rodent faces")
/* clang-format on */

#endif
