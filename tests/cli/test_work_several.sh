#!/bin/bash
# Workers on runs of several trainings (experiment, train.repeats), alone and as settings of a sweep: the bytes of one machine. And
# what a finished run lacks is made.
. "$(dirname "$0")/workers.sh"
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
RANDOM=1907
units='experiment.labels=[au_orbital, au_ear]'
studies=(
    "labels: cv config.yaml|$units|experiment.classes=['0', '1', '2']"
    "cross: cv config.yaml|experiment.cross=session"
    "repeats: cv config.yaml|train.repeats=3"
    "sweep-of-labels: sweep config.yaml|$units|experiment.classes=['0', '1', '2']|sweep=[{key: seed, values: [1, 2]}]"
    "sweep-of-cross: sweep config.yaml|experiment.cross=session|sweep=[{key: seed, values: [1, 2]}]"
    "sweep-of-repeats: sweep config.yaml|train.repeats=2|sweep=[{key: seed, values: [1, 2]}]"
)

for study in "${studies[@]}"; do
    name=${study%%: *} words=${study#*: }
    IFS='|' read -r -a words <<<"${words/ /|}|train.epochs=8"
    "$GRIMACE" "${words[@]}" --out "$name" >"$name.txt" 2>err.txt || no "$name: $(head -c 300 err.txt)"
    check "$name for workers" begun "$name-shared" "${words[@]}"
    workers 3 "$name-shared"
    check "three workers on $name end well $(cat err1 err2 err3)" [ "$good" -eq 0 ]
    check "$name: the bytes of one machine" equal "$name" "$name-shared"
    check "$name: who did what is noted" grep -q ',done$' "$name-shared/work.csv"
    says "$name: nothing is left" 0 "Nothing was left to do" work "$name-shared"

    # A fold of a finished one is removed, and then a table.
    fold=$(cd "$name-shared" && find . -name 'fold-*' -type d | sort | tail -n 1)
    rm -r "${name:?}-shared/$fold"
    says "$name: a fold that is missing is made" 0 "Nothing is left to do" work "$name-shared"
    check "$name: with its bytes" equal "$name" "$name-shared"
    rm -f "$name-shared/results.json" "$name-shared/sweep.json"
    says "$name: a table, too" 0 "Nothing is left to do" work "$name-shared"
    check "$name: with the same bytes again" equal "$name" "$name-shared"
    gone=$(cd "$name-shared" && find . -name splits.csv -o -name roc.csv -o -name sweep.csv -o -name matrix.csv -o -name totals.csv |
        LC_ALL=C sort | sed -n "$((RANDOM % 5 + 1))p;\$p" | head -n 1)
    rm "${name:?}-shared/${gone:?}"
    says "$name: any table: $gone" 0 "Nothing is left to do" work "$name-shared"
    check "$name: is made" equal "$name" "$name-shared"

    # Who ended a part was killed while it cleared away; another had gone on to the end, and left that to the living.
    part=$(cd "$name-shared" && find . -name splits.csv -exec dirname {} \; | LC_ALL=C sort | tail -n 1)
    for left in crew crew.gone; do
        mkdir -p "$name-shared/$part/$left/claims"
        ln -s done "$name-shared/$part/$left/claims/end.done"
        says "$name: what a part has left of its sharing, $left" 0 "Nothing is left to do" work "$name-shared"
        check "$name: goes away" equal "$name" "$name-shared"
    done

    # Killed again and again.
    case $name in sweep-of-labels | sweep-of-cross) continue ;; esac
    check "$name for the killed" begun "$name-killed" "${words[@]}"
    for _ in 1 2 3 4 5; do
        pids=()
        for i in 1 2; do
            "$GRIMACE" work "$name-killed" --stale 2 >/dev/null 2>&1 &
            pids+=($!)
        done
        sleep "0.$(printf %02d $((RANDOM % 25 + 5)))"
        for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null; done
        wait "${pids[@]}"
    done 2>/dev/null
    says "$name: after kills" 0 "Nothing" work "$name-killed" --stale 2
    check "$name: with the same bytes" equal "$name" "$name-killed"
done

# With who began it, which shows the results.
"$GRIMACE" cv config.yaml train.repeats=3 train.epochs=8 --jobs 2 --out helped >helped.txt 2>err.txt &
pid=$!
comes has helped config.yaml $pid
"$GRIMACE" work helped >/dev/null 2>&1
check "a helper of repetitions ends well" [ $? -eq 0 ]
wait $pid
good=$?
check "and the helped run $(cat err.txt)" [ $good -eq 0 ]
check "shows what all say together" cmp <(grep -A 12 "^3 repetitions" helped.txt) <(grep -A 12 "^3 repetitions" repeats.txt)
check "with the same bytes" equal repeats helped
"$GRIMACE" cv config.yaml "$units" "experiment.classes=['0', '1', '2']" train.epochs=8 --out aided >aided.txt 2>err.txt &
pid=$!
comes has aided config.yaml $pid
"$GRIMACE" work aided >/dev/null 2>&1
wait $pid
good=$?
check "and a helped study $(cat err.txt)" [ $good -eq 0 ]
check "shows its total" grep -q "total of 24 images against the true one" aided.txt
check "with its bytes" equal labels aided
exit $bad
