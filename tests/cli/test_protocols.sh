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

# Averaging: two time points of each animal, one for each class.
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "pain") p = i; print $0, "time" } NR > 1 { print $0, "t" $p * 30 }' \
    data/manifest.csv >data/times.csv
over="data.manifest=data/times.csv evaluate.average_over=time evaluate.bootstrap.count=20"
# shellcheck disable=SC2086
says "averaged" 0 "tiny, averaged over time: F1" cv config.yaml $over --out averaged
check "a row for each animal and time" [ "$(tail -n +2 averaged/predictions_averaged.csv | wc -l)" -eq 12 ]
check "all images have their place" [ "$(tail -n +2 averaged/predictions_averaged.csv | awk -F, '{ n += $NF } END { print n }')" -eq 36 ]
check "means of the images' probabilities" awk -F, 'NR == FNR { if (FNR > 1) { k = $2 "," $3 "," $4; s[k] += $7; n[k]++ }; next }
    FNR > 1 { k = $2 "," $3 "," $4; d = s[k] / n[k] - $7; if (d > 1e-6 || d < -1e-6) exit 1 }' \
    averaged/predictions.csv averaged/predictions_averaged.csv
check "both levels in results.json" [ "$(grep -c '"n": \(36\|12\),' averaged/results.json)" -ge 2 ]
# shellcheck disable=SC2086
"$GRIMACE" cv config.yaml evaluate.average_over=null data.manifest=data/times.csv evaluate.bootstrap.count=20 --out single >/dev/null
check "images as without it" cmp averaged/predictions.csv single/predictions.csv
says "statistics of the averaged table" 0 "12 predictions, 3 folds" stats averaged/predictions_averaged.csv --by time
says "two classes at one time" 2 "evaluate.average_over: is animal, but .* a column within which the class is one" \
    cv config.yaml evaluate.average_over=animal --out none
says "no such column" 2 "evaluate.average_over: there is no column sesion in .*, did you mean session" \
    cv config.yaml evaluate.average_over=sesion --out none

# Balance looks at the training part alone: an epoch has 2 x the smaller (or larger) class of it, whatever validates and tests.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "pain") p = i } NR == 1 || $p == 0 || n++ % 3 == 0' data/manifest.csv >data/uneven.csv
for balance in none undersample undersample_once oversample; do
    "$GRIMACE" cv config.yaml data.manifest=data/uneven.csv data.balance=$balance split.scheme=leave_one_group_out \
        --out b_$balance >/dev/null 2>err.txt || no "balance $balance: $(cat err.txt)"
    for fold in b_$balance/fold-*; do
        name=${fold#*/fold-}
        wanted=$(awk -F, -v fold="$name" -v how=$balance '$4 == fold && $5 == "train" { n[$3]++ } END {
            small = n[0] < n[1] ? n[0] : n[1]
            large = n[0] + n[1] - small
            print how == "none" ? small + large : how == "oversample" ? 2 * large : 2 * small }' b_$balance/splits.csv)
        seen=$(sed -E 's/.*"seconds": ([^,]+), "images_per_second": ([^,}]+).*/\1 \2/' "$fold/metrics.jsonl" |
            awk '{ printf "%.0f\n", $1 * $2 }' | sort -u)
        [ "$wanted" = "$seen" ] || no "$balance, fold $name: $seen images an epoch, not $wanted"
    done
    check "$balance counts training images" [ -n "$wanted" ]
done
exit $bad
