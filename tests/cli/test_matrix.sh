#!/bin/bash
# Every task and learner through every command, from training to the page of an evaluation: each works, or refuses in the one line
# that stands here.
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --size 64 --animals 4 --images 6 --seed 3 --out data >/dev/null || exit 1
"$GRIMACE" data synth --preset mini --size 64 --animals 3 --images 6 --seed 9 --out fresh >/dev/null || exit 1
# New names and animals; a box around the face's middle, and two sites.
mkdir new && for f in fresh/images/*.png; do cp "$f" "new/n_$(basename "$f")"; done
sed -e '2,$s#^images/#n_#' -e '2,$s/,rat/,new/' fresh/manifest.csv >new/manifest.csv
for table in data new; do
    awk -F, -v OFS=, 'NR == 1 { print $0, "box_x", "box_y", "box_w", "box_h", "site" }
        NR > 1 { print $0, 20 + NR % 5, 22 - NR % 3, 16, 16, NR % 2 ? "a" : "b" }' $table/manifest.csv >$table/table.csv
    cut -d, -f1-8,66- $table/table.csv >$table/boxes.csv
done
cat >base.yaml <<'YAML'
name: base
seed: 11
threads: 1
data: {manifest: data/manifest.csv, label: pain, group: animal, image: {size: 16}}
split: {scheme: group_kfold, folds: 2}
model: {backbone: blackmice_cnn}
train: {epochs: 1, batch_size: 8}
YAML
numbers='data.features={"columns": [yaw, pitch, roll]}'

# refuses WHAT: the pattern of the line with which this command refuses this kind; nothing: it works.
refuses() {
    local what=$1 pair
    for pair in "${refused[@]}"; do [ "${pair%%=*}" = "$what" ] && echo "${pair#*=}"; done
}

# tries WHAT WORDS...
tries() {
    local what=$1 pattern
    shift
    pattern=$(refuses "$what")
    if [ -n "$pattern" ]; then says "$kind: $what refuses" 2 "$pattern" "$@"; else says "$kind: $what" 0 "" "$@"; fi
}

# walk KIND TABLE OVERRIDES... -- REFUSED...: a run of OVERRIDES on data/TABLE, then all that can be asked of it and of its evaluation of
# new/TABLE.
walk() {
    local kind=$1 table=$2 verb=cv run overrides=()
    shift 2
    while [ "$1" != -- ]; do overrides+=("$1"); shift; done
    shift
    refused=("$@")
    run=run-$kind
    [ "$kind" = sweep ] && verb=sweep
    "$GRIMACE" $verb base.yaml data.manifest=data/$table.csv "${overrides[@]}" --out "$run" >/dev/null 2>err.txt ||
        no "$kind: $verb: $(cat err.txt)"
    [ "$kind" = sweep ] && run=$run/setting-001
    tries train train base.yaml data.manifest=data/$table.csv "${overrides[@]}" --out "train-$kind"
    tries predict predict "$run" --manifest new/$table.csv --out "$kind.csv"
    tries evaluate evaluate "$run" --manifest new/$table.csv --out "new-$kind"
    tries stats stats "$run" --by session evaluate.bootstrap.count=20 evaluate.permutation.count=20
    tries compare compare "$run" "$run" --count 20
    tries report report "$run"
    tries figure figure "$run" learning --out "$kind.svg"
    tries explain explain "$run" new/n_rat1_s1_1.png --method gradcam --out "maps-$kind"
    tries export export "$run" --format onnx --out "$kind.onnx"
    tries "stats of it" stats "new-$kind/predictions.csv" --by session evaluate.bootstrap.count=20 evaluate.permutation.count=20
    tries "compare of it" compare "new-$kind/predictions.csv" "new-$kind/predictions.csv" --count 20
    tries "report of it" report "new-$kind"
    local model
    model=$(find "$run" -name model.safetensors -o -name model.json | LC_ALL=C sort | head -n 1)
    tries "evaluate of one model" evaluate "$model" --manifest new/$table.csv --out "one-$kind"
    check "$kind: all rows are in the table" [ "$(wc -l <"new-$kind/predictions.csv")" -eq 19 ]
    check "$kind: and in results.json" grep -rq --include=results.json '"judged": 18' "new-$kind"
}

no_epochs="figure=cannot show learning"
walk binary table --
walk three table data.label=label --
walk several table 'data.labels=[au_ear, au_orbital]' 'data.classes=["0", "1", "2"]' --
walk ordinal table task=ordinal data.label=score --
walk scores table task=scores data.label=score --
walk several-scores table task=scores 'data.labels=[au_ear, au_orbital]' --
walk landmarks manifest model.head=landmarks 'data.landmark_distance=[2, 5]' -- "stats=holds landmarks" "compare=holds landmarks" \
    "stats of it=holds landmarks" "compare of it=holds landmarks"
boxes=("stats=holds boxes" "compare=holds boxes" "stats of it=holds boxes" "compare of it=holds boxes" "explain=finds boxes")
windows=("${boxes[@]}" "$no_epochs")
walk boxes boxes model.head=boxes data.image.size=32 model.boxes.stride=8 -- "${boxes[@]}"
walk cascade boxes task=boxes model.classic=cascade model.cascade.width=12 model.cascade.height=12 model.cascade.stages=2 \
    model.cascade.negatives=40 model.cascade.copies=4 model.cascade.trees=4 -- "${windows[@]}" "export=--format opencv"
walk hog_svm boxes task=boxes model.classic=hog_svm model.hog.width=16 model.hog.height=16 model.hog.negatives=40 \
    model.hog.copies=4 model.hog.overlap=0.4 -- "${windows[@]}" "export=is no network but histograms of gradients"
walk lbp_svm table model.classic=lbp_svm model.lbp.grid=2 -- "$no_epochs" "explain=gradcam needs a network" "export=--format libsvm"
walk repeats table train.repeats=2 --
walk sweep table 'sweep=[{"key": optimizer.lr, "values": [0.001, 0.01]}]' --
walk labels table 'experiment.labels=[au_ear, au_orbital]' 'experiment.classes=["0", "1", "2"]' -- "$no_epochs" \
    "explain=holds several trainings"
for label in au_ear au_orbital; do check "labels: export writes a file for $label" [ -s "labels-$label.onnx" ]; done
walk cross table experiment.cross=site split.scheme=holdout -- "$no_epochs"
if "$GRIMACE" train base.yaml model.classic=boosted "$numbers" model.boosted.trees=2 --out trees 2>&1 >/dev/null |
    grep -q "need XGBoost's library"; then
    echo "skipped: libxgboost is not installed"
else
    trees=("$no_epochs" "explain=which read no picture" "export=already XGBoost's own")
    for task in classes ordinal scores; do
        label=score
        [ $task = classes ] && label=pain
        walk boosted-$task table model.classic=boosted task=$task data.label=$label "$numbers" model.boosted.trees=3 -- "${trees[@]}"
    done
fi
says "a whole sweep is not asked" 2 "holds several trainings; one of them, such as run-sweep/setting-001" predict run-sweep --manifest new/table.csv
says "nor judged" 2 "holds several trainings" evaluate run-sweep --manifest new/table.csv --out none
says "but reported" 0 "Written" report run-sweep
exit $bad
