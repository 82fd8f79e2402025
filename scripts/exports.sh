#!/usr/bin/env bash
# exports.sh HEADER...: the linker's list of what the shared library shows: the functions that the public headers declare, and
# nothing else. A name is what stands before a parenthesis outside of comments; one that is no function of the library is
# no matter to the linker.
set -eu
cat "$@" | awk '
    { # comments of any length are cut out
        line = $0
        kept = ""
        while (line != "") {
            if (inside) {
                end = index(line, "*/")
                if (end == 0)
                    break
                line = substr(line, end + 2)
                inside = 0
            }
            begin = index(line, "/*")
            kept = kept (begin > 0 ? substr(line, 1, begin - 1) : line)
            if (begin == 0)
                break
            line = substr(line, begin + 2)
            inside = 1
        }
        while (match(kept, /gr_[a-z0-9_]+\(/)) {
            names[substr(kept, RSTART, RLENGTH - 1)] = 1
            kept = substr(kept, RSTART + RLENGTH)
        }
    }
    END {
        for (name in names)
            print "        " name ";"
    }' | LC_ALL=C sort | { printf '{\n    global:\n'; cat; printf '    local:\n        *;\n};\n'; }
