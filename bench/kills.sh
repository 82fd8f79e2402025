#!/bin/bash
# bench/kills.sh GRIMACE [KILLS]: a sweep by workers that are killed at random, one by one and as whole groups of processes, as when a
# machine falls, put to sleep beyond the stale time and awakened again, until KILLS (100) are spent; the bytes must be those of one
# machine. Takes about a second a kill. What
# workers say on stderr is counted at the end.
GRIMACE=$1
. "$(dirname "$0")/../tests/cli/common.sh"
kills=${2:-100}
seed=${SEED:-$RANDOM}
RANDOM=$seed
make_data || exit 1
sweep='sweep=[{key: optimizer.lr, values: [1.0e-3, 1.0e-2, 3.0e-2]}, {key: seed, values: [1, 2, 3, 4, 5]}]'
long=train.epochs=${EPOCHS:-40}
"$GRIMACE" sweep config.yaml "$sweep" "$long" --out whole >/dev/null || exit 1
spent=0 slept=0 groups=0 rounds=0 different=0 left=0 lost=0
start=$SECONDS
workers() { # three machines of two workers each, a group of processes each
    for _ in 1 2 3; do
        setsid bash -c "for i in 1 2; do '$GRIMACE' work killed --stale 2 --threads 1 >/dev/null 2>>errors.txt & done; wait" &
        echo $! >>groups.txt
    done
}
round() { # one sweep, to its end
    local pid pids
    rm -rf killed groups.txt
    setsid "$GRIMACE" sweep config.yaml "$sweep" "$long" --out killed >/dev/null 2>>errors.txt &
    while [ ! -e killed/config.yaml ]; do sleep 0.02; done
    workers
    while [ $spent -lt "$kills" ] && [ ! -e killed/sweep.json ]; do
        sleep "0.$(printf %02d $((RANDOM % 40)))"
        mapfile -t pids < <(sed -n 's/^pid //p' killed/crew/workers/*/beat | sort -u | while read -r p; do kill -0 "$p" && echo "$p"; done)
        [ ${#pids[@]} -gt 2 ] || workers
        [ ${#pids[@]} -gt 0 ] || continue
        pid=${pids[$((RANDOM % ${#pids[@]}))]}
        case $((RANDOM % 5)) in
        0)
            kill -STOP "$pid" && slept=$((slept + 1))
            (sleep 3; kill -CONT "$pid") &
            ;;
        1) kill -9 -- "-$(sed -n "$((RANDOM % $(wc -l <groups.txt) + 1))p" groups.txt)" && groups=$((groups + 1)) && spent=$((spent + 2)) ;;
        *) kill -9 "$pid" && spent=$((spent + 1)) ;;
        esac
    done
    "$GRIMACE" work killed --stale 2 >/dev/null 2>>errors.txt
    wait
    for file in $(cd whole && find . -type f ! -name about.json ! -name metrics.jsonl ! -name checkpoint | sort); do
        cmp -s "whole/$file" "killed/$file" || { echo "$file differs"; different=$((different + 1)); }
    done
    left=$((left + $(find killed -name 'crew*' -o -name '*.tmp-*' | wc -l)))
    lost=$((lost + $(grep -c ',lost$' killed/work.csv)))
    rounds=$((rounds + 1))
}
while [ $spent -lt "$kills" ]; do round 2>/dev/null; done
echo "$spent workers killed ($groups times a whole group), $slept put to sleep, in $rounds sweeps and $((SECONDS - start)) s (seed $seed):" \
    "$different files differ, $left are left over, $lost folds were lost on the way"
sort errors.txt 2>/dev/null | uniq -c | head -n 5
[ $different -eq 0 ] && [ "$left" -eq 0 ]
