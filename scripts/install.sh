#!/usr/bin/env bash
# install.sh BUILD DESTDIR PREFIX "PACKAGES": the program with its manual pages and what completes its command line in bash, zsh
# and fish; the headers, the static and the shared library and their pkg-config file. LIBDIR: where libraries go, PREFIX/lib
# when left out. `install.sh --remove DESTDIR PREFIX` takes all of it away again.
set -eu
cd "$(dirname "$0")/.."

# Everything lies in these places, below $root or in $libraries.
places() {
    root=$1$2
    libdir=${LIBDIR:-$2/lib}
    libraries=$1$libdir
    manual=$root/share/man/man1
    bash_place=$root/share/bash-completion/completions
    zsh_place=$root/share/zsh/site-functions
    fish_place=$root/share/fish/vendor_completions.d
}

if [ "$1" = --remove ]; then
    places "$2" "$3"
    rm -f "$root/bin/grimace" "$libraries"/libgrimace.{a,so,so.*} "$libraries/pkgconfig/grimace.pc" "$libraries/grimace/grimace-mpi.so" \
        "$manual"/grimace{,-*}.1 "$bash_place/grimace" "$zsh_place/_grimace" "$fish_place/grimace.fish"
    rm -rf "$root/include/grimace"
    # Folders that nothing else uses go with them; the prefix itself stays.
    for place in "$root/bin" "$root/include" "$libraries/pkgconfig" "$libraries/grimace" "$libraries" \
        "$manual" "$bash_place" "$zsh_place" "$fish_place"; do
        while [ "$place" != "$root" ] && rmdir "$place" 2>/dev/null; do place=$(dirname "$place"); done
    done
    echo "removed grimace from $root"
    exit
fi

build=$1 prefix=$3 packages=$4
places "$2" "$prefix"
version=$(sed -n 's/^#define GRIMACE_VERSION "\(.*\)"/\1/p' include/grimace/base.h)
soname=libgrimace.so.${version%%.*}
install -d "$root/bin" "$root/include/grimace" "$libraries/pkgconfig" "$manual" "$bash_place" "$zsh_place" "$fish_place"
install "$build/grimace" "$root/bin/"
bash scripts/man.sh "$build/grimace" "$manual"
install -m 644 scripts/completion/grimace.bash "$bash_place/grimace"
install -m 644 scripts/completion/_grimace "$zsh_place/"
install -m 644 scripts/completion/grimace.fish "$fish_place/"
install -m 644 include/grimace/*.h "$root/include/grimace/"
install -m 644 "$build/libgrimace.a" "$libraries/"
install -m 644 "$build/$soname" "$libraries/libgrimace.so.$version"
ln -sf "libgrimace.so.$version" "$libraries/$soname"
ln -sf "$soname" "$libraries/libgrimace.so"
# Where the program looks for it (src/crew/mpi.c).
if [ -e "$build/grimace-mpi.so" ]; then
    install -d "$libraries/grimace"
    install -m 644 "$build/grimace-mpi.so" "$libraries/grimace/"
fi
# Only the system's own folders are searched when a program starts: it is told of any other.
case $prefix in /usr) rpath= ;; *) rpath=" -Wl,-rpath,\${libdir}" ;; esac
cat >"$libraries/pkgconfig/grimace.pc" <<PC
prefix=$prefix
libdir=${libdir/#"$prefix"/\$\{prefix\}}
includedir=\${prefix}/include

Name: grimace
Description: Deep learning for grimace scales on a CPU
Version: $version
Requires.private: $packages
Cflags: -I\${includedir}
Libs: -L\${libdir} -lgrimace$rpath
Libs.private: -lsvm -lm -lpthread
PC
# The system's list of libraries, where they lie in a place that it knows.
case $2$prefix in /usr | /usr/local) [ "$(id -u)" != 0 ] || ldconfig ;; esac
echo "installed grimace $version below $root"
