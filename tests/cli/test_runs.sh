#!/bin/bash
# Runs from the command line: their files, predictions, the same bytes after kill -9 and Ctrl-C at any instant, with several
# processes and threads.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }

says "cv" 0 "Pooled" cv config.yaml --out whole
for file in config.yaml splits.csv predictions.csv results.json results.csv statistics.json roc.csv pr.csv fold-rat1/metrics.jsonl \
    fold-rat2/model.safetensors fold-rat3/checkpoint; do
    check "cv writes $file" [ -s "whole/$file" ]
done
check "a line of metrics for each epoch" [ "$(wc -l <whole/fold-rat1/metrics.jsonl)" -eq 3 ]
check "each image is predicted once" [ "$(tail -n +2 whole/predictions.csv | cut -d, -f1 | sort -u | wc -l)" -eq 24 ]
check "a row for each image and fold" [ "$(wc -l <whole/splits.csv)" -eq 73 ]
check "no temporary file stays" [ -z "$(find whole -name '*.tmp-*')" ]

says "a held folder is refused" 2 "whole: holds a run" cv config.yaml --out whole
says "another config is refused" 2 "optimizer.lr" cv config.yaml optimizer.lr=0.1 --out whole --resume
says "a finished run is finished" 0 "was finished before" cv config.yaml threads=2 --out whole --resume
says "the resolved config runs" 0 "Pooled" cv whole/config.yaml --out again --jobs 2
check "and with two processes gives the same bytes" same_runs whole again
says "two threads" 0 "Pooled" cv config.yaml threads=2 --out threads
check "two threads give the same bytes" bash -c "cmp whole/predictions.csv threads/predictions.csv &&
    cmp whole/fold-rat2/model.safetensors threads/fold-rat2/model.safetensors"
GRIMACE_THREADS=openmp "$GRIMACE" cv config.yaml threads=2 --out openmp >/dev/null 2>&1
check "so does OpenMP's team" bash -c "cmp whole/predictions.csv openmp/predictions.csv &&
    cmp whole/fold-rat2/model.safetensors openmp/fold-rat2/model.safetensors"

says "train" 0 "F1" train config.yaml --out one
check "train has the fold 0 alone" [ "$(ls -d one/fold-*)" = one/fold-0 ]
(cd data && "$GRIMACE" train ../config.yaml >/dev/null 2>&1)
check "the default folder is runs/NAME where one stands" [ -s data/runs/tiny/results.json ]

check "no bootstrap unless it is asked for" grep -q '"bootstrap": null' whole/results.json
says "cv with a bootstrap" 0 "Pooled" cv config.yaml train.epochs=1 evaluate.bootstrap.count=50 \
    evaluate.bootstrap.by=group --out drawn
check "its intervals are in results.json" grep -q '"by": "group"' drawn/results.json
check "says how likely chance is" grep -q '"p_of_chance"' drawn/results.json
says "a bootstrap of groups without groups" 2 "evaluate.bootstrap.by: is group, but data.group" cv config.yaml data.group= \
    evaluate.bootstrap.by=group --out never

says "two runs" 0 "^McNemar: only the first is right [0-9]+ times" compare whole drawn
check "their areas under the ROC curve" grep -q "^DeLong: difference from" out.txt
says "a run and itself" 0 "^McNemar: .* 0 times, only the second 0 times, exact p 1$" compare whole whole
check "have the same areas" grep -q "z 0.0000, p 1$" out.txt
cp -r drawn fewer
sed -i '$d' fewer/predictions.csv
says "other images" 2 "fewer/predictions.csv: has no prediction of image" compare whole fewer
says "other images the other way round" 2 "fewer/predictions.csv: has no prediction of image" compare fewer whole
awk -F, -v OFS=, 'NR == 2 { $4 = 1 - $4 } 1' drawn/predictions.csv >fewer/predictions.csv
says "other labels" 2 "fewer/predictions.csv:2: label: image" compare whole fewer
echo "image,p_0" >fewer/predictions.csv
says "no predictions" 2 "is no table of a run" compare whole fewer
says "no run" 2 "absent" compare whole absent
says "statistics of a run" 0 "^AUROC .* \.\. .*" stats drawn evaluate.permutation.count=20 --by session,animal
check "are written into it" grep -q '"session"' drawn/statistics.json
check "the curves too" [ "$(cut -d, -f1 drawn/roc.csv | sort -u | tr '\n' ' ')" = "0 1 class " ]
cp drawn/predictions.csv alone.csv
says "of a table alone" 0 "^alone: 24 predictions, 3 folds, 2 classes; positive class 0" stats alone.csv data.positive=0 --out judged
check "are written where it is said" [ -s judged/statistics.json -a -s judged/pr.csv ]
says "a column that is not there" 2 "there is no column .sesion. .*did you mean session" stats drawn --by sesion
says "a key that changes no statistics" 2 "train.epochs=3: statistics do not follow from that" stats drawn train.epochs=3
says "no table of predictions" 2 "is no table of a run" stats whole/results.csv evaluate.bootstrap.by=group
says "no predictions" 2 "predictions.csv" stats data
says "both are compared as JSON too" 0 "^Williams: scores correlate" compare whole drawn --level 0.9 --out compared.json
check "with every test" grep -q '"chi_square"' compared.json
says "tables are compared as runs are" 0 "paired by image; positive class 1" compare whole/predictions.csv drawn
says "no level" 2 "level: .2. is not a number between 0 and 1" compare whole drawn --level 2
says "one run" 2 "two runs are needed" compare whole

images=$(ls data/images/*.png | head -5)
# shellcheck disable=SC2086
says "predict from a run" 0 "^image,predicted,p_0,p_1,spread,models,decision$" predict whole $images
check "a row for each image" [ "$(wc -l <out.txt)" -eq 6 ]
check "predict from a model" "$GRIMACE" predict whole/fold-rat1/model.safetensors --manifest data/manifest.csv --out p.csv
check "its table has a row for each image" [ "$(wc -l <p.csv)" -eq 25 ]
head -c 200 "$(echo $images | cut -d' ' -f1)" >broken.png
# shellcheck disable=SC2086
says "a broken image among good ones" 1 "broken.png: .*; 2 of 7 images could not be read, the column error says why" \
    predict whole broken.png $images absent.png --out broken.csv
"$GRIMACE" predict whole $images --out good.csv
sed -n 's/,$//; 3,7p' broken.csv >rows.csv
check "its row says why" grep -qE '^broken\.png,,,,,0,,"?is a PNG' broken.csv
check "one that is not there, too" grep -qE '^absent\.png,,,,,0,,.*No such file' broken.csv
check "a column of its own" [ "$(head -n 1 broken.csv)" = "image,predicted,p_0,p_1,spread,models,decision,error" ]
check "the other rows are whole" [ "$(cat rows.csv)" = "$(sed 1d good.csv)" ]
cp broken.png data/images/ && { head -n 1 data/manifest.csv; sed -n 3p data/manifest.csv | sed 's#^[^,]*#images/broken.png#'; } >broken-manifest.csv
mv broken-manifest.csv data/
says "all rows broken" 2 "data/broken-manifest.csv:2: image: .*broken.png: .*; 1 of 1 images" predict whole --manifest data/broken-manifest.csv
rm data/images/broken.png data/broken-manifest.csv
says "a table of predictions" 0 "^counted.csv: [0-9]+ images predicted$" predict whole $images --out counted.csv
says "a config in place of a model" 2 "config.yaml: is no safetensors file, or one that is cut off" predict config.yaml $images
says "a folder in place of a config" 2 "whole: is a folder; a file would be right" cv whole
says "a table in the way" 2 "good.csv: is there already; --force overwrites it" predict whole $images --out good.csv
check "which --force overwrites" "$GRIMACE" predict whole $images --out good.csv --force
before=$(md5sum p.csv)
for words in "compare whole drawn" "stats whole" "init config.yaml" "export whole/fold-rat1/model.safetensors --format onnx" \
    "data split config.yaml" "data synth --preset mini --size 32 --animals 1" "data import paths data --path */{animal}_{session}_*"; do
    out=p.csv blocked=p.csv
    case $words in
        stats*) out=judged blocked=judged/statistics.json ;;
        *synth*) out=data blocked=data/manifest.csv ;;
    esac
    # shellcheck disable=SC2086
    set -f && says "in the way of ${words%% -*}" 2 "$blocked: is there already; --force overwrites it$" $words --out $out && set +f
done
says "in the way of a sheet" 2 "p.csv: is there already" data synth --sheet p.csv --size 32
check "nothing is overwritten" [ "$(md5sum p.csv)" = "$before" ]
says "--force overwrites statistics" 0 "Written: judged/statistics.json" stats alone.csv data.positive=0 --out judged --force
says "and folds" 0 "0 groups in two parts" data split config.yaml --out p.csv --force
says "key that statistics do not use" 2 "evaluate.average_over=session: statistics do not follow" stats whole evaluate.average_over=session
says "key that there is not" 2 "did you mean evaluate.bootstrap.count" stats whole evaluate.bootstrap.cuont=3

says "init" 0 "tensors" init config.yaml --out start.safetensors
says "training from them" 0 "loaded" train config.yaml seed=11 model.pretrained=start.safetensors --out warm
check "is training from the seed" cmp -s one/fold-0/model.safetensors warm/fold-0/model.safetensors

# Killed again and again, at other instants each time, until one of the tries reaches the end.
RANDOM=4711
for jobs in 1 2; do
    survives_kills "$jobs process(es)" 60 1 10 cv config.yaml --out "killed$jobs" --resume --jobs $jobs
    check "with the same bytes" same_runs whole "killed$jobs"
done

# Ctrl-C: one line that says how to go on, and that is true.
cut_off INT stopped fold-rat1/metrics.jsonl cv config.yaml train.epochs=4000
check "Ctrl-C exits with 1" [ $status -eq 1 ]
check "and one line on how to go on" grep -qE "^grimace: stopped .*grimace cv config.yaml train.epochs=4000 --out stopped --resume$" err.txt
check "and a checkpoint" [ -s stopped/fold-rat1/checkpoint ]
says "not with another length" 2 "train.epochs" cv config.yaml train.epochs=3 --out stopped --resume
cp stopped/fold-rat1/checkpoint kept
for size in 0 50 5000; do
    head -c $size kept >stopped/fold-rat1/checkpoint
    says "a checkpoint cut to $size bytes" 2 "fold-rat1/checkpoint" cv config.yaml train.epochs=4000 --out stopped --resume
done
printf 'xyz' | dd of=kept bs=1 seek=9000 conv=notrunc 2>/dev/null
cp kept stopped/fold-rat1/checkpoint
says "a checkpoint with other bits" 2 "fold-rat1/checkpoint: is damaged" cv config.yaml train.epochs=4000 --out stopped --resume
says "statistics in the run itself are made anew" 0 "Written: whole/statistics.json" stats whole --out whole
exit $bad
