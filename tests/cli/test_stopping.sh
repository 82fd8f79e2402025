#!/bin/bash
# Early stopping and kept weights: which epoch, and the same bytes after kill -9.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
more="split.validation=0.5"
lines() { wc -l <"$1/fold-rat1/metrics.jsonl"; }

says "a number of validation without one" 2 "train.keep_metric: is val_loss, but fold rat1 has no validation" \
    cv config.yaml train.keep=best --out none
# No epoch is better by 100: the first is the best, and two more are borne.
says "early stopping" 0 "Pooled" cv config.yaml $more train.epochs=30 train.early_stopping.metric=val_loss \
    train.early_stopping.patience=2 train.early_stopping.min_delta=100 --out early
check "which is said" grep -q "stops behind epoch 3, 2 epochs without a better val_loss; keeps epoch 3, the last" out.txt
check "stops behind epoch 3" [ "$(lines early)" -eq 3 ]
says "three epochs" 0 "Pooled" cv config.yaml $more train.epochs=3 --out three
check "are the same weights" cmp early/fold-rat1/model.safetensors three/fold-rat1/model.safetensors

says "keep best" 0 "Pooled" cv config.yaml $more train.epochs=8 train.keep=best optimizer.lr=0.01 --out best
check "all epochs are trained" [ "$(lines best)" -eq 8 ]
at=$(sed -E 's/.*"val_loss": ([^,]+),.*/\1/' best/fold-rat1/metrics.jsonl | awk 'NR == 1 || $1 < m { m = $1; at = NR } END { print at }')
says "as many epochs as the best one's number" 0 "Pooled" cv config.yaml $more train.epochs="$at" optimizer.lr=0.01 --out upto
check "end in its weights (epoch $at)" cmp best/fold-rat1/model.safetensors upto/fold-rat1/model.safetensors
check "and its predictions" bash -c "cmp <(grep rat1 best/predictions.csv) <(grep rat1 upto/predictions.csv)"
says "sampled once" 0 "Pooled" cv config.yaml data.balance=undersample_once --out once

# best_of RUN KEY WAY: the first epoch of fold rat1 with the largest (WAY 1) or smallest (-1) number of that name.
best_of() {
    sed -E "s/.*\"$2\": ([^,}]+)[,}].*/\1/" "$1/fold-rat1/metrics.jsonl" |
        awk -v way="$3" '$1 != "null" && (!at || way * $1 > way * m) { m = $1; at = NR } END { print at }'
}
# kept_in RUN: what results.json says of the first fold.
kept_in() { tr -d ' \n' <"$1/results.json" | grep -oE '"kept":\{[^}]*\}' | head -n 1; }

check "results name the best epoch" grep -q "\"epoch\":$at,\"epochs\":8,\"metric\":\"val_loss\"" <(kept_in best)
check "and the last where that is kept" grep -q '"epoch":3,"epochs":3,"metric":null,"value":null' <(kept_in three)
check "and where it stopped" grep -q '"epoch":3,"epochs":3' <(kept_in early)
long="train.epochs=8 train.keep=best optimizer.lr=0.02"
for metric in val_balanced_accuracy val_f1 val_auroc val_f1_macro; do
    # shellcheck disable=SC2086
    says "keep by $metric" 0 "keeps epoch [0-9]+, $metric" cv config.yaml $more $long train.keep_metric=$metric --out by_$metric
    check "keeps the best" grep -q "\"epoch\":$(best_of by_$metric $metric 1),\"epochs\":8,\"metric\":\"$metric\"" <(kept_in by_$metric)
done
# shellcheck disable=SC2086
says "keep the worst" 0 "keeps epoch" cv config.yaml $more $long train.keep_metric=val_loss train.keep_mode=max --out worst
check "by its mode" grep -q "\"epoch\":$(best_of worst val_loss 1),\"epochs\":8" <(kept_in worst)
# shellcheck disable=SC2086
says "a part of the loss that is not there" 2 "is val_prsc, which model.head linear has not; val_loss" \
    cv config.yaml $more $long train.keep_metric=val_prsc --out none
says "a metric that is not there" 2 "train.keep_metric: .*did you mean val_auroc" cv config.yaml train.keep_metric=val_auroc1 --out none

RANDOM=77
both="$more train.epochs=8 train.keep=best train.keep_metric=val_f1 optimizer.lr=0.01 train.early_stopping.metric=val_auroc train.early_stopping.patience=3 schedule.name=plateau schedule.patience=0 schedule.factor=0.2"
# shellcheck disable=SC2086
"$GRIMACE" cv config.yaml $both --out whole >/dev/null 2>err.txt
# shellcheck disable=SC2086
survives_kills "stopping early" 30 10 25 cv config.yaml $both --out killed --resume
check "with the same bytes" same_runs whole killed
exit $bad
