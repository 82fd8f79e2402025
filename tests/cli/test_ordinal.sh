#!/bin/bash
# The task ordinal: classes in order wherever a class is chosen, and the numbers that know of the order.
. "$(dirname "$0")/common.sh"
make_parity_data || { no "data synth"; exit 1; }
RANDOM=4711

# ---- whole runs by PyTorch, a fit by statsmodels -----------------------------------------------------------------------------
follows ordinal task=ordinal
follows ordinal_sgd task=ordinal optimizer.name=sgd optimizer.lr=0.05 optimizer.momentum=0.9
"$GRIMACE" data synth --preset mini --size 32 --animals 6 --images 16 --seed 5 --out fit >/dev/null
"$GRIMACE" train run.yaml task=ordinal data.manifest=fit/manifest.csv model.head=mlp 'model.mlp.hidden=[2]' model.mlp.dropout=0 \
    'model.freeze=[backbone, mlp]' 'data.image.std=[0.05, 0.05, 0.05]' seed=17 train.epochs=1000 train.batch_size=80 \
    optimizer.lr=1.5 schedule.name=cosine --out fitted >/dev/null 2>err.txt || no "the fit: $(cat err.txt)"
check "a fit on two features reaches OrderedModel's probabilities" awk '
    FNR == NR { for (c = 2; c <= 4; c++) want[$1, c] = $c; next }
    FNR > 1 { split($0, cell, ","); for (c = 2; c <= 4; c++) { d = cell[c + 4] - want[cell[1], c]; n++
        if (!(d < 1e-6 && d > -1e-6)) bad = 1 } } END { exit bad || n != 48 }' "$parity_runs/fit.txt" fitted/predictions.csv

# ---- a run -------------------------------------------------------------------------------------------------------------------
sed -i 's/^task:.*/task: ordinal/' run.yaml
says "a cross-validation" 0 "pooled, in classes: MAE [0-9.]+, quadratic kappa" cv run.yaml --out run
mkdir judged && cp run/predictions.csv run/results.json judged/
says "a table beside what an evaluation wrote" 0 "^MAE, in classes" stats judged/predictions.csv
says "has figures, its folder has none" 2 "judged: holds no run: .* its table alone, judged/predictions.csv, would be right" figure judged --all
check "the median class is predicted" awk -F, 'FNR > 1 {
    median = $6 >= 0.5 - 1e-7 ? 0 : $6 + $7 >= 0.5 - 1e-7 ? 1 : 2; if ($5 != median) exit 1 }' run/predictions.csv
check "which is not the most probable one everywhere" awk -F, 'FNR > 1 {
    most = $6 >= $7 && $6 >= $8 ? 0 : $7 >= $8 ? 1 : 2; n += $5 != most } END { exit n == 0 }' run/predictions.csv
for key in '"task": "ordinal"' '"mae"' '"kappa_quadratic"'; do
    check "results.json has $key" grep -qF "$key" run/results.json
    check "statistics.json has $key" grep -qF "$key" run/statistics.json
done
says "two threads" 0 "" cv run.yaml threads=2 --out two
check "the same bytes" same_runs run two
says "two processes" 0 "" cv run.yaml --jobs 2 --out two2
check "the same bytes" same_runs run two2
survives_kills "ordinal" 20 5 40 cv run.yaml --out killed --resume
check "with the same bytes" same_runs run killed
says "statistics" 0 "^kappa, quadratic +-?[0-9.]+ " stats run evaluate.bootstrap.count=20 evaluate.permutation.count=20 --by session
check "by a column too" bash -c "[ \"\$(grep -c '\"kappa_quadratic\"' run/statistics.json)\" -ge 9 ]"
"$GRIMACE" cv run.yaml task=classes --out classes >/dev/null
says "against classes" 0 "^kappa, qu\. +" compare run classes --out compared.json
check "in the file, too" grep -q '"kappa_quadratic"' compared.json
says "kept by its kappa" 0 "Pooled" cv run.yaml train.keep=best train.keep_metric=val_kappa_quadratic split.validation=0.5 --out kept
"$GRIMACE" predict run --manifest data/manifest.csv >all.csv
check "predict takes the median" awk -F, 'FNR > 1 {
    median = $3 >= 0.5 - 1e-7 ? 0 : $3 + $4 >= 0.5 - 1e-7 ? 1 : 2; if ($2 != median) exit 1 }' all.csv
says "exported" 0 "to probabilities" export run --format onnx --out m.onnx
check "with its words" grep -aq "the predicted class is the median" m.onnx

# ---- averages, cross studies, label studies ----------------------------------------------------------------------------------
awk -F, 'BEGIN { OFS = "," } { print $0, NR == 1 ? "part" : $5 }' data/manifest.csv >data/parts.csv
says "averages" 0 "averaged over part" cv run.yaml data.manifest=data/parts.csv evaluate.average_over=part --out averaged
check "take the median" awk -F, 'FNR > 1 { median = $6 >= 0.5 - 1e-7 ? 0 : $6 + $7 >= 0.5 - 1e-7 ? 1 : 2; if ($5 != median) exit 1 }' \
    averaged/predictions_averaged.csv
check "and have their numbers" grep -q ',mae,kappa_quadratic$' averaged/results_averaged.csv
says "a cross study" 0 "quadratic kappa, mean \(sd\) over folds" cv run.yaml experiment.cross=session --out cross
check "with two numbers more" grep -q ',kappa_quadratic,kappa_quadratic_mean,kappa_quadratic_std$' cross/matrix.csv
check "the median in its tests" awk -F, 'FNR > 1 {
    median = $6 >= 0.5 - 1e-7 ? 0 : $6 + $7 >= 0.5 - 1e-7 ? 1 : 2; if ($5 != median) exit 1 }' cross/test-s2/train-s1/fold-rat1.csv
says "classes whose order is not known" 2 "data.classes: is not set, and the classes of label are no numbers" \
    cv run.yaml data.label=label experiment.cross=session --out none
says "a network for each unit" 0 "kappa qu\." cv run.yaml data.label=pain 'experiment.labels=[au_ear, au_orbital]' --out units
check "totals of classes" awk -F, 'FNR > 1 && $6 + $8 != $10 { exit 1 }' units/totals.csv
check "and their two numbers" grep -q ',kappa_quadratic_std$' units/labels.csv

# ---- what is in order --------------------------------------------------------------------------------------------------------
says "named classes" 0 "class severe" cv run.yaml data.label=label 'data.classes=[no, moderate, severe]' train.epochs=1 --out named
says "rows without a label" 0 "^5 rows of the manifest without a label" cv run.yaml data.label=au_ear data.manifest=data/gaps.csv \
    train.epochs=1 --out gaps
says "data split" 0 "rat1 +test" data split run.yaml data.label=au_ear data.manifest=data/gaps.csv
says "not in order" 2 "data.classes: is not in order: \"1\" stands behind \"2\", and the task is ordinal" \
    cv run.yaml 'data.classes=["0", "2", "1"]' --out none
says "no numbers" 2 "data.classes: is not set, and the classes of label are no numbers.*the lowest first" cv run.yaml data.label=label \
    --out none
awk -F, 'BEGIN { OFS = "," } NR == 5 { $5 = "1.0" } { print }' data/manifest.csv >data/twice.csv
says "one number written twice" 2 "twice.csv:1: score: the classes \"1(\.0)?\" and \"1(\.0)?\" are the same number" cv run.yaml data.manifest=data/twice.csv \
    --out none
says "another task's loss" 2 "loss.name: is mse, but the task is ordinal; cumulative would be right" cv run.yaml loss.name=mse --out none
says "another task's head" 2 "model.head: is landmarks, but the task is ordinal" cv run.yaml model.head=landmarks --out none
says "another task's number" 2 "keep_metric: is val_rmse, which the task ordinal does not have; val_accuracy" cv run.yaml train.keep=best \
    train.keep_metric=val_rmse split.validation=0.5 --out none
says "several columns" 2 "data.labels: names columns to be learnt at once, and the task is ordinal" \
    cv run.yaml 'data.labels=[au_ear, au_orbital]' --out none
says "experiment.classes not in order" 2 "experiment.classes: is not in order" \
    cv run.yaml data.label=pain 'experiment.labels=[au_ear]' 'experiment.classes=["2", "0"]' --out none
check "nothing is left" [ ! -e none ]
exit $bad
