# make            builds build/grimace, build/libgrimace.a and the shared library
# make demo       makes a synthetic data set and cross-validates PainSeeker on it: about two minutes
# make test       builds and runs every test; SANITIZE=1 does so under AddressSanitizer and UBSan, EMULATE=1 with AVX-512's kernels on AVX2
# make test-peers runs exported models in ONNX Runtime (npm) and PyTorch, a page in Chromium, where they are
# make test-cluster starts Slurm with two nodes on this machine, as root, and runs on it what a cluster does to workers
# make bench      times whole steps of grimace and PyTorch in turn; bench-conv each convolution and oneDNN's;
#                 bench-coverage counts how often intervals by animals hold the true value
# make fuzz       S=60: each reader of tests/fuzz on damaged files for S seconds, by clang's libFuzzer
# make lint       checks the include rules of the rooms, names, sizes, and that gcc and clang have nothing to say
# make install    PREFIX=/usr/local (or $HOME/.local, without root), DESTDIR, LIBDIR; make uninstall takes it away again
# make deb        Debian packages in build/deb
# make fresh      SUITE=bookworm|trixie|sid: demo and test (TRY) in a bare root of that Debian; ARCH=arm64: under qemu
# make clean      removes all builds
#
# Each of them first installs what is missing (scripts/need.sh); GRIMACE_INSTALL=no only says what to install.
# VIDEO=0 builds without FFmpeg, MPI=0 without MPI (MPI_PACKAGES=mpich takes that one). CC=clang builds in build-clang; V=1 shows the commands; WERROR=1 makes warnings errors.
PREFIX ?= /usr/local
SANITIZE ?= 0
FUZZ ?= 0
EMULATE ?= 0
BUILD ?= build$(if $(filter 1,$(SANITIZE)),-sanitize)$(if $(filter 1,$(EMULATE)),-emulated)$(if $(filter-out cc gcc,$(CC)),-$(notdir $(firstword $(CC))))
GOALS := $(or $(MAKECMDGOALS),all)

PACKAGES = openblas libpng zlib libjpeg yaml-0.1 jansson gsl libdeflate libwebp libtiff-4 expat hdf5 cairo
# Videos are read by FFmpeg's libraries where they are or can be had; without them, and with VIDEO=0, the commands that need one say
# what to install.
VIDEO_PACKAGES = libavformat libavcodec libavutil libswscale
MPI_PACKAGES = mpi-c ompi-c mpich
TEST_PACKAGES = $(if $(filter test tests lint $(BUILD)/tests/%,$(GOALS)),cmocka procps)
TEST_PACKAGES += $(if $(filter 1,$(FUZZ)),libfuzzer)
DEB_PACKAGES = $(if $(filter deb,$(GOALS)),build-essential debhelper)
ifneq ($(filter-out clean fuzz uninstall fresh,$(GOALS)),)
# Here and not in a rule: what follows asks pkg-config while this file is read. make -n installs nothing.
LOOK_ONLY := $(if $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),no,$(GRIMACE_INSTALL))
NEEDED := $(shell GRIMACE_INSTALL=$(LOOK_ONLY) bash scripts/need.sh '$(CC)' $(PACKAGES) libsvm openmp $(TEST_PACKAGES) $(DEB_PACKAGES))
ifneq ($(.SHELLSTATUS),0)
$(error packages are missing)
endif
ifndef VIDEO
VIDEO_TRIED := $(shell GRIMACE_INSTALL=$(LOOK_ONLY) bash scripts/need.sh '$(CC)' $(VIDEO_PACKAGES) 2>/dev/null)
endif
endif
VIDEO ?= $(shell pkg-config --exists $(VIDEO_PACKAGES) 2>/dev/null && echo 1)
# MPI, for --on mpi: any that pkg-config knows, in a module of its own which that loads (modules/mpi.h). Nothing is installed for it.
MPI_PACKAGE := $(firstword $(foreach name,$(MPI_PACKAGES),$(shell pkg-config --exists $(name) 2>/dev/null && echo $(name))))
MPI ?= $(if $(MPI_PACKAGE),1)

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror)
# -ffp-contract=off: the same bits from every compiler where no kernel asks for a fused multiply-add.
BASE = -std=c11 $(WARN) -D_GNU_SOURCE -Iinclude -Isrc -I. -Itests -MMD -MP -ffp-contract=off -fPIC $(CPPFLAGS) $(CFLAGS)
ifeq ($(SANITIZE),1)
BASE += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DGR_HOSTILE_MEMORY=1
endif
ifeq ($(FUZZ),1)
BASE += -fsanitize=fuzzer-no-link -DGR_TINY_LIMITS=1
endif
LIBCFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
# The names by which libraries are loaded when they are needed first (src/base/library.h), or what Debian 12 to sid call them.
soname = $(shell "$$($(CC) -print-prog-name=readelf)" -d "$$($(CC) -print-file-name=$(1).so)" 2>/dev/null | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')
LIBCFLAGS += -DGR_MULTIARCH='"$(shell $(CC) -print-multiarch 2>/dev/null)"'
LIBCFLAGS += -DGR_LIBTIFF='"$(or $(call soname,libtiff),libtiff.so.6)"' -DGR_LIBEXPAT='"$(or $(call soname,libexpat),libexpat.so.1)"' \
             -DGR_LIBCAIRO='"$(or $(call soname,libcairo),libcairo.so.2)"' \
             -DGR_LIBXGBOOST='"$(or $(call soname,libxgboost),libxgboost.so.0)"'
ifeq ($(VIDEO),1)
LIBCFLAGS += $(shell pkg-config --cflags $(VIDEO_PACKAGES) 2>/dev/null) $(foreach library,$(VIDEO_PACKAGES),\
             -DGR_$(shell echo $(library) | tr a-z A-Z)='"$(call soname,$(library))"')
endif
# LIBSVM has no pkg-config file. GSL's distributions are wanted, its BLAS is not: OpenBLAS answers for that. At each start the loader
# looks for 25,000 symbols in the libraries in this order: first where most are found (bench/instructions.sh counts).
LIBS := $(LDFLAGS) -fopenmp $(shell pkg-config --libs openblas 2>/dev/null) -lc $(shell pkg-config --libs hdf5 2>/dev/null) -lm -lsvm \
        $(filter-out -lgslcblas -ltiff -lexpat -lcairo,$(shell pkg-config --libs $(filter-out openblas hdf5,$(PACKAGES)) 2>/dev/null)) -lpthread

comma = ,
# say: one short line instead of the command.
say = $(if $(V),,@echo '  $(1)'; )

MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null | cut -d- -f1)
ISAS = generic
# Under sanitizers the unrolled kernels would take minutes to compile at -O3; no fuzzed reader calls one.
KERNEL_O = $(if $(filter 1,$(SANITIZE)),-O1,-O3)
ifeq ($(FUZZ),1)
KERNEL_O = -O0 -fno-sanitize=all
endif
FLAGS_generic = $(KERNEL_O)
FLAGS_avx2 = $(KERNEL_O) -mavx2 -mfma
WIDE = $(FLAGS_avx2) -mavx512f -mavx512bw -mavx512vl -mavx512dq -mprefer-vector-width=512
# Unrolled kernels of emulated instructions take gigabytes to compile at -O3.
FLAGS_avx512 = $(if $(filter 1,$(EMULATE)),-O1 -mavx2 -mfma -Wno-psabi -DGR_EMULATED_AVX512 -include tests/support/emulated_avx512.h,$(WIDE))
FLAGS_avx512_bf16 = $(WIDE) -mavx512bf16
FLAGS_amx_bf16 = $(FLAGS_avx512_bf16) -mamx-tile -mamx-bf16
ifeq ($(MACHINE),x86_64)
ISAS += avx2 avx512 avx512_bf16 amx_bf16
endif

SOURCES := $(filter-out src/cli/%,$(sort $(wildcard src/*/*.c src/*/*/*.c)))
# One file stands for the room where there is no FFmpeg.
SOURCES := $(if $(filter 1,$(VIDEO)),$(filter-out src/video/absent.c,$(SOURCES)),\
             $(filter-out src/video/%,$(SOURCES)) $(addprefix src/video/,absent.c avi_write.c moment.c whole.c))
KERNELS := $(sort $(wildcard kernels/K_*.c))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/kernels/dispatch.o \
           $(foreach isa,$(ISAS),$(KERNELS:kernels/%.c=$(BUILD)/kernels/$(isa)/%.o))
CLI := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard src/cli/*.c)))
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c tests/parity/test_*.c)))
TESTS := $(if $(filter 1,$(VIDEO)),$(TESTS),$(filter-out %/video/test_turn,$(TESTS)))
SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/support/*.c)))

# Programs find the shared library by the major version. Before 1.0.0 any version may change a function: they are linked anew.
VERSION := $(shell sed -n 's/^\#define GRIMACE_VERSION "\(.*\)"/\1/p' include/grimace/base.h)
SONAME = libgrimace.so.$(firstword $(subst ., ,$(VERSION)))
SHARED = $(BUILD)/$(SONAME)

MODULES = $(if $(filter 1,$(MPI)),$(BUILD)/grimace-mpi.so)

.PHONY: all demo test test-peers test-cluster tests fuzz bench bench-conv bench-relevance bench-coverage lint install uninstall deb fresh clean
.DELETE_ON_ERROR:
.SECONDARY: $(SUPPORT)
all: $(BUILD)/grimace $(SHARED) $(MODULES)

$(BUILD)/grimace: $(CLI) $(BUILD)/libgrimace.a
	$(call say,link $@)$(CC) $(BASE) -o $@ $(CLI) $(BUILD)/libgrimace.a $(LIBS)

$(BUILD)/libgrimace.a: $(OBJECTS)
	$(call say,pack $@)rm -f $@ && $(AR) rcs $@ $(OBJECTS)

# Of the shared library only what the public headers declare is seen.
$(BUILD)/exports.map: scripts/exports.sh $(wildcard include/grimace/*.h)
	@mkdir -p $(@D)
	@bash $< $(filter %.h,$^) >$@

$(SHARED): $(OBJECTS) $(BUILD)/exports.map
	$(call say,link $@)$(CC) $(BASE) -shared -Wl,-soname,$(SONAME) -Wl,-z,nodelete -Wl,--version-script=$(BUILD)/exports.map -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/src/base/threads_openmp.o: BASE += -fopenmp
$(BUILD)/kernels/dispatch.o: BASE += $(if $(filter 1,$(EMULATE)),-DGR_EMULATED_AVX512)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc   $<)$(CC) $(BASE) $(LIBCFLAGS) -c -o $@ $<

# The one rule per instruction set: only kernels are built for more than the oldest processor allowed.
define kernel_rule
$(BUILD)/kernels/$(1)/%.o: kernels/%.c
	@mkdir -p $$(@D)
	$$(call say,cc   $$< for $(1))$$(CC) $$(BASE) $$(FLAGS_$(1)) -DGR_ISA=$(1) $$(LIBCFLAGS) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call kernel_rule,$(isa))))

# Without sanitizers: MPI frees little of what it takes.
$(BUILD)/grimace-mpi.so: modules/mpi.c modules/mpi.h
	@mkdir -p $(@D)
	$(call say,link $@)$(CC) -std=c11 $(WARN) -D_GNU_SOURCE -I. -fPIC $(CPPFLAGS) $(CFLAGS) $(shell pkg-config --cflags $(MPI_PACKAGE)) -shared \
	    -Wl,-soname,$(@F) -o $@ $< $(LDFLAGS) $(shell pkg-config --libs $(MPI_PACKAGE))

# The tests share one library that shows every function (linked whole into each, they took 8 GB); its change links none of them anew.
$(BUILD)/tests/libgrimace-tests.so: $(OBJECTS)
	@mkdir -p $(@D)
	$(call say,link $@)$(CC) $(BASE) -shared -Wl,-soname,$(@F) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/tests/%: tests/%.c $(SUPPORT) | $(BUILD)/tests/libgrimace-tests.so
	@mkdir -p $(@D)
	$(call say,test $@)$(CC) $(BASE) $(LIBCFLAGS) -o $@ $< $(SUPPORT) $(BUILD)/tests/libgrimace-tests.so \
	    $(foreach up,.. ../.. ../../..,-Wl$(comma)-rpath$(comma)'$$ORIGIN/$(up)') $(LIBS) -lcmocka

tests: $(TESTS)

test: $(TESTS) $(BUILD)/grimace $(SHARED) $(MODULES)
	@GRIMACE=$(BUILD)/grimace bash tests/run.sh $(TESTS)

# Every program of tests/peers: exported models and pages in other programs, which are fetched by npm or skipped when absent.
test-peers: $(BUILD)/grimace
	@status=0; for peer in $(filter %.sh %.py,$(wildcard tests/peers/*)); do \
	    GRIMACE=$(BUILD)/grimace "$$peer" || status=1; done; exit $$status

test-cluster: $(BUILD)/grimace
	@bash scripts/cluster.sh $<
	@GRIMACE=$< FAULTS=4 bash tests/cli/test_faults.sh

# Every tests/fuzz/fuzz_*.c is a program of its own, in a build of its own.
FUZZERS := $(patsubst tests/%.c,build-fuzz/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
S ?= 60
build-fuzz/tests/fuzz/%: tests/fuzz/%.c build-fuzz/libgrimace.a
	@mkdir -p $(@D)
	$(call say,fuzz $@)$(CC) $(BASE) $(LIBCFLAGS) -fsanitize=fuzzer -o $@ $< build-fuzz/libgrimace.a $(LIBS)

fuzz:
	@$(MAKE) --no-print-directory CC=clang BUILD=build-fuzz SANITIZE=1 FUZZ=1 $(FUZZERS)
	@bash tests/fuzz/run.sh $(S) $(FUZZERS)

# Needs Debian's libdnnl-dev, which nothing else does.
$(BUILD)/bench/bench_conv: bench/bench_conv.c bench/peak.c bench/peer_dnnl.c $(filter %/conv_shapes.o %/conv_expected.o,$(SUPPORT)) $(BUILD)/libgrimace.a
	@mkdir -p $(@D)
	$(call say,link $@)$(CC) $(BASE) $(LIBCFLAGS) -o $@ $(filter-out %.h,$^) $(LIBS) -ldnnl

$(BUILD)/bench/%: bench/%.c $(BUILD)/libgrimace.a
	@mkdir -p $(@D)
	$(call say,link $@)$(CC) $(BASE) $(LIBCFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/bench/coverage $(BUILD)/bench/coverage_scores: bench/held.c

$(BUILD)/bench/bench_step: bench/bench_step.c bench/peak.c $(BUILD)/libgrimace.a
	@mkdir -p $(@D)
	$(call say,link $@)$(CC) $(BASE) $(LIBCFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/bench/bench_relevance: bench/bench_relevance.c $(BUILD)/libgrimace.a
	@mkdir -p $(@D)
	$(call say,link $@)$(CC) $(BASE) $(LIBCFLAGS) -o $@ $^ $(LIBS)

# Whole steps against PyTorch (Debian's python3-torch, python3-torchvision). PYTHON: one that has them.
PYTHON ?= /usr/bin/python3
bench: $(BUILD)/bench/bench_step $(BUILD)/grimace
	@$(PYTHON) -c 'import torch, torchvision' 2>/dev/null || { echo 'grimace: run: apt-get install python3-torch python3-torchvision'; exit 2; }
	@$(PYTHON) bench/compare.py $(BUILD)/bench/bench_step $(BUILD)/grimace

# Maps of relevance against zennit. PYTHON: one that has torch, torchvision and zennit.
bench-relevance: $(BUILD)/bench/bench_relevance
	@$(PYTHON) bench/relevance.py $<

# Each convolution against oneDNN and the measured peak.
bench-conv: $(BUILD)/bench/bench_conv
	@$< $(sort $(wildcard bench/shapes/*.txt))

# How often intervals hold the true value: 2000 simulated data sets for each number of animals.
bench-coverage: $(BUILD)/bench/coverage $(BUILD)/bench/coverage_scores
	@$(BUILD)/bench/coverage
	@$(BUILD)/bench/coverage_scores 2000 20 100

demo: all
	@bash scripts/demo.sh $(BUILD)

lint:
	@bash scripts/lint.sh

install: all
	@LIBDIR='$(LIBDIR)' bash scripts/install.sh $(BUILD) '$(DESTDIR)' '$(PREFIX)' '$(PACKAGES)'

uninstall:
	@LIBDIR='$(LIBDIR)' bash scripts/install.sh --remove '$(DESTDIR)' '$(PREFIX)'

deb:
	@bash scripts/deb.sh $(BUILD)

fresh:
	@bash scripts/fresh.sh '$(or $(SUITE),bookworm)' '$(ARCH)' $(or $(TRY),demo test)

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
