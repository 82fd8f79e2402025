#!/bin/bash
# The head landmarks from a manifest to predictions: training lowers the error, every file, resuming, predicting, refusals.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --size 48 --animals 4 --images 12 --seed 3 --out data >/dev/null || { no "data synth"; exit 1; }
cat >config.yaml <<'YAML'
name: points
seed: 11
threads: 1
data:
  manifest: data/manifest.csv
  group: animal
  image: {size: 32}
  train_transforms: [{resize: 36}, {random_crop: 32}, {hflip: 0.5}, {rotate: 10}]
  landmark_flip: [[1, 4], [2, 5], [3, 6], [7, 10], [8, 11], [9, 12], [15, 16], [17, 18]]
  landmark_distance: [2, 5]
split: {scheme: group_kfold, folds: 2, validation: 0.4}
model: {backbone: blackmice_cnn, head: landmarks, mlp: {pool: flatten, hidden: [64], dropout: 0}}
loss: {name: wing}
optimizer: {lr: 1.0e-3}
train: {epochs: 14, batch_size: 6, keep: best, keep_metric: val_nrmse}
YAML
number() { sed -nE "$2s/.*\"$1\": ([^,}]+).*/\1/p" "$3"; }
less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 > 0 && a < b) }'; }

says "data check reads the landmarks" 0 "48 images, 4 groups \(animal\), 18 landmarks" data check config.yaml
says "a run for landmarks" 0 "NRMSE in % of the distance between landmarks 2 and 5" cv config.yaml --out run
lines=run/fold-1/metrics.jsonl
check "no numbers of classes in metrics.jsonl" bash -c "! grep -qE 'accuracy|_ce|prsc' $lines"
check "val_nrmse falls to less than half" less "$(sort -t: -k6 -g $lines | sed -nE 's/.*"val_nrmse": ([^,]+).*/\1/p' | sort -g | head -n 1)" \
    "$(awk -v x="$(number val_nrmse 1 $lines)" 'BEGIN { print x / 2 }')"
check "predictions.csv has coordinates" bash -c "head -n 1 run/predictions.csv | grep -q '^image,animal,fold,nrmse,lm1_x,lm1_y,.*,lm18_x,lm18_y$'"
check "one row for each image" [ "$(wc -l <run/predictions.csv)" -eq 49 ]
check "splits.csv has no labels" [ "$(head -n 1 run/splits.csv)" = image,animal,fold,part ]
check "results.json names its normalisation" grep -q '"normalised_by": "the distance between landmarks 2 and 5"' run/results.json
check "and every landmark" [ "$(grep -c '"landmark": 18,' run/results.json)" -eq 3 ]
# The pooled number is the mean over images of the one beside each prediction, since every landmark is known in most.
mean=$(awk -F, 'NR > 1 { s += $4; n++ } END { print s / n }' run/predictions.csv)
pooled=$(awk -F, '$1 == "pooled" { print $4 }' run/results.csv)
check "pooled NRMSE $pooled is the mean $mean of the images'" awk -v a="$mean" -v b="$pooled" 'BEGIN { exit !((a - b)^2 < 1e-4) }'

check "predict" "$GRIMACE" predict run/fold-1/model.safetensors --manifest data/manifest.csv --out one.csv
join -t, <(awk -F, '$3 == 1' run/predictions.csv | cut -d, -f1,5- | sort) <(sort one.csv) |
    awk -F, '{ for (i = 2; i <= 37; i++) if ($i != $(i + 36)) bad = 1 } END { exit bad || NR < 20 }'
check "predicts what the run predicted" [ $? -eq 0 ]
says "predict averages the folds" 0 "^image,lm1_x,lm1_y," predict run data/images/rat1_s1_1.png
echo none >none.png
says "predict goes on past a broken picture" 1 "none.png: .*; 1 of 2 images could not be read" predict run none.png data/images/rat1_s1_1.png
check "its row has no places" grep -qE '^none.png,{37}.*PNG' out.txt
# One image alone is computed in another order of sums than two.
"$GRIMACE" predict run data/images/rat1_s1_1.png | tail -n 1 >alone.txt
check "the other has all" awk -F, 'NR == FNR { split($0, alone); next } END { for (i = 2; i <= 37; i++) if (!(($i - alone[i])^2 < 1e-9)) exit 1 }' \
    alone.txt <(tail -n 1 out.txt)
says "export" 0 "to coordinates, the mean of 2 models" export run --format onnx --out run.onnx
says "info --plan" 0 "one step:" info --plan config.yaml
says "info --model" 0 "landmarks +dense +\[1, *74\]" info --model shufflenet_v2 --width 0.75 --head landmarks
says "stats are of classes" 2 "predictions.csv:1: holds landmarks" stats run
says "init" 0 "tensors" init config.yaml --out initial.safetensors
says "train with the box's side as length, stopping early" 0 "of the square root of the area of the box or image" train config.yaml \
    data.landmark_distance=[] split.folds=3 train.epochs=30 train.early_stopping.metric=val_nrmse \
    train.early_stopping.min_delta=100 train.early_stopping.patience=2 --out early
check "it stopped behind epoch 3" [ "$(wc -l <early/fold-0/metrics.jsonl)" -eq 3 ]
# By action unit: the mean over the unit's landmarks, all of which are known here.
printf 'landmarks: 18\nunits: {eyes: [1, 2, 3, 4, 5, 6], nose: [13]}\ndescriptors: [{name: a, angle: [1, 2, 3]}]\n' >units.yaml
says "errors by action unit" 0 "^NRMSE by action unit: eyes +[0-9.]+, nose +[0-9.]+$" cv config.yaml data.landmark_units=units.yaml train.epochs=1 --out units
check "are means over its landmarks" awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $1 == "mean" { exit } { n++
    for (k = 1; k <= 6; k++) sum += $at["nrmse_of_lm" k] / 6
    d = sum - $at["nrmse_of_eyes"]; e = $at["nrmse_of_nose"] - $at["nrmse_of_lm13"]; sum = 0
    if (d > 1e-5 || d < -1e-5 || e != 0) exit bad = 1 } END { exit bad || n != 3 }' units/results.csv
check "in results.json" grep -q '"per_unit": ' units/results.json
says "some landmarks, some units" 0 "^NRMSE by action unit: nose +[0-9.]+$" \
    cv config.yaml data.landmark_units=units.yaml 'data.landmarks=[13,16]' data.landmark_flip=[] data.landmark_distance=[] \
    'data.train_transforms=[{resize: 32}]' train.epochs=1 --out some
says "as a figure" 0 "of 2 action units" figure units landmark_units --out units.svg --table units.csv
check "with its numbers" grep -Eq '^eyes,6,[0-9.]+,[0-9.]+$' units.csv
says "of a run without them" 2 "data.landmark_units" figure run landmark_units --out none.svg
says "landmarks that the manifest lacks" 2 "data.landmark_units: needs landmark 19 for muzzle_tension|data.landmark_units: needs landmark 19 for orbital" \
    cv config.yaml data.landmark_units=fgs35 --out none
says "no such set" 2 'data.landmark_units: there is no set of descriptors' cv config.yaml data.landmark_units=fgs --out none

says "a split without classes is a k-fold" 0 "Pooled" cv config.yaml data.group=null split.scheme=null train.epochs=1 --out plain
says "threads do not matter" 0 "Pooled" cv config.yaml threads=2 --jobs 2 --out jobs
check "the same bytes" same_runs run jobs
RANDOM=5
survives_kills "cv" 20 15 60 cv config.yaml --out killed --resume
check "killed and resumed, it has the same bytes" same_runs run killed

says "a sweep ranks by NRMSE, the smallest first" 0 "ranked by pooled nrmse" sweep config.yaml train.epochs=4 \
    'sweep=[{key: optimizer.lr, values: [1.0e-7, 1.0e-3]}]' --out sweep
check "the faster learner first" grep -q '^1,002,' sweep/sweep.csv
says "rank_by" 2 'rank_by is "accuracy"; a number of results.json such as nrmse or pixels' sweep config.yaml \
    'sweep={rank_by: accuracy, axes: [{key: seed, values: [1, 2]}]}' --out none
says "a paper's NRMSE beside the run's" 0 "pooled +nrmse +0.1676 +[0-9.]+" train config.yaml train.epochs=1 \
    'reported={source: Results, nrmse: 0.1676}' --out reported
check "and in results.json" grep -q '"nrmse": 0.1676' reported/results.json

mkdir -p cats/a
cp data/images/rat1_s1_1.png cats/a/1.jpg
cp data/images/rat1_s1_2.png "cats/a/2, x.jpg"
echo "2 10 20 -1 5 " >cats/a/1.jpg.cat
printf '2 1 2\n3 4\n' >"cats/a/2, x.jpg.cat"
check "import_points.sh" bash -c "'$root/datasets/felinegrimace/import_points.sh' cats >cats/manifest.csv"
check "prints a manifest" diff cats/manifest.csv - <<'CSV'
image,lm1_x,lm1_y,lm2_x,lm2_y
a/1.jpg,10,20,,
"a/2, x.jpg",1,2,3,4
CSV
says "which data check takes" 0 "2 images, 2 landmarks" data check cats/manifest.csv
echo "3 1 2 3 4" >cats/a/1.jpg.cat
check "another number of points is refused" bash -c "! '$root/datasets/felinegrimace/import_points.sh' cats >/dev/null 2>&1"

says "a landmark beyond its image" 2 "beyond.csv:4: lm1_x: the landmark at 49, .* lies beyond images/.* of 48 x 48 pixels" \
    cv config.yaml data.manifest="$(awk -F, -v OFS=, 'NR == 4 { $14 = 49; $15 = 1 } { print }' data/manifest.csv >data/beyond.csv && echo data/beyond.csv)" --out none
says "data check says so too" 2 "beyond.csv:4: lm1_x: the landmark at 49, 1 lies beyond the image" data check data/beyond.csv
says "half a landmark" 2 "half.csv:3: lm1_y: the landmark is half there" \
    cv config.yaml data.manifest="$(awk -F, -v OFS=, 'NR == 3 { $15 = "" } { print }' data/manifest.csv >data/half.csv && echo data/half.csv)" --out none
says "no landmarks in the table" 2 "config.yaml:[0-9]+: model.head: there is no column lm1_x in .*none.csv" \
    cv config.yaml data.manifest="$(cut -d, -f1-13 data/manifest.csv >data/none.csv && echo data/none.csv)" --out none
says "flip pairs beyond the landmarks" 2 "data.landmark_flip: names landmark 19, but the manifest has 18" \
    cv config.yaml data.landmark_flip=[[1,19]] --out none
says "a length between landmarks that are not there" 2 "data.landmark_distance: names landmark 33, but the manifest has 18" \
    cv config.yaml data.landmark_distance=[33,34] --out none
says "balancing" 2 "data.balance: is oversample, but landmarks have no classes" cv config.yaml data.balance=oversample --out none
says "resampling" 2 "evaluate.permutation.count: is of classes, and the head is landmarks" \
    cv config.yaml evaluate.permutation.count=10 --out none
says "accuracy" 2 "train.keep_metric: is val_accuracy, which the head landmarks does not have; val_nrmse would be right" \
    cv config.yaml train.keep_metric=val_accuracy --out none
says "a mirroring evaluation" 2 "data.eval_transforms: mirrors images" \
    cv config.yaml 'data.eval_transforms=[{resize: 32}, {hflip: 0.5}]' --out none
check "nothing is written" [ ! -e none ]
exit $bad
