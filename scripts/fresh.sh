#!/usr/bin/env bash
# fresh.sh SUITE ARCH GOAL...: what happens on a stranger's machine. A bare Debian (bookworm, trixie or sid) is made by debootstrap
# in a folder of its own, gets `make`, the files of this checkout and nothing else, and must bring each `make GOAL` to its end.
#   deb     builds the packages, then installs them in another bare root of the suite and runs what they bring
#   ARCH    empty or this machine's own; arm64: cross-built in a bookworm root, and the unit tests run under qemu
# Needs root, debootstrap, and the mirror that this machine's apt uses. The bare root is kept as a tar file in ${TMPDIR:-/tmp} for
# the next time (remove it for a newer one); everything else is gone at the end. Last line: what passed and what failed.
set -u
cd "$(dirname "$0")/.." || exit 1
suite=${1:?fresh.sh SUITE ARCH GOAL...} arch=${2:-} store=${TMPDIR:-/tmp}
shift 2
own=$(dpkg --print-architecture)
arch=${arch:-$own}

stop() { echo "fresh: $1" >&2; exit 2; }
[ "$(id -u)" = 0 ] || stop "only root can make a bare root; sudo make fresh SUITE=$suite"
command -v debootstrap >/dev/null || stop "run: apt-get install debootstrap"

# The mirror that apt reads Debian's own packages from.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian Debian //p' | head -n 1)
[ -n "$mirror" ] || stop "apt knows no mirror of Debian; run: apt-get update"

work=$(mktemp -d "$store/grimace-fresh.XXXXXX") || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
results=

# within ROOT COMMAND...: runs it there, with processes, mounts and terminals of its own, so that nothing outlives it.
within() {
    local root=$1
    shift
    # shellcheck disable=SC2016 # the inner shell's own variables
    unshare --mount --pid --fork --kill-child=KILL --mount-proc="$root/proc" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb DEBIAN_FRONTEND=noninteractive \
        sh -c 'mkdir -p "$0/dev/pts" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts" &&
            ln -sf pts/ptmx "$0/dev/ptmx"; exec chroot "$0" "$@"' "$root" "$@" </dev/null
}

# bare ROOT: a new bare root.
bare() {
    local root=$1 kept=$store/grimace-root-$suite-$own.tar
    mkdir "$root" || exit 1
    if [ ! -e "$kept" ]; then
        debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
            { tail -n 5 "$work/debootstrap.log" >&2; stop "debootstrap $suite failed"; }
        tar -C "$root" -cf "$kept.new" . && mv "$kept.new" "$kept"
    else
        tar -C "$root" -xpf "$kept"
    fi
    # How this machine reaches the mirror.
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    {
        apt-config dump | grep -iE '^Acquire::[a-z]+::Proxy'
        echo 'Acquire::Check-Valid-Until "false";' # a mirror may stand still
    } >"$root/etc/apt/apt.conf.d/99mirror"
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fast" # it is thrown away
}

# step NAME COMMAND...: its output, the time it took, and a word for the last line.
step() {
    local name=$1 status
    shift
    echo "== $suite $arch: $name"
    SECONDS=0
    "$@" 2>&1 | grep --line-buffered -vE '^  (cc  |test|link|pack) '
    status=${PIPESTATUS[0]}
    echo "== $suite $arch: $name took $SECONDS s, exit status $status"
    if [ "$status" -eq 0 ]; then results="$results, $name passed"; else results="$results, $name FAILED"; fi
    return "$status"
}

apt_get() { # ROOT PACKAGE...: installs them there
    local root=$1
    shift
    within "$root" apt-get -qq update >"$work/apt.log" 2>&1 &&
        within "$root" apt-get -qq install -y --no-install-recommends "$@" >>"$work/apt.log" 2>&1 ||
        { tail -n 20 "$work/apt.log"; return 1; }
}

# The packages of `make deb`, in a root that has never seen a compiler.
installs() {
    local root=$work/installed
    bare "$root"
    mkdir "$root/debs"
    cp "$work/root"/grimace/build/deb/*.deb "$root/debs/" || return 1
    local debs=("$root"/debs/*.deb)
    debs=("${debs[@]#"$root"}") # as the root calls them
    # shellcheck disable=SC2046 # one file
    apt_get "$root" $(printf '%s\n' "${debs[@]}" | grep '/grimace_') || return 1
    within "$root" bash -ec 'cd /tmp; grimace info
        grimace data synth --preset mini --size 32 --animals 3 --images 8 --out data
        printf "data: {manifest: data/manifest.csv, label: pain, group: animal, image: {size: 16}}\n" >config.yaml
        printf "model: {backbone: blackmice_cnn}\ntrain: {epochs: 1}\n" >>config.yaml
        grimace cv config.yaml --out run; test -s run/results.json' || return 1
    # The library, by a program that is linked with it.
    apt_get "$root" "${debs[@]}" gcc libc6-dev pkg-config || return 1
    within "$root" bash -ec 'cd /tmp
        printf "#include <grimace/grimace.h>\n" >x.c
        printf "int main(void) { gr_graph *g = gr_graph_create(); gr_graph_destroy(g); return !g; }\n" >>x.c
        gcc x.c $(pkg-config --cflags --libs grimace) -o x; ./x
        apt-get -qq purge -y grimace libgrimace0 libgrimace-dev >/dev/null
        if find /usr /etc -name "*grimace*" | grep .; then exit 1; fi'
}

native() {
    local goal
    for goal in "$@"; do
        step "make $goal" within "$work/root" make -k -C /grimace -j"$(nproc)" "$goal" || continue
        [ "$goal" != deb ] || step "the packages on a bare root" installs
    done
}

# What the processor decides lies in these rooms; the rest is the same C.
cross() {
    local rooms='base kernels tensor image ops graph optim'
    within "$work/root" dpkg --add-architecture "$arch"
    # shellcheck disable=SC2046 # one word a package
    step "its compiler and libraries" apt_get "$work/root" make pkgconf qemu-user-static gcc-aarch64-linux-gnu \
        $(bash scripts/need.sh --names $(sed -n 's/^PACKAGES = //p' Makefile) libsvm cmocka | sed 's/$/:arm64/') || return
    step "make, for $arch" within "$work/root" env PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig \
        make -k -C /grimace -j"$(nproc)" CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar all tests || return
    # shellcheck disable=SC2016 # the root's own variables
    step "unit tests of $rooms under qemu" within "$work/root" bash -c 'cd /grimace && for room in "$@"; do
            for source in tests/unit/"$room"/test_*.c; do echo "build-aarch64-linux-gnu-gcc/${source%.c}"; done
        done | EMULATOR=qemu-aarch64-static GRIMACE= xargs bash tests/run.sh' - $rooms
}

bare "$work/root"
mkdir "$work/root/grimace"
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf - |
    tar -C "$work/root/grimace" -xf -
if [ "$arch" = "$own" ]; then
    apt_get "$work/root" make || stop "make cannot be installed"
    native "$@"
elif [ "$arch" = arm64 ]; then
    cross
else
    stop "ARCH is $arch; $own or arm64 would be right"
fi
echo "fresh: $suite $arch${results:-: nothing was done}"
case $results in *FAILED*) exit 1 ;; esac
