#!/bin/bash
# Several columns of labels: one network for all of them (data.labels), or a network each (experiment.labels), of scores and classes.
. "$(dirname "$0")/common.sh"
make_parity_data || { no "data synth"; exit 1; }
RANDOM=4711
units="data.labels=[au_ear,au_orbital,au_whisker]"
same_studies() { diff -rq -x metrics.jsonl -x about.json -x checkpoint "$1" "$2"; }

# ---- whole runs by PyTorch, labels missing -----------------------------------------------------------------------------------
follows columns "$units" data.manifest=data/gaps.csv
follows classes task=classes "$units" data.manifest=data/gaps.csv

# ---- scores ------------------------------------------------------------------------------------------------------------------
says "three scores and their total" 0 "^total +24 +[0-9.]+" cv run.yaml "$units" --out scores
check "predictions" [ "$(head -n 1 scores/predictions.csv)" = \
    image,animal,fold,label_au_ear,predicted_au_ear,label_au_orbital,predicted_au_orbital,label_au_whisker,predicted_au_whisker,label_total,predicted_total ]
check "the total is the sum" awk -F, 'FNR > 1 { d = $5 + $7 + $9 - $11; if ($4 + $6 + $8 != $10 || d > 1e-6 || d < -1e-6) exit 1 }' \
    scores/predictions.csv
says "two processes and threads" 0 "" cv run.yaml "$units" threads=2 --jobs 2 --out scores2
check "the same bytes" same_runs scores scores2
survives_kills "label columns" 20 5 40 cv run.yaml "$units" --out killed --resume
check "with the same bytes" same_runs scores killed
says "statistics of scores for a class" 2 "data.positive: scores/predictions.csv holds scores" stats scores data.positive=1
says "statistics of each" 0 "^au_orbital +value +interval" stats scores evaluate.bootstrap.count=20 --by session
check "and of the total" grep -q "^total  *value" out.txt
"$GRIMACE" cv run.yaml "$units" seed=5 --out other >/dev/null
says "totals compared" 0 "label total" compare scores other
says "one column compared" 0 "label au_ear" compare scores other --label au_ear
says "no such column" 2 "has no column of labels \"au_eer\", did you mean au_ear" compare scores other --label au_eer
says "averaged" 0 "averaged over session: the total of 3 scores" cv run.yaml "$units" evaluate.average_over=session train.epochs=1 --out averaged
says "with cells that are empty" 0 "^au_ear +19 " cv run.yaml "$units" data.manifest=data/gaps.csv --out gaps
check "which stay empty" grep -q "^images/rat1_s1_1.png,rat1,rat1,,[0-9]" gaps/predictions.csv
says "exported" 0 "to scores" export scores --format onnx --out m.onnx
check "with the columns' names" grep -aqF '["au_ear", "au_orbital", "au_whisker"]' m.onnx

# ---- classes -----------------------------------------------------------------------------------------------------------------
says "three columns of classes" 0 "^total +24 " cv run.yaml task=classes "$units" evaluate.bootstrap.count=10 --out classes
check "their curves" [ "$(head -n 1 classes/roc.csv)" = label,class,threshold,false_positive_rate,true_positive_rate ]
check "a bootstrap of each" bash -c "[ \"\$(grep -c '\"p_of_chance\"' classes/results.json)\" -eq 3 ]"
says "statistics of each" 0 "^au_orbital: 24 predictions, 3 folds, 3 classes" stats classes evaluate.permutation.count=5 --by session
says "statistics of the total" 0 "^total +value" stats classes evaluate.permutation.count=5
says "totals compared" 0 "label total" compare classes scores
says "one column compared as classes" 0 "label au_ear, positive class 2" compare classes classes --label au_ear
says "against scores" 2 "holds scores, and .* classes; two runs of the same" compare classes scores --label au_ear
"$GRIMACE" cv run.yaml task=classes "$units" train.epochs=1 data.manifest=data/gaps.csv threads=2 --jobs 2 --out gaps1 >/dev/null
"$GRIMACE" cv run.yaml task=classes "$units" train.epochs=1 data.manifest=data/gaps.csv --out gaps2 >/dev/null
check "the same bytes with gaps" same_runs gaps1 gaps2
says "data check" 0 "^au_ear +24 +[0-9]+ +[0-9]+ +[0-9]+" data check run.yaml task=classes "$units"
says "data stats" 0 "3 label columns of 3 classes" data stats run.yaml task=classes "$units"
says "data split" 0 "fold +part +groups +images +au_ear +au_orbital +au_whisker" data split run.yaml task=classes "$units"
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) if ($i == "au_ear") at = i } $2 == "rat1" { $at = "" } { print }' \
    data/manifest.csv >data/lacks.csv
says "which columns a part lacks" 0 "no label in column au_ear in the test part of fold rat1" \
    data split run.yaml "$units" data.manifest=data/lacks.csv

# ---- a network for each score ------------------------------------------------------------------------------------------------
cat >>run.yaml <<'YAML'
experiment: {labels: [au_ear, au_orbital, au_whisker]}
YAML
sed -i 's/^train:.*/split: {scheme: group_kfold, folds: 3}\ntrain: {epochs: 2, batch_size: 5}/' run.yaml
study="data.label=pain data.manifest=data/gaps.csv"
# shellcheck disable=SC2086
says "scores that are summed tell pain" 0 "total of [0-9]+ images against the true one" cv run.yaml $study --out study
check "only rows with all labels have a total" awk -F, 'FNR > 1 {
    if ($5 == "" || $7 == "" || $9 == "" || ($12 >= $13) + 0 > 1) exit 1
    t = $5 + $7 + $9 - $11; p = $6 + $8 + $10 - $12; if (t > 1e-9 || t < -1e-9 || p > 1e-6 || p < -1e-6) exit 1; n++ }
    END { exit n != 9 }' study/totals.csv
check "the class follows from the threshold" awk -F, 'FNR == NR { if (FNR > 1) class[$1] = $5; next }
    FNR > 1 && ($12 >= $13) != class[$1] { exit 1 }' study/predictions.csv study/totals.csv
check "labels.csv has each score's numbers" grep -q "^label,folds,n,mae,mae_mean" study/labels.csv
for unit in au_ear au_orbital au_whisker; do
    check "$unit has the folds of the study" awk -F, 'FNR == NR { part[$1 $4] = $5; next }
        FNR > 1 && $5 != part[$1 $4] { exit 1 }' study/splits.csv "study/label-$unit/splits.csv"
done
# shellcheck disable=SC2086
says "two processes" 0 "" cv run.yaml $study --jobs 2 --out study2
check "the same bytes" same_studies study study2
# shellcheck disable=SC2086
survives_kills "a study of scores" 20 5 40 cv run.yaml $study --out killed2 --resume
check "with the same bytes" same_studies study killed2
says "the true totals of all rows, by hand" 0 "positive from a total of 3 on" cv run.yaml data.label=pain experiment.threshold=3 \
    train.epochs=1 'data.range=[0, 2]' --out threshold
says "statistics of the class" 0 "positive class 1" stats study evaluate.bootstrap.count=5 evaluate.permutation.count=5

# ---- bad input ---------------------------------------------------------------------------------------------------------------
says "classes of scores" 2 "experiment.classes: lists classes, and the task is scores; \[\] would be right" \
    cv run.yaml data.label=pain 'experiment.classes=["0", "1"]' --out none
says "three values to tell" 2 "data.classes: 3 values of data.label" cv run.yaml data.label=score --out none
says "both" 2 "data.labels: is there beside experiment.labels" cv run.yaml data.label=pain "$units" --out none
sed -i '/^experiment/d' run.yaml
says "a column missing" 2 "data.labels: there is no column au_eer in .*did you mean au_ear" cv run.yaml 'data.labels=[au_ear, au_eer]' --out none
says "one column twice" 2 "data.labels: has \"au_ear\" twice" cv run.yaml 'data.labels=[au_ear, au_ear]' --out none
says "a column called total" 2 "data.labels: names a column \"total\"" cv run.yaml 'data.labels=[au_ear, total]' --out none
says "averages of several" 2 "evaluate.average_over: averages probabilities, and data.labels names several columns" \
    cv run.yaml task=classes "$units" evaluate.average_over=session --out none
says "balance" 2 "data.balance: is undersample, but data.labels names several columns" cv run.yaml task=classes "$units" \
    data.balance=undersample --out none
sed 's/p_au_orbital_2/p_au_orbital_3/' classes/predictions.csv >other_classes.csv
says "columns of other classes" 2 "other_classes.csv:1: au_orbital has other classes than au_ear" stats other_classes.csv
awk -F, 'BEGIN { OFS = "," } NR == 9 { $5 = "much" } { print }' scores/predictions.csv >much.csv
says "a prediction that is no number" 2 "much.csv:9: predicted_au_ear: \"much\" is no number" stats much.csv
check "nothing is left" [ ! -e none ]
exit $bad
