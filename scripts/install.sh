#!/usr/bin/env bash
# install.sh BUILD DESTDIR PREFIX "PACKAGES": the program, the headers, the static library and its pkg-config file.
set -eu
build=$1 prefix=$3 packages=$4
root=$2$prefix
version=$(sed -n 's/^#define GRIMACE_VERSION "\(.*\)"/\1/p' include/grimace/base.h)
install -d "$root/bin" "$root/include/grimace" "$root/lib/pkgconfig"
install "$build/grimace" "$root/bin/"
install -m 644 include/grimace/*.h "$root/include/grimace/"
install -m 644 "$build/libgrimace.a" "$root/lib/"
cat >"$root/lib/pkgconfig/grimace.pc" <<PC
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: grimace
Description: Deep learning for grimace scales on a CPU
Version: $version
Requires: $packages
Cflags: -I\${includedir}
Libs: -L\${libdir} -lgrimace -fopenmp -lsvm -lm -lpthread
PC
echo "installed grimace $version below $root"
