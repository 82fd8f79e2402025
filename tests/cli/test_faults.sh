#!/bin/bash
# Faults at the moments between folds: runs so short that they are all beginning, caches and pooling, with two who began them and
# workers, of which one or all are killed or put to sleep, on a disk that is full or read-only for a while, and with those who look on at
# a cluster. At the end a resumed command must write the bytes of one that nothing happened to. FAULTS: how many rounds of each kind (1);
# SEED: of chance.
. "$(dirname "$0")/workers.sh"
. "$(dirname "$0")/fake_slurm.sh"
. "$(dirname "$0")/common.sh"
rounds=${FAULTS:-1}
RANDOM=${SEED:-719}
make_data || { no "data synth"; exit 1; }
frozen="'model={backbone: shufflenet_v2, width: 0.5, freeze: [backbone]}' 'data.train_transforms=[{resize: 32}]' data.image.size=32"
kinds=(
    "cv config.yaml train.epochs=1"
    "cv config.yaml train.repeats=2 train.epochs=1"
    "cv config.yaml $frozen train.feature_cache=disk/cache train.epochs=1"
    "cv config.yaml experiment.cross=session train.epochs=1"
    "sweep config.yaml train.repeats=2 train.epochs=1 'sweep=[{key: seed, values: [1, 2]}]'"
)
mkdir disk
mounted=no
[ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=6m none disk 2>/dev/null && mounted=yes
group_of() {
    groups+=("$1")
    disown "$1" # how it ended is no news
}
# fell GROUP...: they are killed, and gone: squeue must not name who is about to go.
fell() {
    local group
    for group in "$@"; do kill -9 -- "-$group"; done 2>/dev/null
    for group in "$@"; do
        comes gone "$group"
    done
}
nobody() {
    # shellcheck disable=SC2046
    fell "${groups[@]}" $(cat jobs/*/* 2>/dev/null)
    groups=()
}
# milliseconds: since the machine was started, which nobody sets.
milliseconds() { sed 's/ .*/0/; s/\.//' /proc/uptime; }
while_for() { # MILLISECONDS
    sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"
}
end() {
    nobody
    [ $mounted = no ] || umount disk
    rm -rf "$work"
}
groups=()
trap end EXIT
trap 'exit 1' HUP INT TERM

# machine WORDS...: in a group of processes of its own two that begin or resume the run, and two workers that come by and by.
machine() {
    setsid bash -c 'trap "" HUP
        exec 3>>errors.txt
        "$GRIMACE" "$@" --resume --out disk/hurt 2>&3 &
        "$GRIMACE" "$@" --resume --jobs 2 --out disk/hurt 2>&3 &
        for i in 1 2; do
            until [ -e disk/hurt/config.yaml ]; do sleep 0.02; done
            "$GRIMACE" work disk/hurt --stale 2 --threads 1 2>&3 &
        done
        wait' machine "$@" >>said.txt 2>/dev/null &
    group_of $!
}
# one: any process of grimace of this test's, in $pid.
one() {
    local all
    mapfile -t all < <(for group in "${groups[@]}"; do pgrep -g "$group" grimace; done)
    pid=${all[$((RANDOM % (${#all[@]} + 1)))]:-}
    [ -n "$pid" ]
}
full() {
    dd if=/dev/zero of=disk/filler bs=4k >/dev/null 2>&1
    while_for $((RANDOM % 400))
    rm disk/filler
}
unwritable() {
    for _ in $(seq 50); do mount -o remount,ro disk 2>/dev/null && break; sleep 0.01; done # not while a file is being written
    while_for $((RANDOM % 400))
    mount -o remount,rw disk
}
fault() {
    case $((RANDOM % 8)) in
    0 | 1) nobody ;;
    2) [ $mounted = no ] || full ;;
    3) [ $mounted = no ] || unwritable ;;
    4) one && kill -STOP "$pid" && { (sleep 3; kill -CONT "$pid") & } ;;
    *) one && kill -9 "$pid" ;;
    esac
} 2>/dev/null

# said_well: what those who were hurt said on stderr are sentences of grimace's; they are kept for the end.
said_well() {
    cat errors.txt >>all-errors.txt
    ! grep -avE "^grimace: |^ *(Killed|Terminated)?$" errors.txt
}

export GRIMACE
for kind in "${kinds[@]}"; do
    eval "words=($kind)"
    rm -rf disk/* other
    mkdir other
    cp -r config.yaml other
    began=$(milliseconds)
    "$GRIMACE" "${words[@]/disk\/cache/other/cache}" --out other/whole >/dev/null 2>err.txt || no "$kind: $(cat err.txt)"
    long=$(($(milliseconds) - began))
    [ $long -lt 4000 ] || long=4000 # on a machine that is slow now most faults come early
    for round in $(seq "$rounds"); do
        rm -rf disk/*
        : >errors.txt
        groups=()
        for _ in 1 2 3 4; do
            machine "${words[@]}"
            while_for $((RANDOM % (long + 200)))
            fault
        done
        nobody
        says "$kind: after faults" 0 "lies in disk/hurt" "${words[@]}" --resume --out disk/hurt
        sed -i "s#feature_cache: .*#feature_cache: ../cache#" disk/hurt/config.yaml other/whole/config.yaml
        check "with the same bytes" equal other/whole disk/hurt || { sort errors.txt | uniq -c; find disk | head -n 50; }
        check "nobody crashes" said_well
    done
done

# shellcheck disable=SC2046
# Those who look on: one or two, and tasks; each may die, also while the tables are made.
fake_slurm
PATH=$work/bin:$PATH
for kind in "${kinds[0]}" "${kinds[1]}"; do
    eval "words=($kind)"
    "$GRIMACE" "${words[@]}" --out "whole-${#words[@]}" >/dev/null
    for round in $(seq "$rounds"); do
        rm -rf disk/* jobs/*
        : >errors.txt
        groups=()
        for _ in 1 2 3; do
            for _ in 1 2; do
                setsid "$GRIMACE" "${words[@]}" --resume --on slurm --workers 2 --out disk/hurt >>said.txt 2>>errors.txt &
                group_of $!
            done
            while_for $((RANDOM % 2500))
            case $((RANDOM % 4)) in
            0) fell $(cat jobs/*/*) ;;
            1) fell "${groups[@]}" ;;
            2) fell "${groups[$((RANDOM % ${#groups[@]}))]}" ;;
            *) fell $(cat jobs/*/* | shuf -n 2 --random-source=<(yes $RANDOM)) ;;
            esac 2>/dev/null
        done
        fell "${groups[@]}"
        says "on a cluster: after faults" 0 "lies in disk/hurt" "${words[@]}" --resume --on slurm --workers 2 --out disk/hurt
        comes eval '! pgrep -f "$work/disk/hurt"'
        rm -rf disk/hurt/slurm disk/hurt/slurm.sh
        cp -r "whole-${#words[@]}" disk/whole
        sed -i "s#manifest: .*#manifest: x#" disk/whole/config.yaml disk/hurt/config.yaml disk/*/repeat-2/config.yaml 2>/dev/null
        check "nobody crashes" said_well
        check "$kind: the bytes of one machine" equal disk/whole disk/hurt || { sort errors.txt | uniq -c; find disk/hurt; }
    done
done
[ "$rounds" -eq 1 ] || sed -E 's/[0-9]+/N/g' all-errors.txt | sort | uniq -c | sort -rn | head -n 20
exit $bad
