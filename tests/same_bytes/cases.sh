# What tests/same_bytes.sh runs with both builds; it sources this file. See there for both, files, run and ends.

# ---- data ----------------------------------------------------------------------------------------------------------------------

# everything FILE: the columns that the papers' configs name, made of those of the synthetic table; 37 landmarks as cats have.
everything() {
    awk -F, -v OFS=, '
        NR == 1 {
            for (i = 1; i <= NF; i++)
                at[$i] = i
            line = $0 ",effect,infant,treatment,condition,day,au_orbital_tightening,au_nose_bulge,au_cheek_bulge,au_ear_position"
            line = line ",au_whisker_change"
            for (i = 19; i <= 37; i++)
                line = line ",lm" i "_x,lm" i "_y"
            print line
            next
        }
        {
            n = substr($at["animal"], 4) + 0
            $at["session"] = $at["session"] "-" $at["pain"] # one class in each, so that they can be averaged
            treatment = n <= 2 || (n == 3 && $at["session"] ~ /^s1/) ? "c" : n <= 4 ? "in" : "kxn"
            line = $0 "," $at["pain"] "," $at["animal"] "," treatment "," ($at["pain"] ? "ntg" : "saline") ",d" NR % 3
            line = line "," $at["au_orbital"] "," $at["au_nose_cheek"] "," $at["au_nose_cheek"] "," $at["au_ear"] "," $at["au_whisker"]
            for (i = 19; i <= 37; i++)
                line = line "," $at["lm" (i - 19) % 18 + 1 "_x"] "," $at["lm" (i - 19) % 18 + 1 "_y"]
            print line
        }' "$1"
}
# The synthetic sets by both builds, which must agree; then the tables that the configs want, in data/.
make_data() {
    both synth data synth --preset mini --size 48 --animals 6 --images 8 --seed 3 --out data
    both synth_rats data synth --size 32 --animals 5 --images 4 --seed 5 --out more
    both sheet data synth --sheet sheet.png --size 48 --animals 3
    ends synth 0
    ends synth_rats 0
    files data more sheet.png
    cp -r old/data old/more . || exit 2
    local table
    for table in manifest all c in kxn mpain videodol; do everything old/data/manifest.csv >data/$table.csv; done
    # The pictures of the second set have the names of the first one's: they stay in their own folder.
    everything old/more/manifest.csv | sed -E 's#^images/#../more/images/#' >data/icope.csv
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "pain") p = i } NR == 1 || $p == 0 || n++ % 3 == 0' data/all.csv \
        >data/uneven.csv
    awk -F, -v OFS=, 'NR == 1 { print $0, "split" } NR > 1 { print $0, NR % 4 == 0 ? "test" : NR % 4 == 1 ? "val" : "train" }' \
        data/all.csv >data/parted.csv
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "pain") p = i; print $0, "time" }
        NR > 1 { print $0, "t" $p * 30 }' data/all.csv >data/times.csv
    cat >configs/tiny.yaml <<'YAML'
name: tiny
seed: 11
threads: 1
data:
  manifest: ../data/all.csv
  label: pain
  group: animal
  image: {size: 16}
  train_transforms: [{resize: 20}, {random_crop: 16}, {hflip: 0.5}]
split: {scheme: group_kfold, folds: 2, validation: 0.3}
model: {backbone: blackmice_cnn, head: linear}
optimizer: {lr: 1.0e-3}
train: {epochs: 2, batch_size: 7}
YAML
}
tiny=../configs/tiny.yaml

# ---- the configs of the repository ---------------------------------------------------------------------------------------------

# small CONFIG SIDE: the config on the synthetic data, with pictures of SIDE pixels. All keys that decide what is done stay; of lists
# of settings the first of each kind do.
small() {
    sed -E -e "s/resize: (256|104)/resize: $(($2 + 8))/g; s/(resize|random_crop|size): (224|96)/\1: $2/g" \
        -e 's#[^ \[]*datasets/[a-z]+/([a-z_]+\.csv)#../data/\1#g; s#manifest: .*demo/data/#manifest: ../data/#' \
        -e 's#\.\./\.\./weights/vgg_face\.pth#../weights/vgg16.safetensors#g' \
        -e 's#\.\./\.\./weights/([a-z0-9_]+)-imagenet\.pth#../weights/\1.safetensors#g' \
        -e 's/folds: (5|10)\b/folds: 2/; s/test: 0\.0348/test: 0.1/' \
        -e 's/values: \[0\.05, 0\.1,.*/values: [0.1, 0.5]}/; s/values: \[0\.05, 0\.1, 0\.15.*/values: [0.1, 0.2]}/' \
        -e 's/values: \[3, 5, .*/values: [3, 5]}/' "$1" |
        awk '/^    - name: / { keep = $0 ~ /R1P8 \(4|PainSeeker$|ResNet, C|Inception, KXN|Own architecture, IN|ShuffleNet|EfficientNet/ }
            !/^    / { keep = 1 }
            /^    - \{key/ || keep'
}

# a_config FILE: trains it, or sweeps. Of configs that differ in their table, name and reported numbers alone, which is nothing here,
# the first one.
a_config() {
    local name side=32 size command=cv sum
    name=$(basename "$(dirname "$1")")-$(basename "$1" .yaml)
    [ -z "$results" ] || "$old" config "$1" >/dev/null 2>&1 || return # of a task that came later
    case $name in
    *painseeker-[pft]*) side=96 ;; # 3 x 3 regions, of which 5 are attended
    *demo) side=64 ;;
    *inception*|*table2) side=75 ;;
    *lbp_svm*) side=64 ;;
    esac
    small "$1" $side >"configs/$name.yaml"
    sum=$(grep -vE '^name:|^ +manifest:|^ *#' "configs/$name.yaml" | sed -E '/^reported:/,/^[a-z]+:/{/^reported:/d; /^ /d}; s/ +#.*//' | md5sum)
    case $seen in *"$sum"*) return ;; esac
    seen="$seen $sum"
    grep -q 'image: ' "configs/$name.yaml" || size=data.image.size=$side
    grep -q 'image: {mean' "configs/$name.yaml" && size=data.image.size=$side
    grep -q '^sweep:' "configs/$name.yaml" && command=sweep
    local before=$differ
    run $command "$name" "../configs/$name.yaml" ${size:-} threads=1 train.epochs=1 train.batch_size=12
    # dozens of networks fill a disk: what was the same goes
    [ "$differ" -ne "$before" ] || rm -rf {old,new}/run-"$name-$GRIMACE_ISA"
}

weights() { # the initial weights that stand for downloaded ones
    local backbone size
    for backbone in vgg16 resnet50 inception_v3; do
        size=32
        [ $backbone = inception_v3 ] && size=75
        both "init_$backbone" init $tiny model.backbone=$backbone data.image.size=$size "data.train_transforms=[{resize: $size}]" \
            seed=5 --out $backbone.safetensors
        ends "init_$backbone" 0
        files $backbone.safetensors
        cp old/$backbone.safetensors weights/
    done
}

configs() {
    local seen= config all=("$root"/configs/*.yaml "$root"/configs/*/*.yaml)
    [ -n "$quick" ] && all=("$root"/configs/demo.yaml "$root"/configs/painseeker/lbp_svm_r1_grid4.yaml
        "$root"/configs/felinegrimace/landmarks.yaml "$root"/configs/deepmgs/total.yaml)
    for config in "${all[@]}"; do
        grep -q '^detectors:' "$config" && continue # a chain
        # many trainings of large networks: on one instruction set
        case $config in */cross_* | */table[0-9].yaml | */figure5.yaml) [ "$GRIMACE_ISA" = "$widest" ] || continue ;; esac
        a_config "$config"
    done
}

# ---- small cases, one for each thing a config can say -------------------------------------------------------------------------------

# tiny NAME OVERRIDES...: cross-validates the tiny config so.
tiny() { run cv "tiny_$1" $tiny "${@:2}"; }

small_cases() {
    tiny plain
    tiny logo split.scheme=leave_one_group_out split.validation=0
    tiny stratified_group split.scheme=stratified_group_kfold split.stratify=day
    tiny stratified data.group=null split.scheme=stratified_kfold split.shuffle=true
    tiny repeats split.shuffle=true split.repeats=2
    tiny holdout split.scheme=holdout split.shuffle=true split.test=0.3
    tiny column data.manifest=../data/parted.csv data.group=null split.scheme=column split.validation=0
    tiny only 'data.only=[treatment=c]' split.scheme=leave_one_group_out split.validation=0 data.at_most=12
    tiny extra 'data.extra_manifests=[../data/icope.csv]'
    local balance
    for balance in undersample undersample_once oversample class_weight; do
        tiny $balance data.manifest=../data/uneven.csv data.balance=$balance
    done
    tiny grey data.image.channels=1 'data.train_transforms=[{resize: 16}, {rotate: 20}, {brightness: [0.7, 1.5]}, grayscale]' \
        'data.image.mean=[0.5]' 'data.image.std=[0.5]'
    tiny bgr 'data.train_transforms=[{resize: 24}, {center_crop: 16}, bgr]' 'data.eval_transforms=[{resize: 16}, bgr]'
    tiny painseeker model.head=painseeker loss.prsc.lambda=0.1 loss.prsc.top_k=2
    tiny mlp model.head=mlp model.mlp.pool=max 'model.mlp.hidden=[8, 6]' model.mlp.dropout=0.3
    tiny flatten model.head=mlp model.mlp.pool=flatten
    tiny sgd optimizer.name=sgd optimizer.momentum=0.9 optimizer.nesterov=true optimizer.weight_decay=0.01 schedule.name=step \
        schedule.step_size=1
    tiny adamw optimizer.name=adamw optimizer.weight_decay=0.1 optimizer.l1=1.0e-4 schedule.name=cosine train.drop_last=true
    tiny plateau train.epochs=4 schedule.name=plateau schedule.patience=0 train.shuffle=false
    tiny bf16 train.precision=bf16
    tiny early train.epochs=8 train.early_stopping.metric=val_loss train.early_stopping.patience=2 train.early_stopping.min_delta=100
    tiny best train.epochs=5 train.keep=best train.keep_metric=val_f1 optimizer.lr=0.01
    tiny kept_worst train.epochs=4 train.keep=best train.keep_metric=val_loss train.keep_mode=max
    tiny averaged data.manifest=../data/times.csv evaluate.average_over=time evaluate.bootstrap.count=20
    tiny resampled evaluate.bootstrap.count=30 evaluate.bootstrap.by=group evaluate.permutation.count=20 evaluate.confidence=0.9
    tiny three data.label=label 'data.classes=["no", moderate, severe]' data.positive=moderate
    tiny reported 'reported={source: "Table 3", f1: 0.7, accuracy: {mean: 0.8, sd: 0.1}}'
    tiny labels data.classes=[] 'experiment.labels=[au_orbital, au_ear]' 'experiment.classes=["0", "1", "2"]' split.validation=0
    tiny labels_threshold 'experiment.labels=[au_orbital, au_ear]' experiment.threshold=2
    tiny cross experiment.cross=treatment split.scheme=group_kfold split.validation=0
    tiny cross_equal experiment.cross=treatment experiment.equal=true split.validation=0 train.epochs=1
    run cv tiny_jobs $tiny split.scheme=leave_one_group_out threads=2 --jobs 2
    run train tiny_train $tiny split.folds=3
    run cv tiny_landmarks $tiny model.head=landmarks loss.name=mse data.label=label 'data.landmark_distance=[2, 5]' \
        'data.landmark_flip=[[1, 4], [2, 5], [3, 6]]' split.scheme=group_kfold
    run cv tiny_wing $tiny model.head=landmarks loss.name=wing loss.wing.w=5 model.landmarks.block=hybrid model.landmarks.filters=4 \
        model.mlp.pool=flatten 'model.mlp.hidden=[8]' 'data.train_transforms=[{resize: 16}, {rotate: 9}]' train.early_stopping.metric=val_nrmse train.early_stopping.patience=1
    run cv tiny_lbp $tiny model.classic=lbp_svm data.image.size=32 'data.train_transforms=[{resize: 32}]'
    run cv tiny_lbp_ror $tiny model.classic=lbp_svm model.lbp.method=ror data.balance=class_weight model.svm.c=10 \
        data.image.size=32 'data.train_transforms=[{resize: 32}]'
    run cv tiny_lbp_cross $tiny model.classic=lbp_svm experiment.cross=treatment split.validation=0 data.image.size=32 \
        'data.train_transforms=[{resize: 32}]'
    run sweep tiny_grid $tiny 'sweep=[{key: optimizer.lr, values: [1.0e-3, 3.0e-3]}, {key: data.balance, values: [none, class_weight]}]'
    run sweep tiny_random $tiny 'sweep={mode: random, count: 2, rank_by: accuracy, axes: [{key: optimizer.lr, range: [1.0e-4, 1.0e-2], scale: log}]}'
    run sweep tiny_list $tiny 'sweep={mode: list, settings: [{name: slow, set: {optimizer.lr: 0.0001}, reported: {f1: 0.5}}, {name: svm, set: {model.classic: lbp_svm}}]}' \
        data.image.size=32 'data.train_transforms=[{resize: 32}]'
    run sweep tiny_one $tiny 'sweep={mode: one_at_a_time, axes: [{key: optimizer.lr, values: [0.001, 0.002]}, {key: seed, values: [11, 12]}]}'
    run sweep tiny_sweep_labels $tiny 'experiment.labels=[au_orbital, au_ear]' train.epochs=1 'sweep=[{key: optimizer.lr, values: [0.001, 0.002]}]'
    # A frozen backbone: features computed once, computed from the cache, and not kept; weights from a file, some of which do not fit.
    local frozen='model={backbone: shufflenet_v2, width: 0.5, freeze: [backbone]}'
    local still='data.train_transforms=[{resize: 32}]'
    run cv tiny_frozen $tiny "$frozen" data.image.size=32 "$still"
    run cv tiny_cached $tiny "$frozen" data.image.size=32 "$still" optimizer.lr=0.01
    run cv tiny_uncached $tiny "$frozen" data.image.size=32 "$still" train.feature_cache=off
    run cv tiny_moving $tiny "$frozen" data.image.size=32 'data.train_transforms=[{resize: 32}, {hflip: 0.5}]'
    both tiny_init init $tiny model.head=mlp 'model.mlp.hidden=[4]' --out start.safetensors
    files start.safetensors
    run cv tiny_pretrained $tiny model.pretrained="$PWD/old/start.safetensors" model.freeze=2
    local backbone
    for backbone in mobilenet_v2 mobilenet_v3_small efficientnet_b0 nasnet_mobile resnet34; do
        run train "tiny_$backbone" $tiny model.backbone=$backbone data.image.size=32 "$still" train.epochs=1
    done
    run train tiny_keras $tiny model.backbone=mobilenet_v2 model.variant=keras data.image.size=32 "$still" train.epochs=1
}

# ---- what is done with a run -----------------------------------------------------------------------------------------------------

# The second build goes on with what the first one left: a copy of the first one's run without its tables and one fold, made whole by each.
crossed() {
    local side
    for side in old new; do
        rm -rf "$side/half"
        cp -r "old/run-tiny_logo-$GRIMACE_ISA" "$side/half"
        rm -rf "$side"/half/{predictions.csv,results.json,results.csv,fold-rat2,fold-rat3/checkpoint}
    done
    both resumed cv $tiny split.scheme=leave_one_group_out split.validation=0 --out half --resume
    ends resumed 0
    files half
    both finished cv $tiny split.scheme=leave_one_group_out split.validation=0 --out half --resume
    ends finished 0
}

applied() {
    local at=$GRIMACE_ISA logo images lbp landmarks
    logo=run-tiny_logo-$at lbp=run-tiny_lbp-$at landmarks=run-tiny_landmarks-$at
    images=(../data/images/rat1_s1_1.png ../data/images/rat2_s1_1.png)
    crossed
    done_well() { both "$@" && ends "$1" 0; }
    done_well predict predict $logo "${images[@]}"
    done_well predict_one predict $logo/fold-rat1/model.safetensors --manifest ../data/all.csv --out predicted.csv
    done_well predict_landmarks predict $landmarks "${images[@]}"
    done_well predict_lbp predict $lbp --manifest ../data/all.csv --out predicted_lbp.csv
    done_well predict_label predict run-tiny_labels-$at/label-au_ear "${images[@]}"
    done_well stats stats $logo evaluate.permutation.count=20 evaluate.bootstrap.count=20 --by session,animal
    done_well stats_alone stats $logo/predictions.csv data.positive=0 --out judged
    done_well stats_averaged stats run-tiny_averaged-$at/predictions_averaged.csv --by time
    done_well compare compare $logo run-tiny_plain-$at --out compared.json
    done_well compare_level compare $logo/predictions.csv run-tiny_sgd-$at --level 0.9
    done_well compare_labels compare run-tiny_labels-$at run-tiny_labels_threshold-$at
    done_well export export $logo/fold-rat1/model.safetensors --format safetensors --out exported.safetensors
    done_well export_onnx export $logo --format onnx --out exported.onnx
    done_well export_bf16 export run-tiny_mobilenet_v3_small-$at/fold-0/model.safetensors --format onnx --out small.onnx
    done_well export_seeker export run-tiny_painseeker-$at --format onnx --out seeker.onnx
    done_well export_landmarks export $landmarks --format onnx --out landmarks.onnx
    done_well export_keras export run-tiny_keras-$at/fold-0/model.safetensors --format onnx --out keras.onnx
    done_well export_svm export $lbp/fold-1/model.safetensors --format libsvm --out svm.txt
    files predicted.csv predicted_lbp.csv judged compared.json exported.safetensors exported.onnx small.onnx seeker.onnx \
        landmarks.onnx keras.onnx svm.txt $logo
}

# Commands that compute no network.
tables() {
    local name config
    for config in "$root"/configs/*.yaml "$root"/configs/*/*.yaml; do
        grep -q '^detectors:' "$config" && continue
        name=$(basename "$(dirname "$config")")-$(basename "$config" .yaml)
        both "config_$name" config "$config"
        ends "config_$name" 0
    done
    done_well() { both "$@" && ends "$1" 0; }
    done_well reference config --reference
    done_well config_words config $tiny optimizer.lr=3e-4 'data.classes=["1", "0"]'
    done_well check data check $tiny
    done_well check_table data check ../data/all.csv
    done_well check_labels data check $tiny 'experiment.labels=[au_orbital]'
    done_well data_stats data stats $tiny
    done_well data_stats_by data stats ../data/all.csv
    done_well split data split $tiny --out splits.csv
    done_well split_repeats data split $tiny split.repeats=3 split.shuffle=true --out repeated.csv
    done_well split_labels data split $tiny data.label=au_ear split.scheme=stratified_group_kfold
    done_well import data import paths ../data/images --path '{animal}_{session}_*' --set 'pain=animal:rat1=1,*=0' --out imported.csv
    done_well cats data label "$root/tests/parity/stats/cats.csv" --scheme felinegrimace --rule or --agreement cats.json --out cats.csv
    done_well rats data label "$root/tests/parity/stats/rats.csv" --scheme painseeker --agreement rats.json --out rats.csv
    done_well model_info info --model inception_v3
    done_well model_width info --model shufflenet_v2 --width 0.75 --head landmarks
    done_well plan info --plan $tiny
    files splits.csv repeated.csv imported.csv cats.csv cats.json rats.csv rats.json
    local command
    for command in '' train cv sweep predict export stats compare config init info data 'data check' 'data split' 'data stats' \
        'data import' 'data synth' 'data label'; do
        # shellcheck disable=SC2086
        both "help_${command// /_}" $command --help
    done
}

# ---- what is refused -------------------------------------------------------------------------------------------------------------

# refused.txt has a command a line; each must end with exit status 2 and the same sentence, and write nothing.
refusals() {
    local line number=0 side here=$root/tests/same_bytes
    local formats=$root/tests/parity/formats landmarks='model.head=landmarks loss.name=mse split.validation=0'
    local out='--out refused' tiny_at=$tiny
    mkdir -p bad && bash "$here/broken_inputs.sh" bad data || exit 2
    while read -r line; do
        case $line in '' | '#'*) continue ;; esac
        number=$((number + 1))
        eval "both refused_$number $line"
        ends "refused_$number" 2
        for side in old new; do
            [ ! -e "$side/refused" ] || { differ=$((differ + 1)) && echo "WRONG    refused_$number: $side left something behind"; }
            rm -rf "$side/refused"
        done
    done <"$here/refused.txt"
    echo "$number inputs refused by both"
}
