#!/bin/bash
# Memory comes from src/base/memory.c alone; only src/cli ends the program or writes to the terminal.
cd "$(dirname "$0")/../.." || exit 1
mapfile -t code < <(find include src kernels modules -name '*.[ch]' | LC_ALL=C sort)
door() { # pattern, files that may, sentence
    grep -nE "$1" "${code[@]}" | grep -vE "^($2)" | grep -vE '^[^:]+:[0-9]+: *(/\*|\*|//)' | sed "s|\$|: $3|"
}
door '(^|[^a-z_0-9.>])(malloc|calloc|realloc|aligned_alloc|posix_memalign)\(' 'src/base/memory\.c:' \
    'memory comes from gr_alloc and its kin'
# child processes end themselves: folds side by side, and the one that runs libhdf5
door '(^|[^a-z_0-9.>])(exit|_exit|abort)\(' 'src/cli/|src/run/one/jobs\.c:|src/formats/hdf5\.c:' 'only src/cli ends the program'
door '(^|[^a-z_0-9.>])(printf|puts|putchar|perror)\(|\bstderr\b|\bstdout\b' 'src/cli/' 'only src/cli writes to the terminal'
