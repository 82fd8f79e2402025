#!/bin/bash
# Nothing is left for later, no path of one machine.
cd "$(dirname "$0")/../.." || exit 1
mapfile -t texts < <(find . -path './.git' -prune -o -path './build*' -prune -o -path './runs' -prune -o -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.py' -o -name '*.md' -o -name '*.yaml' -o -name Makefile \
    -o -path './.ci/*' \) -print | LC_ALL=C sort)
later='TO''DO|FIX''ME|HA''CK|XX''X'
grep -nE "\b($later)\b" "${texts[@]}" | sed 's/$/: nothing is left for later/'
grep -nE '(^|[^A-Za-z0-9_.])/(work|home|root|mnt|opt|Users)/' "${texts[@]}" | sed 's/$/: a path of one machine/'
