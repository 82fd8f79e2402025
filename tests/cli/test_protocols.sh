#!/bin/bash
# Splits as a user makes them: what data split proves, repeats, strata, and repeats resumed after kill -9.
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --size 32 --animals 6 --images 6 --seed 3 --out data >/dev/null || { no "data synth"; exit 1; }
awk -F, 'NR == 1 { print $0 ",day" } NR > 1 { print $0 ",d" NR % 3 }' data/manifest.csv >data/days.csv
cat >config.yaml <<'YAML'
name: tiny
seed: 11
threads: 1
data: {manifest: data/days.csv, label: pain, group: animal, image: {size: 16}}
split: {scheme: stratified_group_kfold, folds: 3, validation: 0.25}
model: {backbone: blackmice_cnn, head: linear}
train: {epochs: 2, batch_size: 6}
YAML

says "the proof" 0 "^0 groups in two parts \(animal\)" data split config.yaml --out splits.csv
check "counts the rows" grep -q "splits.csv: 108 rows written" out.txt
check "and images" grep -q "^0 images in two parts" out.txt
check "awk agrees" awk -F, 'NR > 1 { if (($4, $2) in part && part[$4, $2] != $5) exit 1; part[$4, $2] = $5 }' splits.csv
says "the proof without a file" 0 "^0 groups in two parts" data split config.yaml
says "repeats need shuffle" 2 "split.repeats: 4 repeats of the same folds; split.shuffle true" data split config.yaml split.repeats=4
says "repeats need folds" 2 "split.repeats: 2, but repeats are of the k-fold" data split config.yaml \
    split.scheme=holdout split.repeats=2 split.shuffle=true
says "repeats" 0 "12 folds \(4 repeats of 3\)" data split config.yaml split.repeats=4 split.shuffle=true --out repeated.csv
check "named by repeat and fold" [ "$(tail -n +2 repeated.csv | cut -d, -f4 | uniq | paste -sd' ')" = \
    "1.1 1.2 1.3 2.1 2.2 2.3 3.1 3.2 3.3 4.1 4.2 4.3" ]
check "each image tested four times" [ "$(awk -F, '$5 == "test" { n[$1]++ } END { for (i in n) print n[i] }' repeated.csv | sort -u)" = 4 ]
says "a stratum that is not there" 2 "command line: split.stratify: there is no column dya in .*, did you mean day" \
    data split config.yaml split.stratify=dya
says "another stratum" 0 "stratified by day" data split config.yaml data.group=null split.scheme=stratified_kfold \
    split.validation=0 split.stratify=day --out days.csv
check "is even in every fold" [ "$(awk -F, 'NR == FNR { day[$1] = $NF; next } $4 == "test" { n[day[$1] " " $3]++ }
    END { for (i in n) print n[i] }' data/days.csv days.csv | sort -u)" = 4 ]

repeats="split.repeats=2 split.shuffle=true"
# shellcheck disable=SC2086
says "cv repeated" 0 "Pooled" cv config.yaml $repeats --out whole
check "has each image twice" [ "$(tail -n +2 whole/predictions.csv | cut -d, -f1 | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 2 ]
check "pools all of them" grep -q '"n": 72' whole/results.json
for after in 0.15 0.3 0.45 0.6; do
    # shellcheck disable=SC2086
    timeout -s KILL $after "$GRIMACE" cv config.yaml $repeats --out killed --resume >/dev/null 2>&1
done
# shellcheck disable=SC2086
says "and resumed" 0 "Pooled" cv config.yaml $repeats --out killed --resume
check "with the same bytes" same_runs whole killed
exit $bad
