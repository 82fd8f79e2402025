#!/usr/bin/env bash
# man.sh GRIMACE DIR: writes the manual pages grimace.1 and grimace-COMMAND.1 (grimace-data-check.1) into DIR, made from what
# `grimace --help` and `grimace COMMAND --help` print, so that there is one text only.
set -eu
grimace=$1 out=$2
version=$("$grimace" --version)

# The names and summaries below the usage lines of a help text that lists commands: "  NAME   SUMMARY".
listed() { awk '/^  [a-z]/ { name = $1; sub(/^  [^ ]+ +/, ""); print name "\t" $0 }'; }

# page NAME SUMMARY: one page from the help text on stdin.
page() {
    awk -v name="$1" -v summary="$2" -v version="$version" '
        function text(line) { # what troff would take for its own is escaped
            gsub(/\\/, "\\e", line)
            gsub(/-/, "\\-", line)
            gsub(/'\''/, "\\(aq", line)
            gsub(/`/, "\\(ga", line)
            gsub(/\^/, "\\(ha", line)
            gsub(/~/, "\\(ti", line)
            sub(/^\./, "\\\\\\&.", line)
            return line
        }
        function section(title) { print ".SH " title }
        BEGIN {
            title = toupper(name)
            gsub(/-/, "\\-", title)
            print ".TH \"" title "\" 1 \"\" \"" text(version) "\" \"grimace\""
            section("NAME")
            print text(name) " \\- " text(summary)
            section("SYNOPSIS")
            print ".nf"
            usage = 1
        }
        usage && /^$/ { usage = 0; print ".fi"; section("DESCRIPTION"); new = ""; next }
        usage { sub(/^usage: /, ""); sub(/^       /, ""); print text($0); next }
        /^$/ { new = ".PP"; next }
        # An option or a command: what stands before two blanks, then what it means; deeper lines go on with it.
        /^ / {
            line = $0
            match(line, /^ +/)
            if (RLENGTH <= 6 && match(line, /[^ ]  +[^ ]/)) {
                print ".TP"
                tag = substr(line, 1, RSTART)
                sub(/^ +/, "", tag)
                print ".B " text(tag)
                line = substr(line, RSTART + RLENGTH - 1)
            } else if (sub(/^  - /, "", line))
                print ".IP \\(bu 2"
            else if (match(line, /^  [a-z0-9]+: /)) { # a word that may be given, and what it is
                print ".TP"
                print ".B " text(substr(line, 3, RLENGTH - 4))
                line = substr(line, RLENGTH + 1)
            }
            sub(/^ +/, "", line)
            print text(line)
            new = ".PP"
            next
        }
        { if (new != "") print new; new = ""; print text($0) }
        END {
            section("SEE ALSO")
            parent = name
            if (sub(/-[^-]*$/, "", parent))
                print text(parent) "(1)"
            else
                print "grimace COMMAND \\-\\-help, and a page for each command:"
        }'
}

mkdir -p "$out"
"$grimace" --help | page grimace "trains, cross-validates and applies facial-pain models" >"$out/grimace.1"
also=$out/grimace.1
"$grimace" --help | listed | while IFS=$'\t' read -r command summary; do
    "$grimace" "$command" --help | page "grimace-$command" "$summary" >"$out/grimace-$command.1"
    echo ".BR grimace\\-$command (1)" >>"$also"
    # A command of commands lists them as grimace does.
    "$grimace" "$command" --help | grep -q '^usage: grimace [a-z]* COMMAND' || continue
    "$grimace" "$command" --help | listed | while IFS=$'\t' read -r below meaning; do
        "$grimace" "$command" "$below" --help | page "grimace-$command-$below" "$meaning" >"$out/grimace-$command-$below.1"
        echo ".BR grimace\\-$command\\-$below (1)" >>"$also"
    done
done
