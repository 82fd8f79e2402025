#!/bin/bash
# Sweeps from the command line: their settings, their table, the same bytes with several processes and after kill -9.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/epochs: 3/epochs: 1/; s/random_crop: 16}, {hflip: 0.5/random_crop: 16/' config.yaml
sed -i 's/^split:.*//' config.yaml
cat >>config.yaml <<'YAML'
split: {scheme: leave_one_group_out}
sweep:
  mode: pairwise
  axes:
    - {key: optimizer.lr, values: [1.0e-3, 3.0e-3]}
    - {key: train.batch_size, values: [5, 8]}
    - {key: data.balance, values: [none, class_weight]}
YAML
# 3 pairs of 2 x 2 settings; lr 1e-3, batch 5 and none are the config's own: the 12 settings are 7 different ones.
says "sweep" 0 "tiny: 12 settings, 7 of them different, ranked by pooled f1" sweep config.yaml --out whole
check "a folder for each different setting" [ "$(ls -d whole/setting-* | wc -l)" -eq 7 ]
check "a row for each in sweep.csv" [ "$(wc -l <whole/sweep.csv)" -eq 8 ]
check "its header" grep -q '^rank,setting,name,optimizer.lr,train.batch_size,data.balance,folds,accuracy,accuracy_mean,accuracy_std,f1' whole/sweep.csv
check "no setting has a sweep of its own" grep -q '^sweep: \[\]' whole/setting-003/config.yaml
check "ranks fall" awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "f1") c = i; next }
    NR > 2 && $c + 0 > last + 0 { exit 1 } { last = $c }' whole/sweep.csv
"$GRIMACE" cv whole/setting-004/config.yaml --out alone >/dev/null 2>err.txt
check "a setting's folder is what cv makes of its config" same_runs alone whole/setting-004

same_sweeps() {
    cmp "$1/sweep.csv" "$2/sweep.csv" && cmp "$1/sweep.json" "$2/sweep.json" || return 1
    for setting in $(cd "$1" && ls -d setting-*); do same_runs "$1/$setting" "$2/$setting" || return 1; done
}
says "with two processes" 0 "ranked" sweep config.yaml --out two --jobs 2
check "the same bytes" same_sweeps whole two
says "a held folder is refused" 2 "whole: holds a sweep already" sweep config.yaml --out whole
says "cv does not go on with a sweep" 2 "whole: holds a sweep, this is a run" cv config.yaml --out whole --resume
says "nor a sweep with a run" 2 "alone: holds a run, this is a sweep" sweep config.yaml --out alone --resume
says "nor another sweep" 2 "sweep: is" sweep config.yaml 'sweep=[{key: train.epochs, values: [1]}]' --out whole --resume
says "a finished sweep is finished" 0 "was finished before" sweep config.yaml --out whole --resume

RANDOM=811
for jobs in 1 2; do
    survives_kills "$jobs process(es)" 25 10 28 sweep config.yaml --out "killed$jobs" --resume --jobs $jobs
    check "with the same bytes" same_sweeps whole "killed$jobs"
done

# Other modes, and what is refused before anything is written.
sed -i '/^sweep:/,$d' config.yaml
axes='axes: [{key: optimizer.lr, values: [0.001, 0.002]}, {key: seed, values: [11, 12]}]'
says "one at a time" 0 "4 settings, 3 of them different" sweep config.yaml "sweep={mode: one_at_a_time, $axes}" --out one
says "random" 0 "3 settings, ranked by pooled accuracy" sweep config.yaml --out drawn \
    'sweep={mode: random, count: 3, rank_by: accuracy, axes: [{key: optimizer.lr, range: [1.0e-4, 1.0e-2], scale: log}, {key: train.batch_size, range: [4, 6]}]}'
check "drawn within the range" awk -F, 'NR > 1 && ($4 < 1e-4 || $4 > 1e-2 || $5 < 4 || $5 > 6) { exit 1 }' drawn/sweep.csv
says "a list" 0 "[12] +00[12]  slow" sweep config.yaml --out listed \
    'sweep={mode: list, settings: [{name: slow, set: {optimizer.lr: 0.0001}}, {name: fast, set: {optimizer.lr: 0.003, seed: 4}}]}'
says "no sweep" 2 "sweep: there is nothing to vary" sweep config.yaml --out none
says "a bad mode" 2 "mode must be grid, .*\"paiwise\" is none" sweep config.yaml "sweep={mode: paiwise, $axes}" --out none
says "a bad rank" 2 "rank_by is \"acuracy\", did you mean accuracy" sweep config.yaml "sweep={rank_by: acuracy, $axes}" --out none
says "a bad range" 2 "range of optimizer.lr must be" sweep config.yaml 'sweep={mode: random, count: 2, axes: [{key: optimizer.lr, range: [2, 1]}]}' --out none
says "a count without random" 2 "count is for mode random" sweep config.yaml "sweep={count: 3, $axes}" --out none
says "a value that no model takes" 2 "model.backbone: is \"resnet19\"" sweep config.yaml 'sweep=[{key: model.backbone, values: [blackmice_cnn, resnet19]}]' --out none
check "and nothing is left" [ ! -e none ]
exit $bad
