#!/bin/bash
# The recipes of docs/architecture.md: an operator, an architecture, a number, a key, a learner, a figure, an explanation method and a
# command are added to a throw-away copy by the patches of tests/recipes, which may add so many files and lines and change none. The
# copy is built and has them everywhere.
set -u
: "${GRIMACE:?the path of the grimace binary}"
top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
build=$(realpath --relative-to="$top" "$(dirname "$GRIMACE")")
. "$top/tests/cli/common.sh"
plain=$GRIMACE

# apply PATCH: adds its new files, and its lines behind the line before them; leaves in $added "FILES LINES PLACES" (new files,
# lines in others, how many others). Fails when a patch takes lines away or its place is not there.
apply() {
    added=$(awk '
        function flush(    text, line, at, n, i) {
            if (file == "") return
            if (new) { print lines >file; close(file); files++; return }
            while ((getline line <file) > 0) { text = text line "\n"; if (line == context && !at) { at = 1; text = text lines "\n" } }
            close(file)
            if (!at || lines == "") { bad = 1; return }
            printf "%s", text >file
            close(file)
            places++
            total += split(lines, part, "\n")
        }
        /^--- / { flush(); new = ($2 == "/dev/null"); file = context = lines = ""; inside = 1; next }
        /^\+\+\+ / { file = substr($2, 3); next }
        inside && /^ / { context = substr($0, 2); next }
        inside && /^\+/ { lines = (lines == "" ? "" : lines "\n") substr($0, 2); next }
        inside && !/^@@/ { bad = 1 }
        END { flush(); print files + 0, total + 0, places + 0; exit bad }' "$1") || added="bad ($added)"
}

mkdir -p "copy/$build" && cp -a "$top"/{Makefile,include,src,kernels,modules,scripts,tests} copy &&
    for part in src kernels tests/support libgrimace.a grimace; do
        [ -e "$top/$build/$part" ] && mkdir -p "$(dirname "copy/$build/$part")" && cp -a "$top/$build/$part" "copy/$build/$part"
    done
cd copy || exit 1
while read -r recipe files lines places; do
    apply "tests/recipes/$recipe.patch"
    if [ "$added" = "$files $lines $places" ]; then
        ok "$recipe: new files, lines and places: $added"
    else
        no "$recipe: new files, lines and places are $added, expected $files $lines $places"
    fi
done <<'COUNTS'
operator 1 1 1
architecture 1 1 1
metric 0 1 1
key 0 2 2
learner 1 1 1
figure 1 1 1
explanation 1 1 1
command 1 1 1
COUNTS
check "every recipe is counted" [ "$(ls tests/recipes/*.patch | wc -l)" = 8 ]

words=()
case $build in *-sanitize*) words+=(SANITIZE=1) ;; esac
case $build in *-clang*) words+=(CC=clang) ;; esac
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES
if make -j2 GRIMACE_INSTALL=no BUILD="$build" "${words[@]}" "$build/grimace" "$build/tests/unit/ops/test_gradients" >../make.txt 2>&1; then
    ok "the copy is built"
else
    no "the copy is not built: $(tail -n 5 ../make.txt)"
fi
GRIMACE=$work/copy/$build/grimace
"$build/tests/unit/ops/test_gradients" >../gradients.txt 2>&1
check "the operator's gradient agrees with differences" [ $? = 0 ]
cd "$work" || exit 1
make_data || no "the data set"
says "the architecture, with the operator" 0 "negate" info --model recipe_net --size 16
says "the key" 0 "recipe_key: 7" config config.yaml
says "the key's range" 2 "train.recipe_key: is 10, expected a whole number from 1 to 9" config config.yaml train.recipe_key=10
says "the key's page" 0 'train.recipe_key.*7.*A number' config --reference
says "the command" 0 "good day" greet
says "the command among all" 0 "greet +says good day" --help
words=(model.backbone=recipe_net train.epochs=1)
says "a run" 0 "rat3 .3/3. is done" cv config.yaml "${words[@]}" --out network
says "a run of the learner" 0 "rat3 .3/3. is done" cv config.yaml "${words[@]}" model.classic=recipe_learner --out learner
check "which is the network's under another name" cmp network/predictions.csv learner/predictions.csv
check "the number in results.json" grep -q '"npv"' network/results.json
check "the number in results.csv" grep -q '^[^a-z]*.*,npv' network/results.csv
says "the figure" 0 "^A line" figure network recipe_line --out line.pdf
says "the figure among all" 0 "^recipe_line +a line" figure network --list
says "the explanation method" 0 "1 image explained by recipe_distance" explain network data/images/rat1_s1_1.png --method recipe_distance --out distance
says "statistics" 0 "24 predictions" stats network --out statistics
check "have its interval" grep -q '"npv"' statistics/statistics.json
says "epochs can be kept by it" 0 "epoch" train config.yaml "${words[@]}" train.keep=best train.keep_metric=val_npv split.validation=0.3 --out kept
says "its models predict" 0 "image,predicted" predict learner --manifest data/manifest.csv
says "the operator's ONNX form" 0 "ONNX opset" export learner --format onnx --out m.onnx
check "is in the file" grep -qa Neg m.onnx
says "and only what the learner says" 2 "is a model of a recipe; --format onnx would be right" export learner --format safetensors --out m.st
GRIMACE=$plain
says "a build without the learner says so" 2 "was made with model.classic recipe_learner" predict learner --manifest data/manifest.csv
exit $bad
