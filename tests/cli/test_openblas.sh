#!/bin/bash
# What a network learns and says does not hang on the kernels that OpenBLAS picks for a processor.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_data || no "data"
machine=$(uname -m)
if [ "$machine" = x86_64 ]; then types="Prescott"; else types="ARMV8 CORTEXA57"; fi
grep -qw avx /proc/cpuinfo && types="$types Sandybridge" # what the processor lacks, OpenBLAS runs all the same
grep -qw avx2 /proc/cpuinfo && types="$types Haswell SkylakeX"
for head in linear painseeker; do
    for type in $types; do
        OPENBLAS_CORETYPE=$type "$GRIMACE" cv config.yaml model.head=$head --out $head-$type >/dev/null || no "a run, $type"
        first=$head-${types%% *}
        check "$head, $type: the same model" cmp $first/fold-rat1/model.safetensors $head-$type/fold-rat1/model.safetensors
        check "$head, $type: the same predictions" cmp $first/predictions.csv $head-$type/predictions.csv
    done
done
exit $bad
