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

RANDOM=77
both="$more train.epochs=8 train.keep=best optimizer.lr=0.01 train.early_stopping.metric=train_loss train.early_stopping.patience=3"
# shellcheck disable=SC2086
"$GRIMACE" cv config.yaml $both --out whole >/dev/null 2>err.txt
# shellcheck disable=SC2086
survives_kills "stopping early" 30 10 25 cv config.yaml $both --out killed --resume
check "with the same bytes" same_runs whole killed
exit $bad
