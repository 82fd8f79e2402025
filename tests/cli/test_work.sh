#!/bin/bash
# Workers on one folder: the bytes of one machine, whoever dies, sleeps or comes too late.
. "$(dirname "$0")/workers.sh"
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sweep='sweep=[{key: optimizer.lr, values: [1.0e-3, 1.0e-2]}, {key: seed, values: [1, 2]}]'
"$GRIMACE" cv config.yaml train.epochs=20 --out whole >/dev/null
"$GRIMACE" sweep config.yaml "$sweep" --out sweep >/dev/null

says "no run" 2 "data: holds no run" work data
says "a folder that is nowhere" 2 "nowhere: is not there; the folder of a cv or sweep" work nowhere
says "a file" 2 "config.yaml: is no folder; the folder of a cv or sweep" work config.yaml
says "no folder" 2 "work: no run is named" work
says "a stale of nothing" 2 '--stale: "0" is not' work whole --stale 0
says "a run that is over" 0 "Nothing was left to do in whole, which was finished before" work whole
check "is as it was" [ ! -e whole/work.csv ]

for n in 1 2 4; do
    check "a run for $n" begun "run$n" cv config.yaml train.epochs=20
    pids=()
    for i in $(seq $n); do
        "$GRIMACE" work "run$n" >"out$i" 2>&1 &
        pids+=($!)
    done
    good=0
    for pid in "${pids[@]}"; do wait "$pid" || good=1; done
    check "$n workers end well" [ $good -eq 0 ]
    check "$n workers write the bytes of one machine" equal whole "run$n"
    check "who did what is noted" [ "$(grep -c ',done$' "run$n/work.csv")" -ge 3 ]
done

# A run with which a worker comes to help, and a sweep with four.
"$GRIMACE" cv config.yaml train.epochs=20 --jobs 2 --out helped >/dev/null &
pid=$!
comes has helped crew/workers $pid
"$GRIMACE" work helped >/dev/null 2>err.txt
check "a helper ends well" [ $? -eq 0 ]
wait $pid
check "the helped run, too" [ $? -eq 0 ]
check "with the same bytes" equal whole helped
check "a sweep for four" begun shared sweep config.yaml "$sweep"
pids=()
for i in 1 2 3 4; do
    "$GRIMACE" work shared >/dev/null 2>&1 &
    pids+=($!)
done
good=0
for pid in "${pids[@]}"; do wait "$pid" || good=1; done
check "workers on a sweep end well" [ $good -eq 0 ]
check "with the same bytes" equal sweep shared
check "all folds are noted once" [ "$(grep ',done$' shared/work.csv | grep -c 'setting-00[1-4],fold')" -ge 11 ]

# Who rounds otherwise, or is of another version, is told that bytes will differ; nobody else is.
if "$GRIMACE" info | grep -q "^instruction set *generic"; then
    ok "no other instruction set is here: left out"
else
    for how in "work elsewhere" "cv config.yaml train.epochs=20 --resume --out elsewhere"; do
        rm -rf elsewhere
        check "a run for another instruction set" begun elsewhere cv config.yaml train.epochs=20
        # shellcheck disable=SC2086
        GRIMACE_ISA=generic "$GRIMACE" $how >out.txt 2>err.txt
        check "is told: $how" grep -qE "begun with the instruction set [a-z0-9_]+, and this is generic, which rounds otherwise.* GRIMACE_ISA=" out.txt
    done
fi
rm -rf elsewhere
check "a run of another version" begun elsewhere cv config.yaml train.epochs=20
sed -i 's/"grimace": "[^"]*"/"grimace": "0.0.1"/' elsewhere/about.json
says "is told" 0 "^the run was begun by grimace 0.0.1, and this is " work elsewhere
check "of the same one nothing is" bash -c '! grep -q "was begun" out1 out2 out3 out4'

says "the timeline" 0 "Workers by the clock" figure shared workers
"$GRIMACE" report shared --out shared.html >/dev/null
check "is on the page" grep -q "Who did the work" shared.html
rm -r shared/figures

says "what a sweep will cost" 0 "4 settings, 12 trainings, [0-9.e-]+ hours with 1 thread" \
    sweep config.yaml "$sweep" train.epochs=200 --plan --within 1000
check "and by how many workers" grep -q "within 1000 hours: 1 worker$" out.txt
says "no time at all" 0 "within 1e-09 hours: no number of workers" sweep config.yaml "$sweep" --plan --within 1e-9
says "short times in seconds or minutes" 0 " hours, [0-9.]+ (seconds|minutes)$" sweep config.yaml "$sweep" --plan
says "hours of no plan" 2 "--within belongs to --plan" sweep config.yaml "$sweep" --within 8
says "a plan of no run" 2 "--out: has no place beside --plan" sweep config.yaml "$sweep" --plan --out planned
says "no number of hours" 2 '--within: "soon" is no number' sweep config.yaml "$sweep" --plan --within soon

# Two whose clocks are fourteen minutes apart and whose patience is ten: what the slow one holds, even stopped, the fast one leaves it.
if wrong_clock; then
    check "a run for clocks that are off" begun clocks cv config.yaml train.epochs=20
    rm -r clocks/crew # nothing is to be taken over
    asleep_at_work clocks "${clock[@]}" FAKETIME=-7m "$GRIMACE" work clocks --stale 600
    "${clock[@]}" FAKETIME=+7m "$GRIMACE" work clocks --stale 600 >fast.txt 2>&1 &
    fast=$!
    comes eval "grep ',done$' clocks/crew/log/work-$fast-*"
    sleep 0.5
    kill -CONT $sleeper
    wait $sleeper
    good=$?
    wait $fast
    check "workers end well though their clocks are 14 minutes apart" [ "$good $?" = "0 0" ]
    check "nobody's fold is taken over for the clock's sake" wrong_clocks clocks
    check "with the same bytes" equal whole clocks
else
    ok "there is no faketime here: left out"
fi

# Workers that are killed at random, and come again.
RANDOM=19
check "a sweep for the killed" begun killed sweep config.yaml "$sweep"
kills=0
for _ in $(seq 12); do
    pids=()
    for i in 1 2 3; do
        "$GRIMACE" work killed --stale 2 >/dev/null 2>&1 &
        pids+=($!)
    done
    sleep "0.$(printf %02d $((RANDOM % 30 + 5)))"
    for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null && kills=$((kills + 1)); done
    wait
done 2>/dev/null
"$GRIMACE" work killed --stale 2 >/dev/null 2>err.txt
check "after $kills kills a worker ends well $(cat err.txt)" [ ! -s err.txt ]
check "with the same bytes" equal sweep killed

# One that sleeps longer than others wait for it: its fold is another's, and what it goes on to write goes nowhere.
check "a run for the sleeper" begun slept cv config.yaml train.epochs=20
check "a worker sleeps in the middle of a fold" asleep_at_work slept "$GRIMACE" work slept --stale 2
"$GRIMACE" work slept --stale 2 >/dev/null 2>err.txt
check "who waits for a sleeper goes on without it $(cat err.txt)" [ ! -s err.txt ]
check "with the same bytes" equal whole slept
find slept -type f -exec sha256sum {} + | sort >before.txt
kill -CONT $sleeper
wait $sleeper
status=$?
check "the sleeper ends well $(tail -n 1 sleeper.txt)" [ $status -eq 0 ]
find slept -type f -exec sha256sum {} + | sort >after.txt
check "and has written nothing" cmp before.txt after.txt
check "its fold is noted as lost" grep -q ',lost$' slept/work.csv

# One whose run is moved away in the middle of a fold: nobody has taken that over.
check "a run to be moved" begun moved cv config.yaml train.epochs=20
check "a worker sleeps in the middle of a fold" asleep_at_work moved "$GRIMACE" work moved
rm -rf elsewhere && mv moved elsewhere
kill -CONT $sleeper
wait $sleeper
check "a run that is moved away ends its worker" [ $? -eq 1 ]
check "which says so" grep -q "^grimace: moved: is not there any more: the folder was moved or removed" sleeper.txt
check "and of nobody else" bash -c '! grep -q "taken over" sleeper.txt'
check "nothing is where it was" [ ! -e moved ]
says "where it is now" 0 "Nothing is left to do in elsewhere" work elsewhere
check "with the same bytes" equal whole elsewhere

# Which command began it, by what it has made.
check "a train that was stopped" begun trained train config.yaml train.epochs=20
says "is no work for several" 2 "trained: was begun by train, .* train with --resume goes on with it" work trained
"$GRIMACE" train config.yaml train.epochs=20 --out trained --resume >/dev/null
check "is gone on with by train" [ $? -eq 0 ]
check "a sweep" begun nameless sweep config.yaml "$sweep"
rm nameless/about.json
says "which nothing says to be one but its settings" 0 "Nothing is left to do in nameless" work nameless
check "with the same bytes" equal sweep nameless
check "a run of a sweep's config" begun unnamed cv config.yaml "$sweep" train.epochs=20
rm unnamed/about.json
says "which nothing says to be none but its splits" 0 "Nothing is left to do in unnamed" work unnamed

# Many at once on little work.
check "a run for many" begun many cv config.yaml train.epochs=1
pids=()
for i in $(seq 32); do
    "$GRIMACE" work many --threads 1 >/dev/null 2>>many.txt &
    pids+=($!)
done
good=0
for pid in "${pids[@]}"; do wait "$pid" || good=1; done
check "32 workers end well $(head -n 1 many.txt)" [ $good -eq 0 ]
"$GRIMACE" cv config.yaml train.epochs=1 --out few >/dev/null
check "with the same bytes" equal few many

# A disk that is full, and one that cannot be written any more.
if [ "$(id -u)" -eq 0 ] && mkdir disk && mount -t tmpfs -o size=4m none disk 2>/dev/null; then
    trap 'umount "$work/disk"; rm -rf "$work"' EXIT
    check "a run on a small disk" begun disk/run cv config.yaml train.epochs=20
    dd if=/dev/zero of=disk/filler bs=4k >/dev/null 2>&1
    says "a full disk" 1 "cannot be written|No space" work disk/run
    mount -o remount,ro disk
    says "a folder that cannot be written" 2 "Read-only" work disk/run
    mount -o remount,rw disk
    rm disk/filler
    says "when there is room again" 0 "Nothing is left" work disk/run
    mkdir other
    "$GRIMACE" cv config.yaml train.epochs=20 --out other/run >/dev/null # paths in config.yaml begin at the run
    check "the bytes are the same" equal other/run disk/run
else
    ok "no small disk can be mounted here: left out"
fi
exit $bad
