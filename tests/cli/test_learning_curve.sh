#!/bin/bash
# stats --learning-curve: a run trained again with fewer of its animals, and what more might bring.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$GRIMACE" data synth --preset mini --animals 8 --images 8 --size 32 --out faces >/dev/null
cat >svm.yaml <<'END'
name: svm
data: {manifest: faces/manifest.csv, label: pain, group: animal, image: {size: 32}}
split: {scheme: group_kfold, folds: 4}
model: {classic: lbp_svm, lbp: {grid: 4}}
END
"$GRIMACE" cv svm.yaml --out run >/dev/null || no "a run"
says "a curve" 0 "^training groups  *2  *3  *5  *6  *perhaps with  *9  *perhaps with  *12$" stats run --learning-curve
cp run/learning-curve.json first.json
check "four points" [ "$(wc -l <run/learning-curve.csv)" -eq 5 ]
check "the last one is the run" [ "$(tail -n 1 run/learning-curve.csv | cut -d, -f4)" = \
    "$(sed -n '/"pooled"/,$p' run/results.json | grep -o '"accuracy": [0-9.]*' | head -n 1 | cut -d' ' -f2)" ]
quarter=run/learning-curve/setting-001 half=run/learning-curve/setting-002
tests() { grep ',test$' "$1/splits.csv"; }
check "the test parts are the run's" cmp <(tests run) <(tests $quarter)
check "fewer train" [ "$(grep -c ',train$' $quarter/splits.csv)" -eq 64 ]
check "a smaller share is within a larger one" \
    [ -z "$(comm -23 <(grep ',train$' $quarter/splits.csv | sort) <(grep ',train$' $half/splits.csv | sort))" ]
rm -r run/learning-curve/setting-003/fold-2
says "what is missing is trained" 0 "fold 2 " stats run --learning-curve --jobs 2
check "to the same bytes" cmp first.json run/learning-curve.json

"$GRIMACE" cv svm.yaml split.train_share=0.5 --out thin >/dev/null || no "a run with fewer animals"
check "a run by itself is that point" cmp thin/predictions.csv $half/predictions.csv
says "no end of the curve" 2 "split.train_share: is 0.5, and a curve goes up to all" stats thin --learning-curve
says "a share of none" 2 "split.train_share: " cv svm.yaml split.train_share=0 --out x
says "no run" 2 "faces.*config.yaml" stats faces --learning-curve
grep -E '^image,|,rat[12],' faces/manifest.csv >faces/two.csv
"$GRIMACE" cv svm.yaml data.manifest=faces/two.csv split.folds=2 --out two >/dev/null || no "a run of two animals"
says "one training animal" 2 "two: training animals of a fold: 1, " stats two --learning-curve
check "trains nothing" [ ! -e two/learning-curve ]
says "statistics of a sweep" 2 "is a sweep; one of its runs, such as run/learning-curve/setting-001" stats run/learning-curve
says "of no run" 2 "faces: holds no predictions.csv" stats faces
says "a table" 2 "is no folder of a run" stats run/predictions.csv --learning-curve
says "keys" 2 "no key=value" stats run --learning-curve seed=3
exit $bad
