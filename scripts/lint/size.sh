#!/bin/bash
# No source file above 500 lines: long.txt lists those that are, with the lines that each may have at most; the list is to shrink.
cd "$(dirname "$0")/../.." || exit 1
mapfile -t sources < <(find include src kernels modules tests bench -name '*.[ch]' | LC_ALL=C sort)
wc -l "${sources[@]}" | awk '
    FNR == NR { if ($1 !~ /^#/ && NF == 2) most[$2] = $1; next }
    $2 == "total" { next }
    $2 in most && $1 > most[$2] { print $2 ": " $1 " lines, at most " most[$2] " by scripts/lint/long.txt" }
    $2 in most && $1 <= 500 { print $2 ": " $1 " lines: its row in scripts/lint/long.txt can go" }
    !($2 in most) && $1 > 500 { print $2 ": " $1 " lines, at most 500" }
    { there[$2] = 1 }
    END { for (file in most) if (!(file in there)) print file ": is not there, but in scripts/lint/long.txt" }' scripts/lint/long.txt -
awk 'length($0) > 132 { print FILENAME ":" FNR ": " length($0) " columns, at most 132" }' "${sources[@]}"
