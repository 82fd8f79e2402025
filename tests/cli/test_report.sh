#!/bin/bash
# grimace report from a run to the file: maps of a trained model, every kind of run, the same bytes, bad input.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/epochs: 3/epochs: 1/' config.yaml

# A page loads nothing: every address in it is its own, or data.
alone() { ! grep -oE '(src|href|action|data|poster)="[^"]{0,40}' "$1" | grep -vE '="(data:image/|#)' | grep -q .; }

# ---- a run -------------------------------------------------------------------------------------------------------------------
says "cv ends with the line that makes a page" 0 "^One page of it: grimace report run$" cv config.yaml model.head=painseeker --out run
says "a page" 0 "^Written: run/report.html, [0-9.]+ MB with [0-9]+ figures and 1[0-9] examples$" report run
check "is one file that loads nothing" alone run/report.html
check "has heat maps of attention" grep -q "the heat map of attention over it" run/report.html
check "and says how to read them" grep -q "(attention): where it looked" run/report.html
check "two pictures an example" [ "$(grep -o '<img ' run/report.html | wc -l)" -eq "$((2 * $(grep -c '<figure><div class="pair' run/report.html)))" ]
check "names the run's manifest" grep -q "SHA-256 <code>$(sha256sum data/manifest.csv | cut -d' ' -f1)</code>" run/report.html
check "and its command" grep -q "<pre>grimace cv config.yaml model.head=painseeker --out run</pre>" run/report.html
says "it is not overwritten" 2 "run/report.html: " report run
says "but with --force" 0 "^Written: again.html" report run --out again.html
check "the same bytes" cmp run/report.html again.html
GRIMACE_ISA=generic "$GRIMACE" report run/predictions.csv --out one.html >/dev/null
OMP_NUM_THREADS=1 "$GRIMACE" report run/predictions.csv --out two.html >/dev/null
check "of a table as well" cmp one.html two.html
says "a run goes on with a page in it" 0 "lies in run" cv config.yaml model.head=painseeker --out run --resume

# ---- pictures that are gone ----------------------------------------------------------------------------------------------------
cp -r data away
image=$(sed -n 's/.*<span class="soft"><bdi>\(images[^<]*\)<.*/\1/p' run/report.html | head -n 1)
rm "data/$image"
says "a page without one" 0 "examples$" report run --out missing.html
check "leaves it out and says so" grep -q "1 picture could not be read today and is left out" missing.html
check "and shows the others" [ "$(grep -c '<figure><div class="pair' missing.html)" -eq \
    "$(($(grep -c '<figure><div class="pair' run/report.html) - 1))" ]
rm -r data && mv away data
cp -r run fewer
tested=$(sed -n 's/.*<span class="soft"><bdi>images[^<]*<\/bdi>, <bdi>\([^<]*\)<.*/\1/p' run/report.html | head -n 1)
rm "fewer/fold-$tested/model.safetensors"
says "a page without the model of one fold" 0 "examples$" report fewer --out fewer.html
check "has no map by another one and says so" bash -c \
    "grep -q 'without a map: the model of the fold that tested' fewer.html && grep -q 'class=\"pair one\"' fewer.html"
rm fewer/fold-*/model.safetensors
says "a page without models" 0 "examples$" report fewer --out plain.html
check "has pictures alone and says so" bash -c "grep -q 'There are no heat maps: ' plain.html && ! grep -q 'class=\"pair\"' plain.html"

# ---- every kind ----------------------------------------------------------------------------------------------------------------
kind() { # NAME PATTERN WORDS...: a run by grimace WORDS has a page that matches
    local name=$1 pattern=$2
    shift 2
    "$GRIMACE" "$@" --out "$name" >/dev/null 2>err.txt || no "$name: $(head -c 300 err.txt)"
    says "a page of $name" 0 "^Written: $name/report.html" report "$name"
    check "$name says $pattern" grep -qE -- "$pattern" "$name/report.html"
    check "$name loads nothing" alone "$name/report.html"
}
units='data.labels=[au_ear, au_orbital]'
kind scores "Furthest too high" cv config.yaml task=scores data.label=score
kind ordinal "Mean distance in classes" cv config.yaml task=ordinal data.label=score
kind columns "Most columns wrong" cv config.yaml "$units" 'data.classes=["0", "1", "2"]'
kind totals "The total of all columns|Mean absolute error" cv config.yaml task=scores "$units"
kind marks "Landmarks, all images together" cv config.yaml model.head=landmarks 'model.mlp={pool: flatten, hidden: [8]}' \
    'data.train_transforms=[{resize: 16}]'
kind svm "the heat map of occlusion" cv config.yaml model.classic=lbp_svm model.lbp.grid=2
kind grad "the heat map of gradcam" train config.yaml
kind labels "A model for each label" cv config.yaml 'experiment.labels=[au_ear, au_orbital]' 'experiment.classes=["0", "1", "2"]'
kind cross "Trained on one value, tested on each" cv config.yaml experiment.cross=session split.scheme=group_kfold split.folds=3
kind sweep "is a lucky one, too" sweep config.yaml 'sweep=[{key: optimizer.lr, values: [0.001, 0.01]}]'
says "a setting's page" 0 "^Written: sweep/setting-001/report.html" report sweep/setting-001
"$GRIMACE" stats grad --by session --out numbers >/dev/null
says "a page of statistics" 0 "^Written: numbers/report.html" report numbers
check "by a column" grep -q "By <bdi>session</bdi>" numbers/report.html
"$GRIMACE" evaluate run --manifest data/manifest.csv --out judged >/dev/null
says "a page of an evaluation" 0 "^Written: judged/report.html" report judged
check "says whose models they are" grep -q "The 3 models of a finished run, <bdi>tiny</bdi>, were evaluated on 24 images of 3 animals" judged/report.html
check "has intervals by animal" grep -q "the jackknife on the logit scale, which leaves out one animal of 3 at a time" judged/report.html
check "loads nothing" alone judged/report.html
"$GRIMACE" evaluate marks --manifest data/manifest.csv --out places >/dev/null
says "a page of an evaluation of landmarks" 0 "^Written: places/report.html" report places
check "has their error" grep -q "Error in pixels" places/report.html
cp -r svm warned && rm warned/report.html && echo 'fold rat1: <all> alike' >warned/warnings.txt
says "a page of a run with warnings" 0 "^Written: warned/report.html" report warned
check "has them first" bash -c "grep -A 1 '<ul class=\"remarks\">' warned/report.html | grep -qx '<li>fold rat1: &lt;all&gt; alike</li>'"
says "several runs" 0 "^Written: both.html" report run svm sweep --out both.html
check "have their tests" grep -q "McNemar, exact" both.html
check "or the reason" grep -q "They cannot be compared" both.html
cp -r run "a run's \"<b>&copy;"
says "a folder with a name of markup" 0 "^Written" report "a run's \"<b>&copy;" --out named.html
check "is no markup" bash -c "! grep -q '<b>&copy' named.html"

# ---- bad input -----------------------------------------------------------------------------------------------------------------
says "nothing named" 2 "report: no run is named; usage: " report
says "no run" 2 "nowhere: is not there" report nowhere
says "a folder of pictures" 2 "data: holds no run" report data
mkdir half && cp run/config.yaml half
says "an unfinished run" 2 "half: is not finished: it has no predictions.csv" report half
cp run/results.json half
says "predictions that are gone" 2 "half: its predictions.csv is not there any more" report half
says "one bad run of two" 2 "half: " report run half --out none.html
says "no folder for the page" 2 "none/page.html: " report run --out none/page.html
says "a folder in its place" 2 "data: " report run --out data --force
cut -d, -f1-3 data/manifest.csv >table.csv
says "a table of something else" 2 "table.csv:1: is no table of a run's predictions" report table.csv --out none.html
check "nothing is left" [ ! -e none.html ]
exit $bad
