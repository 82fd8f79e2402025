#!/bin/bash
# Every config of the repository is one that grimace understands, and so is what `grimace config` prints of it; those of the
# papers say what the paper reports.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
for config in "$root"/configs/*.yaml "$root"/configs/*/*.yaml; do
    grep -q '^detectors:' "$config" && continue # a chain: test_detect.sh
    grep -q '^- {' "$config" && continue # a list of transforms, which others use
    name=${config#"$root/"}
    "$GRIMACE" config "$config" >resolved.yaml 2>err.txt
    status=$?
    check "$name $(cat err.txt)" [ $status -eq 0 ]
    case $name in
    configs/blackmice/cross_* | configs/felinegrimace/table4*) ;; # of a figure, whose numbers the text does not have
    configs/blackmice/detector.yaml | configs/blackmice/cage_cascade.yaml) ;; # of no paper
    configs/*/*) check "$name has the paper's numbers" grep -Eq '^(reported: |sweep: .*[ {]reported: )\{' resolved.yaml ;;
    esac
    check "$name, resolved" bash -c "'$GRIMACE' config resolved.yaml | cmp -s - resolved.yaml"
done
# ---- those of Keras's papers train, one epoch of few small images --------------------------------------------------------------
"$GRIMACE" data synth --preset mini --size 48 --animals 4 --images 6 --seed 3 --out data >/dev/null || no "data synth"
while read -r config keys; do
    # shellcheck disable=SC2086
    "$GRIMACE" train "$root/configs/$config.yaml" "data.manifest=$PWD/data/manifest.csv" data.group=animal model.pretrained=null \
        data.image.size=32 "data.train_transforms=[{resize: 32}]" "data.eval_transforms=[{resize: 32}]" train.epochs=1 \
        train.batch_size=4 $keys --out "run/$config" >out.txt 2>err.txt
    status=$?
    check "$config trains $(head -c 300 err.txt)" [ $status -eq 0 ]
    check "$config as Keras 2" grep -q '^semantics: keras2' "run/$config/config.yaml"
    check "$config has a loss" grep -Eq '"train_loss": [0-9.]+' "run/$config"/fold-*/metrics.jsonl
done <<'RUNS'
blackmice/own_all data.label=pain split.folds=2
blackmice/resnet50_all data.label=pain split.folds=2 evaluate.average_over=null
infantpain/icope data.label=pain split.folds=2
felinegrimace/landmarks data.landmark_distance=[1,2] data.landmark_units=null split.test=0.3
RUNS
exit $bad
