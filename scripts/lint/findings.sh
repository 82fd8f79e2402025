#!/bin/bash
# findings/: each script is bash that says what it is about, pins what it installs, compares what it sees with what it describes,
# runs nothing of grimace, names no host, and has its row in findings/README.md; and each row its script.
cd "$(dirname "$0")/../.." || exit 1
for script in findings/*.sh; do
    name=$(basename "$script")
    bash -n "$script" 2>/dev/null || echo "$script: is no bash"
    [ "$name" = common.sh ] && continue
    grep -q "^| \`$name\` |" findings/README.md || echo "$script: has no row in findings/README.md"
    sed -n 2p "$script" | grep -q '^# ' || echo "$script: does not begin by saying what it is about"
    grep -q '^seen ' "$script" || echo "$script: compares nothing: seen DESCRIBED SEEN would be right"
    grep -nE '^ *with [^:]*$' "$script" | grep -E ' [A-Za-z0-9_-]+( |$)' | sed "s|^|$script:|; s|\$|: installs what has no version|"
    grep -nE 'GRIMACE\b|\bgrimace (data|train|cv|predict)|build/grimace' "$script" | sed "s|^|$script:|; s|\$|: runs grimace|"
done
grep -nE 'https?://|index-url|\b[a-z0-9-]+\.(org|io|com|net)/' findings/*.sh | sed 's/$/: names a host/'
sed -n 's/^| `\([a-z0-9_]*\.sh\)` |.*/\1/p' findings/README.md | while read -r name; do
    [ -e "findings/$name" ] || echo "findings/README.md: findings/$name is not there"
done
