#!/bin/bash
# Figures from the command line: of a real run in every format, of tables with names that would break a page, and what is refused.
page=$(realpath "$(dirname "$0")/../../docs/figures.md")
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
"$GRIMACE" cv config.yaml train.epochs=2 split.validation=0.2 --out run >/dev/null || { no "cv"; exit 1; }
before=$(find run -type f -exec sha256sum {} + | sort)

# well_formed FILE.svg
well_formed() {
    if command -v xmllint >/dev/null; then xmllint --noout "$1"; else python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$1"; fi
}
# embedded FILE.pdf: all of its fonts are in it (where there is a program that tells).
embedded() {
    command -v pdffonts >/dev/null || return 0
    pdffonts "$1" | awk 'NR > 2 { n++; emb += / yes yes (yes|no) +[0-9]+ +0$/ || / yes (yes|no) (yes|no) +[0-9]+ +0$/ } END { exit !(n > 0 && emb == n) }'
}

says "what a run can show" 0 "^roc +sensitivity against" figure run --list
check "and what it cannot, and why" grep -qE "^scores +the predictions are of classes" out.txt
for name in $(grep -oE '^[a-z_]+ ' out.txt); do
    check "docs/figures.md has $name" grep -q "^| \`$name\` |" "$page"
done
shown=$(sed '/^$/,$d' out.txt | cut -d' ' -f1)
check "seven at least" [ "$(wc -w <<<"$shown")" -ge 7 ]
mkdir f
for name in $shown; do
    for format in svg pdf png; do
        says "$name as $format" 0 "^Written: f/$name.$format" figure run "$name" --out "f/$name.$format"
        "$GRIMACE" figure run "$name" --out "f/again.$format" --force >/dev/null
        check "$name as $format is the same again" cmp "f/$name.$format" "f/again.$format"
    done
    check "$name is well-formed" well_formed "f/$name.svg"
    check "$name has a text alternative" grep -q "<desc" "f/$name.svg"
    check "the fonts of $name are embedded" embedded "f/$name.pdf"
    if command -v pdftoppm >/dev/null; then
        pdftoppm -r 30 "f/$name.pdf" f/page && check "$name has one page" [ "$(find f -name 'page*.ppm' | wc -l)" -eq 1 ]
        rm -f f/page*.ppm
    fi
done
check "a PNG of 85 mm at 300 dpi is 1004 pixels wide" [ "$(od -An -tu1 -j16 -N4 f/roc.png | awk '{ print $3 * 256 + $4 }')" -eq 1004 ]

says "the default place" 0 "^Written: run/figures/roc.svg" figure run roc
says "is written again" 0 "^Written: run/figures/roc.svg" figure run roc --width 170 --height 80
check "as wide as asked" grep -q 'width="170mm" height="80mm"' run/figures/roc.svg
says "all at once" 0 "^all/roc.pdf: ROC curve" figure run --all --format pdf --out all
check "with their numbers" [ "$(find all -name '*.csv' | wc -l)" -eq "$(find all -name '*.pdf' | wc -l)" ]
says "a table of numbers" 0 "roc.svg and numbers.csv" figure run roc --out f/roc.svg --table numbers.csv --force
check "has its columns" [ "$(head -n 1 numbers.csv)" = "class,false_positive_rate,sensitivity,low,high" ]
check "the run's own files stay" [ "$before" = "$(find run -type f ! -path '*/figures/*' -exec sha256sum {} + | sort)" ]

# A table alone, with names from hell: in an SVG they are text.
long=$(printf 'x%.0s' $(seq 300))
cat >evil.csv <<CSV
image,"r<a>t",fold,label,predicted,p_<script>alert(1)</script>,"p_a & ""b""'",p_$long
1,"<img src=x onerror=alert(2)>",1,<script>alert(1)</script>,<script>alert(1)</script>,0.8,0.1,0.1
2,"<img src=x onerror=alert(2)>",1,"a & ""b""'","a & ""b""'",0.1,0.8,0.1
3,"two
lines",1,$long,<script>alert(1)</script>,0.6,0.2,0.2
4,中文 ‮x,1,$long,$long,0.1,0.2,0.7
CSV
says "names from hell" 0 "evil/confusion.svg" figure evil.csv --all --out evil
for file in evil/*.svg; do
    check "$file is well-formed" well_formed "$file"
    check "$file has no element of theirs" bash -c "! grep -qE '<(script|img)' '$file'"
done
says "and as PDF" 0 "evil/animals.pdf" figure evil.csv --all --format pdf --out evil --force

# Other tasks.
"$GRIMACE" cv config.yaml train.epochs=1 task=scores data.label=score --out scores >/dev/null || no "cv of scores"
says "figures of scores" 0 "^bland_altman" figure scores --list
says "the line" 0 "predicted = " figure scores scores --out s.svg
says "no ROC curve of scores" 2 "scores: cannot show roc: the predictions are of scores" figure scores roc --out s.png
"$GRIMACE" cv config.yaml train.epochs=1 model.head=landmarks data.image.size=32 'data.train_transforms=[{resize: 32}]' \
    --out points >out.txt 2>&1 || no "cv of landmarks: $(tail -n 1 out.txt)"
says "landmarks have learning curves" 0 "^learning" figure points --list
"$GRIMACE" figure points --list | sed '1,/^Not of this run/d' | cut -c 15- >reasons.txt
check "why not is said once" bash -c 'grep -q "^as " reasons.txt && [ -z "$(grep -v "^as " reasons.txt | sort | uniq -d)" ]'
says "and no confusion matrix" 2 "cannot show confusion: .*landmarks" figure points confusion

# A run that was stopped in its first epochs: learning curves as far as they go.
mkdir -p young/fold-1
cp run/config.yaml young/
cp run/fold-rat1/metrics.jsonl young/fold-1/
says "a run under way learns" 0 "Loss of 1 fold" figure young learning --out y.svg
says "and has no predictions" 2 "young: cannot show roc: there is no predictions.csv" figure young roc

# What is refused, with nothing written.
says "no run" 2 "figure: a run and a figure's name would be right" figure
says "no name" 2 "figure RUN --list names them" figure run
says "an unknown name" 2 "there is no figure \"rok\"; \"roc\" is one; there are learning, roc" figure run rok
says "a wrong ending" 2 "\"x.jpg\" ends in none of" figure run roc --out x.jpg
says "two formats" 2 "both name a format" figure run roc --out x.svg --format pdf
says "an unknown format" 2 "\"gif\" is none of svg" figure run roc --format gif
says "a file that is there" 2 "f/roc.svg" figure run roc --out f/roc.svg
says "a wrong width" 2 "figure: --width: \"wide\"; 10 to 2000 mm" figure run roc --width wide
says "a wrong resolution" 2 "figure: --dpi: \"5\"; 20 to 2400" figure run roc --dpi 5
says "no such run" 2 "absent" figure absent roc
says "a folder that is no run" 2 "f: holds no run" figure f roc
says "a table alone without a place" 2 "figure: --out says where" figure evil.csv roc
says "a height of all" 2 "--height is of one figure" figure run --all --height 50
says "a folder that is not there" 2 "nowhere" figure run roc --out nowhere/x.svg
says "too many pixels" 2 "16384" figure run roc --width 2000 --height 2000 --dpi 2400 --out big.png
says "numbers without a place" 2 "nowhere/x.csv" figure run roc --out x.svg --table nowhere/x.csv
says "one file for both" 2 "--out and --table both name x.svg" figure run roc --out x.svg --table x.svg
mkdir some && touch some/roc.svg
says "all beside one that is there" 2 "some/roc.svg: is there already" figure run --all --out some
check "writes none" [ "$(ls some)" = roc.svg ]
check "nothing is half written" [ -z "$(ls -d x.svg big.png nowhere x.jpg 2>/dev/null)" ]

# Where no font is installed an SVG is drawn, and the others say what to do.
echo '<fontconfig></fontconfig>' >fonts.conf
export FONTCONFIG_FILE=$PWD/fonts.conf
says "an SVG needs no font" 0 "Written: nofont.svg" figure run roc --out nofont.svg
says "a PDF without a font is refused" 1 "no font is installed; apt-get install" figure run roc --out nofont.pdf
check "and not written" [ ! -e nofont.pdf ]
exit $bad
