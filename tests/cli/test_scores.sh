#!/bin/bash
# The task scores from the manifest to the comparison of runs, in one column.
. "$(dirname "$0")/common.sh"
make_parity_data || { no "data synth"; exit 1; }
sgd="optimizer.name=sgd optimizer.lr=0.05 optimizer.momentum=0.9"
RANDOM=4711

# ---- whole runs by PyTorch ---------------------------------------------------------------------------------------------------
follows mse
# shellcheck disable=SC2086
follows mae loss.name=mae $sgd
# shellcheck disable=SC2086
follows huber loss.name=huber loss.huber.delta=0.5 $sgd

# ---- a run -------------------------------------------------------------------------------------------------------------------
says "a cross-validation" 0 "^Pooled +24 +[0-9.]+ +[0-9.]+" cv run.yaml --out run
check "predictions" [ "$(head -n 1 run/predictions.csv)" = image,animal,fold,label,predicted ]
check "each image once" [ "$(cut -d, -f1 run/predictions.csv | sort -u | wc -l)" -eq 25 ]
for word in '"task": "scores"' '"icc"' '"limits"' '"averaged": null' '"bootstrap": null'; do
    check "results.json has $word" grep -qF "$word" run/results.json
done
for word in pearson spearman icc regression bland_altman interval; do
    check "statistics.json has $word" grep -qF "\"$word\"" run/statistics.json
done
check "MAE is that of predictions.csv" awk -F, 'FNR == NR { if (FNR > 1) { d = $5 - $4; s += d < 0 ? -d : d; n++ } next }
    $1 == "pooled" { e = s / n - $4; exit !(e < 1e-5 && e > -1e-5) }' run/predictions.csv run/summary.csv
says "two threads" 0 "" cv run.yaml threads=2 --out two
check "the same bytes" same_runs run two
says "two processes" 0 "" cv run.yaml --jobs 2 --out two2
check "the same bytes" same_runs run two2
survives_kills "scores" 20 5 40 cv run.yaml --out killed --resume
check "with the same bytes" same_runs run killed
says "a finished run is finished" 0 "run" cv run.yaml --out run --resume
says "PainSeeker's head" 0 "Pooled" cv run.yaml model.head=painseeker train.epochs=1 --out seeker
says "the mlp head" 0 "Pooled" cv run.yaml model.head=mlp 'model.mlp.hidden=[8]' train.epochs=1 --out mlp
says "kept by its MAE" 0 "Pooled" cv run.yaml train.keep=best train.keep_metric=val_mae split.validation=0.5 --out kept
check "which epoch" grep -q '"metric": "val_mae"' kept/results.json

# ---- the scale ---------------------------------------------------------------------------------------------------------------
says "a narrow scale" 0 "" cv run.yaml 'data.range=[0, 2]' train.epochs=1 --out ranged
image=data/images/rat1_s1_1.png
"$GRIMACE" predict run --manifest data/manifest.csv >all.csv
check "predictions lie in it" awk -F, 'FNR > 1 && !($2 >= 0 && $2 <= 2) { exit 1 }' all.csv
"$GRIMACE" predict run/fold-rat1/model.safetensors $image | tail -n 1 | cut -d, -f2 >got.txt
check "one model predicts what the run has" bash -c "paste -d' ' got.txt <(grep '^images/rat1_s1_1.png' run/predictions.csv |
    cut -d, -f5) | awk '{ d = \$1 - \$2; exit !(d < 1e-6 && d > -1e-6) }'"
says "exported" 0 "to scores, the mean of 3 models" export run --format onnx --out m.onnx
check "with its words" grep -aq "a score for each of the labels" m.onnx
"$GRIMACE" init run.yaml --out w.safetensors >/dev/null
says "initial weights predict" 0 "^image,predicted" predict w.safetensors $image

# ---- statistics and comparison -----------------------------------------------------------------------------------------------
says "statistics" 0 "^Pearson's r +-?[0-9.]+ +-?[0-9.]+ \.\. " stats run evaluate.bootstrap.count=50 evaluate.permutation.count=50
check "which are the file's, too" grep -q '"permutation": {' run/statistics.json
says "by a column" 0 "^s2 +12 " stats run --by session evaluate.bootstrap.by=group evaluate.bootstrap.count=20
says "of a table alone" 0 "24 predictions, 3 folds; the score label" stats run/predictions.csv evaluate.bootstrap.count=20 --out alone
"$GRIMACE" cv run.yaml seed=5 --out other >/dev/null
says "a comparison" 0 "^(Both predict|The (first|second) predicts)" compare run other --out compared.json
for word in absolute_error wilcoxon bias_difference williams; do
    check "with $word" grep -q "\"$word\"" compared.json
done
says "a bootstrap in the run" 0 "" cv run.yaml evaluate.bootstrap.count=20 evaluate.permutation.count=20 train.epochs=1 --out drawn
check "is in its results" grep -q '"by": "image"' drawn/results.json
says "averaged over sessions" 0 "averaged over session" cv run.yaml evaluate.average_over=session train.epochs=1 --out averaged
check "six of them" [ "$(wc -l <averaged/predictions_averaged.csv)" -eq 7 ]
check "whose truth is the mean of labels that differ" awk -F, '
    FNR == NR { if (FNR > 1) { k = $2 " " substr($1, index($1, "_") + 1, 2); s[k] += $4; p[k] += $5; n[k]++ } next }
    FNR > 1 { a = s[$1] / n[$1] - $4; b = p[$1] / n[$1] - $5; if (a * a + b * b > 1e-12) exit 1 }' \
    averaged/predictions.csv averaged/predictions_averaged.csv
says "their statistics" 0 "6 predictions" stats averaged/predictions_averaged.csv evaluate.bootstrap.count=5
printf 'sweep:\n  - {key: loss.name, values: [mse, mae]}\n' | cat run.yaml - >sweep.yaml
says "a sweep ranks by MAE" 0 "MAE" sweep sweep.yaml train.epochs=1 --out swept

# ---- rows without a score ----------------------------------------------------------------------------------------------------
awk -F, 'BEGIN { OFS = "," } NR % 6 == 3 { $5 = "" } { print }' data/manifest.csv >data/holes.csv
says "told once" 0 "^4 rows of the manifest without a label are left out" cv run.yaml data.manifest=data/holes.csv train.epochs=1 --out holes
check "and once only" [ "$(grep -c 'without a label' out.txt)" -eq 1 ]
check "they are nowhere" [ "$(wc -l <holes/predictions.csv)" -eq 21 ]
says "data check says it" 0 "warning: .*4 rows have no label" data check run.yaml data.manifest=data/holes.csv
says "data stats has the score" 0 "^score +20 +0 +" data stats run.yaml data.manifest=data/holes.csv
says "data split counts them" 0 "^rat1 +test +1 +6 +6" data split run.yaml data.manifest=data/holes.csv
awk -F, 'BEGIN { OFS = "," } NR > 1 { $5 = 2 } { print }' data/manifest.csv >data/flat.csv
says "a constant score" 0 "warning: .*score: all labels are 2" data check run.yaml data.manifest=data/flat.csv

# ---- bad input ---------------------------------------------------------------------------------------------------------------
broken() { awk -F, -v cell="$1" 'BEGIN { OFS = "," } NR == 7 { $5 = cell } { print }' data/manifest.csv >data/broken.csv; }
broken mild
says "no number" 2 "broken.csv:7: score: 'mild' is no number; a score such as 2.5" cv run.yaml data.manifest=data/broken.csv --out none
broken nan
says "NaN" 2 "broken.csv:7: score: 'nan' is no number" cv run.yaml data.manifest=data/broken.csv --out none
broken 1e10
says "what no score is" 2 "broken.csv:7: score: 1e10 is larger than a score can be" cv run.yaml data.manifest=data/broken.csv --out none
broken 11
says "beyond the scale" 2 "broken.csv:7: score: 11 lies outside data.range, a number from 0 to 10" \
    cv run.yaml data.manifest=data/broken.csv 'data.range=[0, 10]' --out none
says "no such column" 2 "data.label: there is no column scor in .*did you mean score" cv run.yaml data.label=scor --out none
says "a scale upside down" 2 "data.range: does not rise" cv run.yaml 'data.range=[2, 0]' --out none
says "another task's loss" 2 "loss.name: is wing, but the task is scores; mse, mae or huber would be right" cv run.yaml loss.name=wing --out none
says "another task's head" 2 "model.head: is landmarks, but the task is scores" cv run.yaml model.head=landmarks --out none
says "another task's number" 2 "early_stopping.metric: is val_auroc, which the task scores does not have; val_mae" \
    cv run.yaml train.early_stopping.metric=val_auroc split.validation=0.5 --out none
says "classes" 2 "data.classes: lists classes, and the task is scores" cv run.yaml 'data.classes=["0", "1"]' --out none
says "balance" 2 "data.balance: is oversample, but scores have no classes" cv run.yaml data.balance=oversample --out none
says "a support vector machine" 2 "task: is scores, which model.classic lbp_svm cannot learn" cv run.yaml model.classic=lbp_svm --out none
says "cross studies" 2 "experiment.cross: needs a network of classes, the task is scores" cv run.yaml experiment.cross=session --out none
sed 's/,0\.[0-9]*$/,low/' run/predictions.csv >words.csv
says "a table of words" 2 "words.csv:" stats words.csv
check "nothing is left" [ ! -e none ]
exit $bad
