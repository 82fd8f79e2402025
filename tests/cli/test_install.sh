#!/bin/bash
# What `make install` puts in place is enough to build on: each header compiles alone, and a C program that sees nothing else trains,
# evaluates and links as pkg-config says.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
build=$(dirname "$GRIMACE")
case $build in "$root"/*) build=${build#"$root/"} ;; esac
install() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL GRIMACE_INSTALL=no make -s -C "$root" install BUILD="$build" DESTDIR="$work/root" PREFIX=/usr
}
check "make install DESTDIR=... PREFIX=/usr" install
check "nothing lies outside of the prefix" [ "$(ls root)" = usr ]
check "the installed program runs" root/usr/bin/grimace --version
if [ -e "$(dirname "$GRIMACE")/grimace-mpi.so" ]; then
    check "the module for MPI lies where it looks" [ -s root/usr/lib/grimace/grimace-mpi.so ]
fi

# As on a machine whose /usr this is: the compiler finds headers and library there, pkg-config says the rest.
pc=$(find root -name grimace.pc | head -n 1)
library=$(find root -name libgrimace.a | head -n 1)
export PKG_CONFIG_PATH="$work/$(dirname "$pc"):${PKG_CONFIG_PATH:-}"
export CPATH="$work/root/usr/include" LIBRARY_PATH="$work/$(dirname "$library")" LD_LIBRARY_PATH="$work/$(dirname "$library")"
check "pkg-config knows it" pkg-config --exists grimace
read -r -a compiler <<<"${CC:-cc} -std=c11 -pedantic -Wall -Wextra -Werror"
# A library built under sanitizers can only be linked with them.
nm "$library" 2>/dev/null | grep -q __asan_init && compiler+=(-fsanitize=address,undefined)

headers=0
for header in root/usr/include/grimace/*.h; do
    headers=$((headers + 1))
    "${compiler[@]}" -fsyntax-only -x c "$header" 2>err.txt || no "$(basename "$header") alone: $(head -n 1 err.txt)"
done
check "$headers headers compile alone" [ "$headers" -ge 30 ]
check "as many as there are in include/" [ "$headers" -eq "$(ls "$root"/include/grimace/*.h | wc -l)" ]

cp "$root/tests/install/uses_grimace.c" .
read -r -a flags <<<"$(pkg-config --cflags --libs grimace)"
"${compiler[@]}" uses_grimace.c -o uses_grimace "${flags[@]}" 2>err.txt
check "a program compiles and links: $(head -n 1 err.txt)" [ -x uses_grimace ]
./uses_grimace >out.txt 2>err.txt
status=$?
check "it learns: $(tail -n 2 out.txt | head -n 1) $(head -n 1 err.txt)" [ $status -eq 0 ]
check "it knows the version" [ "$(head -n 1 out.txt)" = "$("$GRIMACE" --version)" ]
check "it evaluates" grep -qE '^16 images, accuracy [01]\.[0-9]+, auroc [01]\.[0-9]+$' out.txt
exit $bad
