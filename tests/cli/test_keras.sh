#!/bin/bash
# semantics: whose training arithmetic holds, what it sets, what means nothing beside it, and the same bytes after kill -9.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
value() { "$GRIMACE" config config.yaml "${@:2}" | sed -n "/^${1%%.*}:/,\$p" | grep -m1 -E "^ +${1##*.}: " | sed 's/.*: //'; }
is() { check "$1 is $2 with ${*:3}" [ "$(value "$1" "${@:3}")" = "$2" ]; }

# ---- what it sets ----------------------------------------------------------------------------------------------------------
is optimizer.eps 1.0e-08 semantics=torch
is optimizer.eps 1.0e-07 semantics=keras2
is optimizer.eps 1.0e-10 optimizer.name=adagrad
is optimizer.eps 0.5 semantics=keras3 optimizer.eps=0.5
is optimizer.form keras semantics=keras3
is optimizer.form torch semantics=keras3 optimizer.form=torch
is optimizer.weight_decay 0.004 semantics=keras2 optimizer.name=adamw
is optimizer.weight_decay 0 semantics=keras2
is optimizer.rho 0.9 semantics=keras2
is optimizer.initial_accumulator 0.1 semantics=keras3
is optimizer.momentum_decay 1 semantics=keras2
is optimizer.decoupled true semantics=keras2
is optimizer.nadam_product tensors semantics=keras2
is optimizer.nadam_product steps semantics=keras3
is model.init glorot_uniform semantics=keras2
is model.penalty_frozen true semantics=keras2
is model.penalty_frozen false semantics=keras3
is model.variance images semantics=keras2
is model.variance biased semantics=keras3
is loss.class_weight_mean batch semantics=keras2
is loss.class_weight_val false semantics=keras3
layered=(model.backbone=layers 'model.layers=[{flatten: {}}]')
is model.momentum 0.99 semantics=keras2 "${layered[@]}"
is model.eps 0.001 semantics=keras3 "${layered[@]}"
is model.eps null semantics=torch "${layered[@]}"
is model.eps null semantics=keras3
is schedule.per step semantics=keras3
is schedule.rule keras semantics=keras3
is model.variant keras semantics=keras2 model.backbone=mobilenet_v3_small
is model.variant null semantics=keras2 model.backbone=resnet18
is model.variant null semantics=keras3 model.backbone=vgg16
is model.variant torchvision semantics=keras3 model.backbone=mobilenet_v2 model.variant=torchvision
is model.variant null semantics=keras3 model.backbone=mobilenet_v2 model.pretrained=weights.pth
is model.variant null model.backbone=mobilenet_v2
sed -i '/^optimizer/d' config.yaml
is optimizer.lr 0.01 semantics=keras2 optimizer.name=sgd
is optimizer.lr 0.001 optimizer.name=sgd
"$GRIMACE" config config.yaml semantics=keras2 'model.penalty=[{layers: [head, backbone.fc1], l1: 0.5}]' >again.yaml
check "what is printed is the same config" cmp again.yaml <("$GRIMACE" config again.yaml)

# ---- what means nothing ----------------------------------------------------------------------------------------------------
says "an unknown one" 2 "command line: semantics: .*torch, keras2 or keras3" config config.yaml semantics=tensorflow
says "dampening in Keras's form" 2 "optimizer.dampening: means nothing in Keras's form" config config.yaml semantics=keras2 \
    optimizer.dampening=0.1
says "clipnorm in PyTorch's" 2 "optimizer.clip.norm: is Keras's" config config.yaml optimizer.clip.norm=1
says "two clips in Keras's" 2 "optimizer.clip.value: .*exclude one another" config config.yaml semantics=keras3 \
    optimizer.clip.norm=1 optimizer.clip.value=1
says "two clips in Keras's form" 2 "optimizer.clip.norm: value, norm and global_norm exclude one another in Keras; one" \
    config config.yaml semantics=keras2 optimizer.clip.norm=1 optimizer.clip.global_norm=1
says "amsgrad of sgd" 2 "optimizer.amsgrad: means nothing for sgd" config config.yaml optimizer.name=sgd optimizer.amsgrad=true
says "centered adam" 2 "optimizer.centered: means nothing for adam" config config.yaml optimizer.centered=true
says "momentum of adam" 2 "optimizer.momentum: means nothing for adam; sgd and rmsprop have it" config config.yaml optimizer.momentum=0.9
says "betas of sgd" 2 "optimizer.betas: means nothing for sgd; adam, adamw, nadam and adamax have it" config config.yaml \
    optimizer.name=sgd 'optimizer.betas=[0.8, 0.99]'
says "another schedule's key" 2 "schedule.gamma: means nothing for cosine; step has it" config config.yaml schedule.name=cosine \
    schedule.gamma=0.5
says "keys of both in a sweep over optimisers" 0 "momentum: 0.9" config config.yaml optimizer.momentum=0.9 \
    'sweep=[{key: optimizer.name, values: [adam, sgd]}]'
says "defaults of either dialect" 0 "rho: 0.9" config config.yaml optimizer.rho=0.9
says "a staircase of nothing" 2 "schedule.staircase: means nothing for constant" config config.yaml schedule.staircase=true
says "a cooldown of nothing" 2 "schedule.cooldown: means nothing for cosine" config config.yaml schedule.name=cosine \
    schedule.cooldown=2
says "Keras's min_delta by PyTorch's rule" 2 "schedule.min_delta: means nothing by PyTorch's rule" config config.yaml \
    schedule.name=plateau schedule.min_delta=0.01
says "a warm-up before plateau" 2 "schedule.warmup: is there beside plateau" config config.yaml schedule.name=plateau \
    schedule.warmup=2
says "rates too few" 2 "schedule.values: are 1, expected one more than the 1 boundaries" config config.yaml \
    schedule.name=piecewise 'schedule.boundaries=[3]' 'schedule.values=[0.1]'
says "boundaries that fall" 2 "schedule.boundaries: do not rise" config config.yaml schedule.name=piecewise \
    'schedule.boundaries=[3, 2]' 'schedule.values=[0.1, 0.2, 0.3]'
says "a penalty without layers" 2 "model.penalty: an item needs layers" config config.yaml 'model.penalty=[{l2: 1}]'
says "a penalty of nothing" 2 "model.penalty: an item needs layers, and l1 or l2 above 0" config config.yaml \
    'model.penalty=[{layers: [head]}]'
says "a penalty with a wrong word" 2 "model.penalty: there is no \"l3\"" config config.yaml 'model.penalty=[{layers: [head], l3: 1}]'
says "a penalty of no layer" 2 "model.penalty: no kernel's name starts with \"heads\"" cv config.yaml \
    'model.penalty=[{layers: [heads], l2: 1}]' --out none
says "kept when stopped by nothing" 2 "train.keep: is best_if_stopped" config config.yaml train.keep=best_if_stopped
says "both weights in Keras 3" 2 "data.weight: .*Keras 3 refuses" config config.yaml semantics=keras3 data.weight=w \
    data.balance=class_weight

for what in "x: 1, y: 2|there is no class x; there are 0 and 1" "0: 1|says nothing of the class 1"; do
    says "class weights {${what%|*}}" 2 "loss.class_weight: ${what#*|}" cv config.yaml "loss.class_weight={${what%|*}}" --out none
done
says "a class that weighs nothing" 2 "loss.class_weight: the weight of 1 is 0, expected a number above 0" config config.yaml \
    'loss.class_weight={0: 1, 1: 0}'
says "class weights as a list" 2 "loss.class_weight: is a list, expected a section such as" config config.yaml 'loss.class_weight=[1, 3]'
says "two kinds of class weights" 2 "loss.class_weight: is there beside data.balance class_weight" config config.yaml \
    'loss.class_weight={0: 1, 1: 3}' data.balance=class_weight
says "named weights and a column in Keras 3" 2 "data.weight: is there beside loss.class_weight, which Keras 3 refuses" config \
    config.yaml semantics=keras3 data.weight=w 'loss.class_weight={0: 1, 1: 3}'
says "class weights of scores" 2 "loss.class_weight: means nothing for the task scores" config config.yaml task=scores \
    'loss.class_weight={0: 1, 1: 3}'
says "class weights of trees" 2 "loss.class_weight: means nothing for lbp_svm" config config.yaml model.classic=lbp_svm \
    'loss.class_weight={0: 1, 1: 3}'

# ---- weights of images -----------------------------------------------------------------------------------------------------
says "no such column" 2 "data.weight: there is no column w" cv config.yaml data.weight=w --out none
awk 'BEGIN { FS = OFS = "," } { print $0, NR == 1 ? "one" : 1, NR == 1 ? "two" : 2, NR == 1 ? "odd" : NR % 3, NR == 1 ? "bad" : "-1" }' \
    data/manifest.csv >data/weighted.csv
says "a weight below 0" 2 "weighted.csv:2: bad: is \"-1\"" cv config.yaml data.manifest=data/weighted.csv data.weight=bad --out none
short="data.manifest=data/weighted.csv train.epochs=2"
model() { echo "$1/fold-rat1/model.safetensors"; }
# shellcheck disable=SC2086
for run in "plain" "ones data.weight=one" "twos data.weight=two" "odds data.weight=odd" \
    "twice semantics=keras2 data.weight=two optimizer.name=sgd" "once semantics=keras2 data.weight=one optimizer.name=sgd"; do
    set -- $run
    says "weights $1" 0 Pooled cv config.yaml $short "${@:2}" --out "$1"
done
for run in "named {0: 2, 1: 2}" "tilted {0: 1, 1: 3}"; do
    # shellcheck disable=SC2086
    says "class weights ${run%% *}" 0 Pooled cv config.yaml $short "loss.class_weight=${run#* }" --out "${run%% *}"
done
check "equal class weights change nothing in PyTorch's mean" cmp "$(model plain)" "$(model named)"
check "unequal ones do" bash -c "! cmp -s '$(model plain)' '$(model tilted)'"
says "Keras 3 takes 1 for a class that is left out" 0 Pooled cv config.yaml semantics=keras3 train.epochs=2 'loss.class_weight={1: 3}' \
    --out some
says "as if it were named" 0 Pooled cv config.yaml semantics=keras3 train.epochs=2 'loss.class_weight={0: 1, 1: 3}' --out all
check "the same weights" cmp "$(model some)" "$(model all)"
check "ones change nothing" cmp "$(model plain)" "$(model ones)"
check "nor do twos in PyTorch's mean" cmp "$(model plain)" "$(model twos)"
check "others do" bash -c "! cmp -s '$(model plain)' '$(model odds)'"
check "twos do in Keras's mean" bash -c "! cmp -s '$(model once)' '$(model twice)'"

# ---- penalties, and which weights are kept --------------------------------------------------------------------------------
loss() { head -n 1 "$1/fold-rat1/metrics.jsonl" | sed -E "s/.*\"$2\": ([^,]+),.*/\1/"; }
says "a penalty" 0 Pooled cv config.yaml $short split.validation=0.5 'model.penalty=[{layers: [head, backbone], l2: 0.1}]' \
    --out penalised
says "one of a bias" 0 Pooled cv config.yaml $short split.validation=0.5 'model.penalty=[{layers: [classifier.bias], l1: 100}]' \
    --out biased
says "none" 0 Pooled cv config.yaml $short split.validation=0.5 --out free
check "a whole name is a bias's, too" awk "BEGIN { exit !($(loss biased train_loss) > $(loss free train_loss) + 0.5) }"
for which in train_loss val_loss; do
    check "the penalty is in $which" awk "BEGIN { exit !($(loss penalised $which) > $(loss free $which) + 0.5) }"
done
stop="split.validation=0.5 train.epochs=9 train.early_stopping.metric=val_loss train.early_stopping.min_delta=100 train.keep=best_if_stopped"
# shellcheck disable=SC2086
says "stopped" 0 "keeps epoch 1" cv config.yaml $stop train.early_stopping.patience=2 --out stopped
# shellcheck disable=SC2086
says "not stopped" 0 Pooled cv config.yaml $stop train.early_stopping.patience=20 --out unstopped
says "one epoch" 0 Pooled cv config.yaml split.validation=0.5 train.epochs=1 --out first
says "nine epochs" 0 Pooled cv config.yaml split.validation=0.5 train.epochs=9 --out nine
check "keeps the best" cmp "$(model first)" "$(model stopped)"
check "or the last" cmp "$(model nine)" "$(model unstopped)"

# ---- batch norm's eps goes with the model ---------------------------------------------------------------------------------
says "another eps" 0 Pooled cv config.yaml data.image.size=32 'data.train_transforms=[]' model.backbone=resnet18 \
    'model.batch_norm={eps: 0.5, momentum: 0.5}' train.epochs=1 train.batch_size=8 --out eps
check "is in the model" grep -aq 'batch_norm_eps.*0\.5' "$(model eps)"
first=$(sed -n 2p eps/predictions.csv)
says "and predicts as the run did" 0 "$(cut -d, -f7 <<<"$first" | cut -c1-8)" predict "$(model eps)" "data/${first%%,*}"

# ---- killed and resumed -----------------------------------------------------------------------------------------------------
RANDOM=5
survive() {
    "$GRIMACE" cv config.yaml "${@:2}" --out "whole_$1" >/dev/null 2>err.txt || no "$1: $(head -c 300 err.txt)"
    survives_kills "$1" 12 10 25 cv config.yaml "${@:2}" --out "killed_$1" --resume
    check "$1: the same bytes" same_runs "whole_$1" "killed_$1"
}
survive nadam semantics=keras3 optimizer.name=nadam optimizer.clip.global_norm=0.5 train.epochs=6 schedule.name=cosine_restarts \
    schedule.decay_steps=5 schedule.warmup=3
survive nadam2 semantics=keras2 optimizer.name=nadam optimizer.lr=0.01 train.epochs=5
survive rmsprop semantics=keras2 optimizer.name=rmsprop optimizer.momentum=0.5 optimizer.centered=true train.epochs=6 \
    split.validation=0.5 schedule.name=plateau schedule.patience=1 schedule.cooldown=3 'model.penalty=[{layers: [head], l1: 0.01}]'
survive amsgrad semantics=keras2 optimizer.amsgrad=true train.epochs=5 data.weight=odd data.manifest=data/weighted.csv
exit $bad
