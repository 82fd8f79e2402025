# What the tests of workers share; source it before common.sh, which leaves the folder.
files='! -name about.json ! -name work.csv ! -name metrics.jsonl'

# equal A B: all files of two folders but those that tell the time are the same bytes.
equal() {
    local list
    # shellcheck disable=SC2086
    list=$(cd "$1" && find . -type f $files | sort)
    # shellcheck disable=SC2086
    diff <(echo "$list") <(cd "$2" && find . -type f $files | sort) || return 1
    [ -z "$(find "$2" -name 'crew*' -o -name '*.tmp-*')" ] || { echo "something of the sharing is left"; return 1; }
    for file in $list; do
        case $file in */checkpoint) continue ;; esac # holds seconds
        cmp -s "$1/$file" "$2/$file" || { echo "$file differs"; return 1; }
    done
}

# begun RUN WORDS...: a run or sweep that was begun and killed at its first fold, so that nobody is at work on it.
begun() {
    local run=$1 pid
    shift
    "$GRIMACE" "$@" --out "$run" >/dev/null 2>&1 &
    pid=$!
    for _ in $(seq 2000); do
        find "$run" -name checkpoint 2>/dev/null | grep -q . && break
        sleep 0.01
    done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ -e "$run/config.yaml" ]
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
