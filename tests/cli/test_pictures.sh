#!/bin/bash
# Pictures as people have them: endings, links, files of other kinds among them, and what check and predict say of a picture that
# is not read.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
mapfile -t faces < <(find data/images -name '*.png' | sort)

# Every ending that readers read, in any case; a class folder that is a link; what is left out is said.
mkdir -p set/rat1/pain set/rat2/pain set/rat2/no_pain store
n=0
for name in rat1/pain/a.jfif rat1/pain/b.jpe rat1/pain/c.JPEG rat1/pain/d.PNG rat2/pain/e.webp rat2/pain/f.TIF rat2/no_pain/g.tiff; do
    cp "${faces[n++]}" "set/$name" # by name alone; the content is a PNG's
done
cp "${faces[n]}" store/h.jpg
ln -s ../../store set/rat1/no_pain
ln -s .. set/rat2/pain/circle
touch set/notes.txt set/rat1/pain/x.heic set/rat1/pain/y.HEIC set/README
says "ratspain takes all endings" 0 "^m.csv: 8 images of 2 animals, 6 of them with pain" data import ratspain set --out m.csv
check "it says what it left out" grep -qE '^notice: left out: 2 \.heic \(a HEIC file is not read; this makes a PNG of it: mogrify -auto-orient -format png set/rat1/pain/[xy]\.(heic|HEIC) \(Debian.s package imagemagick\)\), 1 without ending, 1 \.txt, 1 link to what is in it already$' out.txt
check "a linked folder is followed" grep -qx 'set/rat1/no_pain/h.jpg,rat1,0' m.csv
says "paths takes them too" 0 "^notice: left out: 2 \.heic" data import paths set --path '{animal}/{pain}/*' --out p.csv
check "the same pictures" [ "$(wc -l <p.csv)" -eq 9 ]
says "data check reads them" 0 "8 images" data check config.yaml data.manifest=m.csv
rm set/notes.txt set/README set/rat1/pain/?.heic set/rat1/pain/?.HEIC set/rat2/pain/circle
"$GRIMACE" data import ratspain set --out m.csv --force >out.txt
check "nothing left out is not spoken of" [ "$(grep -c 'left out' out.txt)" -eq 0 ]
mkdir phone && touch phone/a.heic
says "only pictures of another kind" 2 "phone: there is no picture in it.*only 1 .heic \(a HEIC file is not read; this makes a PNG" data import paths phone --path '*' --out refused.csv

# By its bytes, whatever its name.
printf '\0\0\0\x18ftypheic\0\0\0\0mif1heic' >data/images/phone.jpg
printf 'BM\0\0\0\0\0\0\0\0\0\0' >"data/images/old camera.png"
{ cat data/manifest.csv; awk -F, -v OFS=, 'NR == 2 { $1 = "images/phone.jpg"; print; $1 = "images/old camera.png"; print }' data/manifest.csv; } >data/more.csv
says "data check counts them" 2 "images/phone.jpg: is a HEIC file, .*mogrify .*/data/images/phone.jpg .*the first of 2 errors" data check config.yaml data.manifest=data/more.csv
check "and names each" grep -q "old camera.png: is a BMP file, a PNG, JPEG, WebP or TIFF image would be right; this makes one: mogrify -auto-orient -format png '.*/data/images/old camera.png' (Debian's package imagemagick)" out.txt

# A PNG that is damaged: data check, which makes no pixels, says what the decoder says.
face=data/${faces[0]#data/}
size=$(stat -c %s "$face")
head -c 300 "$face" >data/images/cut.png
head -c $((size - 12)) "$face" >data/images/endless.png
{ head -c 200 "$face"; printf '\x5a\xa5'; tail -c +203 "$face"; } >data/images/changed.png
{ echo image; for name in cut endless changed; do echo "images/$name.png"; done; } >data/damaged.csv
says "damaged PNGs" 2 "damaged.csv:2: image: .*cut.png: is a PNG that ends early, after 300 bytes.* \(the first of 3 errors" data check data/damaged.csv
check "without an end" grep -q "damaged.csv:3: image: .*endless.png: is a PNG that ends early, after $((size - 12)) bytes" out.txt
check "with other bytes" grep -qE "damaged.csv:4: image: .*changed.png: is a damaged PNG \(" out.txt
exit $bad
