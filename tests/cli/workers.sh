# What the tests of workers share; source it before common.sh, which leaves the folder.
files='! -name about.json ! -name work.csv ! -name metrics.jsonl'

# equal A B: all files of two folders but those that tell the time are the same bytes.
equal() {
    local list left
    # shellcheck disable=SC2086
    list=$(cd "$1" && find . -type f $files | sort)
    left=$(find "$2" -name 'crew*' -o -name '*.tmp-*')
    [ -z "$left" ] || { echo "of the sharing is left: $left"; return 1; }
    # shellcheck disable=SC2086
    diff <(echo "$list") <(cd "$2" && find . -type f $files | sort) || return 1
    for file in $list; do
        case $file in */checkpoint) continue ;; esac # holds seconds
        cmp -s "$1/$file" "$2/$file" || { echo "$file differs"; return 1; }
    done
}

# begun RUN WORDS...: a run or sweep that was begun and killed at its first checkpoint, so that nobody is at work on it.
begun() { cut_off KILL "$1" '*/checkpoint' "${@:2}"; }

# holds RUN PID: the worker is in the middle of a fold of RUN.
holds() {
    local claim
    for claim in "$1"/crew/claims/??.*; do
        case $(readlink "$claim") in */crew/workers/"$2"-*) [ -L "${claim%.*}.done" ] || return 0 ;; esac
    done
    return 1
}

# asleep_at_work RUN COMMAND...: COMMAND, a worker on RUN, is put to sleep in the middle of a fold; its number is in $sleeper. One that did
# all there was to do before is none: RUN was copied to RUN.before, and is begun from there again.
asleep_at_work() {
    local run=$1
    shift
    cp -a "$run" "$run.before"
    for _ in $(seq 100); do
        "$@" >sleeper.txt 2>&1 &
        sleeper=$!
        comes eval "holds '$run' $sleeper || ! kill -0 $sleeper"
        kill -STOP $sleeper 2>/dev/null
        comes eval "grep -q '^State:.T' /proc/$sleeper/status || ! kill -0 $sleeper"
        holds "$run" $sleeper && break
        kill -9 $sleeper 2>/dev/null
        { wait $sleeper; } 2>/dev/null
        rm -rf "${run:?}" && cp -a "$run.before" "$run"
    done
    rm -rf "${run:?}.before"
    holds "$run" $sleeper
}

# workers N RUN: that many at once. good: 0 if all ended well; what each said on stderr is in err1, err2 ...
workers() {
    local pids=() pid i
    for i in $(seq "$1"); do
        "$GRIMACE" work "$2" --threads 1 >/dev/null 2>"err$i" &
        pids+=($!)
    done
    good=0
    for pid in "${pids[@]}"; do wait "$pid" || good=1; done
}
