#!/bin/bash
# Runs the test programs given as arguments, then the command line's scripts against $GRIMACE (the binary), one after the
# other, unless $GRIMACE is empty. Each program's own lines are shown only when something in it failed. EMULATOR: what runs the
# programs, where they are another processor's. Last line: "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
passed=0
failed=0
failures=

# Waiting threads sleep soon, as under grimace itself: other programs may run here too.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}

# The counts of one program, from cmocka's lines (which name a failed test twice) or the scripts' "ok" and "FAIL"; one that
# dies without a failed test counts as one.
judge() {
    local name=$1 status=$2 good bad
    good=$(grep -cE '^(\[ +OK \] |ok )' "$log")
    bad=$(grep -E '^(\[  FAILED  \] [A-Za-z_]|FAIL )' "$log" | sort -u | wc -l)
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    # a program that tests nothing, and does not say that a library is not here
    [ "$status" -eq 0 ] && [ "$good" -eq 0 ] && ! grep -qE '^(\[  SKIPPED \] |skipped: )' "$log" && bad=1
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$bad" -gt 0 ]; then
        failures="$failures $name"
        cat "$log"
        echo "FAILED  $name (exit status $status)"
    else
        printf 'ok  %-48s %4d tests\n' "$name" "$good"
    fi
}

for program in "$@"; do
    ${EMULATOR:-} "$program" >"$log" 2>&1
    judge "$program" $?
done
for script in ${GRIMACE:+tests/cli/test_*.sh}; do
    bash "$script" >"$log" 2>&1
    judge "$script" $?
done
[ -n "$failures" ] && echo "failed in:$failures"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
