#!/usr/bin/env bash
# deb.sh BUILD: Debian packages in BUILD/deb, built by debian/ from a copy of this folder, for the suite that this machine runs. The
# changelog that Debian wants is written here: the version stands in include/grimace/base.h alone.
set -eu
cd "$(dirname "$0")/.."
out=$(realpath -m "$1/deb")
version=$(sed -n 's/^#define GRIMACE_VERSION "\(.*\)"/\1/p' include/grimace/base.h)
rm -rf "$out"
mkdir -p "$out/source"
tar --exclude='./build*' --exclude=./.git --exclude=./runs -cf - . | tar -C "$out/source" -xf -
cat >"$out/source/debian/changelog" <<LOG
grimace ($version) unstable; urgency=medium

  * What is new stands in CHANGELOG.md.

 -- The grimace authors <authors@grimace.invalid>  $(LC_ALL=C date -R -r CHANGELOG.md)
LOG
# Without Open MPI there is no grimace-mpi.
pkg-config --exists ompi-c 2>/dev/null || export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:-} pkg.grimace.nompi"
# No packages of debugging symbols; what make was told about its own jobs and folders is not for the other build.
(cd "$out/source" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" \
    dpkg-buildpackage --no-sign --build=binary) >"$out/log" 2>&1 || {
    tail -n 30 "$out/log" >&2
    exit 1
}
rm -rf "$out/source"
ls "$out"/*.deb
