#!/bin/bash
# What `make install` puts in place and `make uninstall` takes away: manual pages, completion, the shared library; and what must
# be the same in several files: the version, the packages.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
build=$(dirname "$GRIMACE")
packages=$(sed -n 's/^PACKAGES = //p' "$root/Makefile")
mkdir home && echo mine >home/mine.txt && mkdir -p home/.local/share/man && echo mine >home/.local/share/man/mine.txt
prefix=$work/home/.local
installs() { bash "$root/scripts/install.sh" "$build" "" "$prefix" "$packages" >out.txt; }
check "installed below a home" installs

# ---- the version -----------------------------------------------------------------------------------------------------------

version=$(sed -n 's/^#define GRIMACE_VERSION "\(.*\)"/\1/p' "$root/include/grimace/base.h")
says "info prints the version" 0 "^grimace +$version\$" info
says "--version prints it" 0 "^grimace $version\$" --version
check "CITATION.cff has it" grep -qx "version: $version" "$root/CITATION.cff"
check "the newest of CHANGELOG.md is it" [ "$(sed -n 's/^## \([0-9.]*\).*/\1/p' "$root/CHANGELOG.md" | head -n 1)" = "$version" ]
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
check "pkg-config knows it" [ "$(pkg-config --modversion grimace)" = "$version" ]

# ---- manual pages ------------------------------------------------------------------------------------------------------------

commands=$(
    "$GRIMACE" complete -- "" | cut -f1 | grep -v '^-'
    "$GRIMACE" complete -- data "" | cut -f1 | grep -v '^-' | sed 's/^/data-/'
)
missing=
for command in $commands; do
    grep -q '^.SH DESCRIPTION' "$prefix/share/man/man1/grimace-$command.1" 2>/dev/null || missing="$missing $command"
done
check "a page for each command:$missing" [ -z "$missing" ]
check "and no others" [ "$(ls "$prefix/share/man/man1" | wc -l)" -eq $(($(wc -w <<<"$commands") + 1)) ]
check "options stand in them" grep -qx '\.B \\-\\-resume' "$prefix/share/man/man1/grimace-cv.1"
check "so do lists" [ "$(grep -c '^\.IP' "$prefix/share/man/man1/grimace-new.1")" -eq 3 ]
check "and formats" grep -qx '\.B coco' "$prefix/share/man/man1/grimace-data-import.1"
if command -v man >/dev/null; then
    for page in "$prefix"/share/man/man1/*; do man --warnings -l "$page" >/dev/null; done 2>warnings.txt
    check "man reads them: $(head -n 1 warnings.txt)" [ ! -s warnings.txt ]
fi

# ---- completion --------------------------------------------------------------------------------------------------------------

# completes NAME "CANDIDATES" WORD...: the candidates of the last word, in their order.
completes() {
    local name=$1 expected=$2 got
    shift 2
    got=$("$GRIMACE" complete -- "$@" | cut -f1 | tr '\n' ' ')
    check "$name: $got" [ "$got" = "$expected " ]
}
completes "commands" "config" conf
completes "commands of data" "split stats synth" data s
completes "options" "--resume" cv --r
completes "an option's values" "safetensors onnx keras libsvm opencv" export RUN --format ""
completes "values of both ways to use it" "painseeker felinegrimace blackmice mean median majority" data label t.csv --scheme ""
completes "values that do not repeat" "ratspain mini" data synth --preset ""
completes "a word that comes first" "paths" data import p
completes "formats, too" "coco cvat cat catflw" data import c
completes "keys" "train.batch_size=" cv config.yaml train.ba
completes "a key's values" "split.scheme=group_kfold" cv config.yaml split.scheme=gr
completes "networks" "model.backbone=vgg16" cv config.yaml model.backbone=v
completes "keys of one section" "evaluate.confidence=" stats RUN evaluate.co
check "files where it knows nothing" [ -z "$("$GRIMACE" complete -- cv "")$("$GRIMACE" complete -- cv c.yaml --out "")" ]

# What a help text offers, its command takes.
unknown=
for command in $commands; do
    words=${command/-/ }
    # shellcheck disable=SC2086 # data check is two words
    for option in $("$GRIMACE" complete -- $words -- | cut -f1); do
        "$GRIMACE" $words "$option" 2>&1 >out.txt </dev/null | grep -q 'unknown option' && unknown="$unknown $command$option"
    done
done
check "no option is offered that is not taken:$unknown" [ -z "$unknown" ]

in_bash() { # LINE: what bash makes of it
    bash -c '. "$1"; compopt() { :; }; COMP_LINE=$2 COMP_POINT=${#2}; _grimace; echo "${COMPREPLY[*]}"' - \
        "$prefix/share/bash-completion/completions/grimace" "$1"
}
check "bash: commands" [ "$(in_bash "$prefix/bin/grimace sw")" = sweep ]
check "bash: behind the equals sign" [ "$(in_bash "$prefix/bin/grimace cv c.yaml split.shuffle=t")" = true ]
command -v zsh >/dev/null && check "zsh reads its file" zsh -n "$prefix/share/zsh/site-functions/_grimace"
command -v fish >/dev/null && check "fish reads its file" fish -n "$prefix/share/fish/vendor_completions.d/grimace.fish"

# ---- the shared library --------------------------------------------------------------------------------------------------------

shown=$(nm -D --defined-only "$prefix/lib/libgrimace.so" | awk '$2 == "T" { print $3 }')
hidden=
for name in $shown; do
    grep -qE "\b$name\(" "$prefix"/include/grimace/*.h || hidden="$hidden $name"
done
check "it shows public functions alone:$hidden" [ -z "$hidden" ]
check "it shows them" [ "$(grep -cxE 'gr_fail|gr_graph_create|gr_plan_compile|gr_text_printf' <<<"$shown")" -eq 4 ]
LC_ALL=C readelf -d "$prefix/lib/libgrimace.so" >dynamic.txt
check "its name has the major version" grep -q "soname: \[libgrimace.so.${version%%.*}\]" dynamic.txt

# ---- packages and leaving -------------------------------------------------------------------------------------------------------

lacking=
# shellcheck disable=SC2086 # one word a package
for package in $(bash "$root/scripts/need.sh" --names $packages libsvm); do
    grep -qE "^ +$package,?\$" "$root/debian/control" || lacking="$lacking $package"
done
check "debian/control asks for what the Makefile needs:$lacking" [ -z "$lacking" ]

check "removed" bash "$root/scripts/install.sh" --remove "" "$prefix"
left=$(find home -type f | LC_ALL=C sort | tr '\n' ' ')
check "what is left: $left" [ "$left" = "home/.local/share/man/mine.txt home/mine.txt " ]
check "no empty folders" [ -z "$(find home -mindepth 2 -type d -empty)" ]
exit $bad
