# What the scripts of this folder share; each reads it from its first line on. It ends with 0 where the software still does what the
# script describes, 1 where it does something else, 2 where it could not be had.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2

# with PACKAGE==VERSION...: a Python of its own with exactly these.
with() {
    python3 -m venv python >log 2>&1 && python/bin/pip install --no-cache-dir --quiet "$@" >>log 2>&1 && return
    tail -n 3 log
    echo "could not be installed: $*"
    exit 2
}

# seen EXPECTED SEEN: compares both, prints them, and ends.
seen() {
    printf 'described: %s\nseen:      %s\n' "$1" "$2"
    [ "$1" = "$2" ] && { echo "as described"; exit 0; }
    echo "CHANGED: this script no longer describes what the software does"
    exit 1
}
