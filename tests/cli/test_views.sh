#!/bin/bash
# Test-time augmentation: the mean over an image and its views, in runs, in predict, and of a model by itself.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_data || no "data"
"$GRIMACE" cv config.yaml --out plain >/dev/null || no "a run"
"$GRIMACE" cv config.yaml 'data.eval_transforms=[{resize: 16}, {hflip: 1}]' --out mirrored >/dev/null || no "a run on mirrors"
"$GRIMACE" cv config.yaml 'evaluate.tta=[hflip]' --out both >/dev/null || no "a run on both"
cp config.yaml all.yaml
echo 'evaluate: {tta: [hflip, vflip, rotate_90, rotate_180, rotate_270]}' >>all.yaml
"$GRIMACE" cv all.yaml --out all >/dev/null || no "a run on all views"

# mean NAME FILE FIRST SECOND COLUMN: FILE's column is the mean of the others'.
mean() {
    paste -d, <(cut -d, -f"$4" "$1") <(cut -d, -f"$4" "$2") <(cut -d, -f"$4" "$3") |
        awk -F, 'NR > 1 { d = $1 - ($2 + $3) / 2; moved += $2 != $3; if (d > 2e-7 || d < -2e-7) bad = 1 }
                 END { exit bad || NR < 20 || moved < 20 }'
}
check "what is said is the mean" mean both/predictions.csv plain/predictions.csv mirrored/predictions.csv 7
check "training is as it was" cmp <(sed 's/"seconds.*//' plain/fold-rat1/metrics.jsonl) \
    <(sed 's/"seconds.*//' both/fold-rat1/metrics.jsonl)
check "all views are another mean" [ "$(cmp -s both/predictions.csv all/predictions.csv; echo $?)" -eq 1 ]

cp both/fold-rat1/model.safetensors model.safetensors
sed -n 's/^images/data\/images/p' both/predictions.csv | grep ',rat1,' >own.csv
says "a model by itself" 0 "^image,predicted" predict model.safetensors $(cut -d, -f1 own.csv)
check "says what its fold said" near <(cut -d, -f1,6,7 own.csv) <(tail -n +2 out.txt | cut -d, -f1,3,4)
"$GRIMACE" evaluate both --manifest data/manifest.csv --out new >/dev/null || no "evaluate"
check "and evaluate" near <(tail -n +2 both/predictions.csv | cut -d, -f1,6,7 | sort) \
    <(tail -n +2 new/predictions.csv | cut -d, -f1,6,7 | sort)

# a frozen backbone, whose features of the images alone are kept
for cache in auto off; do
    "$GRIMACE" cv config.yaml 'model.freeze=[backbone]' 'evaluate.tta=[hflip]' train.feature_cache=$cache --out frozen-$cache >/dev/null ||
        no "frozen, $cache"
done
check "the same with features kept or not" cmp frozen-auto/predictions.csv frozen-off/predictions.csv

says "an unknown view" 2 "evaluate.tta: knows no view \"flip\", some of hflip," cv config.yaml 'evaluate.tta=[flip]' --out x
says "one twice" 2 "evaluate.tta: names hflip twice" cv config.yaml 'evaluate.tta=[hflip, hflip]' --out x
says "no network" 2 "evaluate.tta: is for networks" cv config.yaml 'evaluate.tta=[hflip]' model.classic=lbp_svm --out x
says "landmarks" 2 "evaluate.tta: averages classes or scores" cv config.yaml 'evaluate.tta=[hflip]' 'data.train_transforms=[{resize: 16}]' \
    model.head=landmarks --out x
says "another mean on resuming" 2 "evaluate.tta" cv config.yaml 'evaluate.tta=[vflip]' --out both --resume
exit $bad
