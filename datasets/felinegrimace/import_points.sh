#!/bin/bash
# import_points.sh FOLDER [SUFFIX]: prints a manifest of the images below FOLDER that have a file of points beside them, named
# as the image and SUFFIX (.cat, the CAT data set's, when left out). Such a file holds the number of points and then x and y of
# each. A point left of or above the image is left empty, since a manifest has no place for it; what lies beyond the other
# sides is told by `grimace data check`. All files must have the same number of points. Exit status 2: a file has not.
set -eu
folder=${1:?usage: import_points.sh FOLDER [SUFFIX]}
suffix=${2:-.cat}
find "$folder" -type f -name "*$suffix" | LC_ALL=C sort | while IFS= read -r points; do
    image=${points%"$suffix"}
    [ -f "$image" ] && printf '%s\t%s\n' "${image#"$folder"/}" "$(tr -s '[:space:]' ' ' <"$points")"
done | awk -F '\t' '
    function quoted(text) { gsub(/"/, "\"\"", text); return text ~ /[",]/ ? "\"" text "\"" : text }
    {
        n = split($2, number, " ")
        if (n != 2 * number[1] + 1 || (landmarks && landmarks != number[1])) {
            print "import_points.sh: " $1 ": its file of points has not " (landmarks ? landmarks : number[1]) " points" >"/dev/stderr"
            exit 2
        }
        if (!landmarks) {
            landmarks = number[1]
            line = "image"
            for (i = 1; i <= landmarks; i++)
                line = line ",lm" i "_x,lm" i "_y"
            print line
        }
        line = quoted($1)
        for (i = 1; i <= landmarks; i++) {
            x = number[2 * i]
            y = number[2 * i + 1]
            line = line (x < 0 || y < 0 ? ",," : "," x "," y)
        }
        print line
    }'
