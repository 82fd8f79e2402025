#!/bin/bash
# same_ranks.sh GRIMACE [NAME...]: do ranks of MPI come to the bytes of one process? Each small case of same_bytes.sh that is a training
# of a network, and a few more, runs with train.blocks=4 alone and by mpirun on 2 or 4 ranks (drawn by chance); predictions, numbers,
# weights, the epochs' lines and the list of files must be the same. NAME: only these cases. make test does not run it: two minutes.
# Last line: "N same, N differ"; exit status 1 if any does.
set -u
[ $# -ge 1 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
grimace=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
shift
only=" $* "
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" && mkdir -p old new configs data weights || exit 2
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
words=
case $(mpirun --version 2>&1) in *"Open MPI"*) words="--oversubscribe --bind-to none" ;; esac
same=0 differ=0

# What cases.sh calls (see same_bytes.sh); old is one process here, new are the ranks.
both() { # NAME WORDS...
    local name=$1 side
    shift
    for side in old new; do (cd $side && XDG_CACHE_HOME=$PWD/cache "$grimace" "$@" >"$name.said" 2>&1); done
}
ends() { :; }
files() { :; }
without_clocks() { sed -E 's/"(seconds|images_per_second)": [^,}]+//g' "$1"; }
run() { # COMMAND NAME CONFIG OVERRIDES...
    local command=$1 name=$2 ranks=$((RANDOM % 2 * 2 + 2)) file bad=
    shift 2
    case "$command $*" in sweep* | *experiment.* | *lbp_svm* | *--jobs*) return ;; esac
    [ "$only" = "  " ] || case $only in *" ${name#tiny_} "*) ;; *) return ;; esac
    (cd old && XDG_CACHE_HOME=$PWD/cache "$grimace" train "$@" train.batch_size=6 train.blocks=4 --out "$name" >"$name.said" 2>&1)
    # shellcheck disable=SC2086
    (cd new && XDG_CACHE_HOME=$PWD/cache mpirun $words -n $ranks "$grimace" train "$@" train.batch_size=6 --on mpi --out "$name" \
        >"$name.said" 2>&1)
    if [ ! -e "old/$name/results.json" ] || [ ! -e "new/$name/results.json" ]; then
        bad=" no results, $(cat old/"$name.said" new/"$name.said" | grep -m 1 '^grimace: ')"
    else
        for file in $(cd "old/$name" && find . -type f ! -name about.json ! -name checkpoint ! -name metrics.jsonl); do
            cmp -s "old/$name/$file" "new/$name/$file" || bad="$bad $file"
        done
        cmp -s <(without_clocks "old/$name/fold-0/metrics.jsonl") <(without_clocks "new/$name/fold-0/metrics.jsonl") ||
            bad="$bad metrics.jsonl"
        cmp -s <(cd "old/$name" && find . | sort) <(cd "new/$name" && find . | sort) || bad="$bad the list of files"
    fi
    if [ -n "$bad" ]; then
        differ=$((differ + 1)) && echo "DIFFERS  $name on $ranks ranks:$bad"
    else
        same=$((same + 1))
    fi
}

. "$root/tests/same_bytes/cases.sh"
make_data
small_cases
tiny huber task=scores data.label=au_orbital loss.name=huber
tiny mae task=scores data.label=au_orbital loss.name=mae 'model.penalty=[{layers: [head], l2: 0.01}]'
tiny ordinal task=ordinal data.label=au_orbital 'data.classes=["0", "1", "2"]'
tiny views 'evaluate.tta=[hflip]'
tiny keras2 semantics=keras2 data.balance=class_weight loss.class_weight_mean=batch
tiny weight data.weight=au_ear
tiny clip optimizer.form=keras optimizer.clip.norm=0.1 schedule.name=cosine schedule.per=step
tiny clip_all optimizer.name=sgd optimizer.clip.global_norm=0.05 optimizer.clip.value=0.01
tiny recalibrated model.backbone=mobilenet_v2 model.width=0.5 data.image.size=32 'data.train_transforms=[{resize: 32}]' \
    train.bn_recalibrate=true train.epochs=1
sed '/^  label:/d' configs/tiny.yaml >configs/no_label.yaml
tiny=../configs/no_label.yaml
awk -F, -v OFS=, 'NR == 1 { print "image,animal,box_x,box_y,box_w,box_h" }
    NR > 1 { print $1, $2, 8 + NR % 5, 9 + NR % 7, 20 + NR % 3, 18 }' data/all.csv >data/boxes.csv
tiny labels 'data.labels=[au_orbital, au_ear]'
tiny boxes data.manifest=../data/boxes.csv task=boxes model.head=boxes 'data.boxes=[face=box]' data.image.size=48 \
    'data.train_transforms=[{resize: 48}, {hflip: 0.5}]'
echo "$same same, $differ differ"
[ "$differ" -eq 0 ]
