# make            libsoftbox.a, libsoftbox.so and the program softbox
# make demo       certifies a network, prints and draws bounds (installs what is missing)
# make check      every test (installs what is missing)
# make check-long the long ones: mutants, whole benchmarks
# make lint       layers, headers, symbols, lemma tags, format, clang-tidy
# make proofs     the Coq theories, the Gappa scripts, the lemma list
# make bench      time and tightness      make deps     only install what is missing
# make format     clang-format            make cover    line coverage
# make install    PREFIX, DESTDIR         make compdb   compile_commands.json
#
# CONFIG=release (default) | debug | asan | cov | clang, each in build/CONFIG.
# WERROR=1 makes warnings errors. Your own settings go in config.mk, which git ignores.
-include config.mk

# V=1 shows the commands.
Q = $(if $(V),,@)

CONFIG  ?= release
PREFIX  ?= /usr/local
PKG     ?= pkg-config
B       := build/$(CONFIG)
VERSION := $(shell cat VERSION)
SONAME  := libsoftbox.so.0

# Debian ships no glpk.pc. protobuf-c reads ONNX, zlib reads .gz, Jansson JSON Lines.
DEPS  := gmp mpfr libprotobuf-c zlib jansson
WARN  := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
    -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wswitch-enum \
    -Wdouble-promotion -Wfloat-conversion
# What the proofs need of the compiler: no contraction, no reassociation. The last two
# change no value; without them gcc does not vectorise the exp kernel.
FLOAT := -ffp-contract=off -fno-math-errno -fno-trapping-math

FLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong
FLAGS_debug   := -O0 -DSBX_DEBUG -DSBX_TEST_SMALL
FLAGS_asan    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
    -fno-sanitize-recover=all -DSBX_DEBUG -DSBX_TEST_SMALL
FLAGS_cov     := -O0 --coverage
FLAGS_clang   := $(FLAGS_release)
ifeq ($(CONFIG),clang)
CC := clang
endif

CPPFLAGS += -Iinclude -Isrc -I$B/gen -D_POSIX_C_SOURCE=200809L -DSBX_VERSION='"$(VERSION)"'
CFLAGS   ?= -g
DEP_CFLAGS := $(shell $(PKG) --cflags $(DEPS) 2>/dev/null)
DEP_LIBS   := $(shell $(PKG) --libs $(DEPS) 2>/dev/null)
CC_BASE   = $(CC) -std=c17 -fPIC -pthread $(FLOAT) -ffile-prefix-map=$(CURDIR)=. \
    $(FLAGS_$(CONFIG)) $(CFLAGS) $(CPPFLAGS) $(DEP_CFLAGS) -MMD -MP
CC_ALL    = $(CC_BASE) $(WARN) $(if $(WERROR),-Werror)
LIBS      = $(LDFLAGS) $(DEP_LIBS) -lglpk -lm -pthread

# A new file is part of the build by being there.
LIB_SRC  := $(sort $(filter-out %.tmpl.c %.body.c src/cli/%,$(shell find src -name '*.c')))
CLI_SRC  := $(sort $(filter-out %.tmpl.c,$(wildcard src/cli/*.c)))
TEST_SRC := $(sort $(filter-out %.tmpl.c,$(wildcard tests/unit/test_*.c tests/prop/test_*.c)))
CONF_SRC := $(sort $(wildcard tests/conf/*.c))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
GEN_OBJ  := $B/gen/onnx.pb-c.o
LIB_OBJ  := $(LIB_SRC:%.c=$B/%.o) $(GEN_OBJ)
CLI_OBJ  := $(CLI_SRC:%.c=$B/%.o)
TESTS    := $(TEST_SRC:%.c=$B/%)
CONF     := $(CONF_SRC:%.c=$B/%)
BENCH    := $(BENCH_SRC:%.c=$B/%)
CLI_TESTS := $(sort $(filter-out %/lib.sh,$(wildcard tests/cli/*.sh)))
C_FILES   = $(shell find include src tests examples -name '*.[ch]' -not -name exp_const.h)

all: $B/libsoftbox.a $B/libsoftbox.so $B/softbox

$B/libsoftbox.a: $(LIB_OBJ)
	$(Q)rm -f $@
	$(Q)$(AR) qcs $@ $^

$B/libsoftbox.so: $(LIB_OBJ)
	$(Q)$(CC_BASE) -shared -Wl,-soname,$(SONAME) -o $@ $^ $(LIBS)
	ln -sf libsoftbox.so $B/$(SONAME)

$B/softbox: $(CLI_OBJ) $B/libsoftbox.a
	$(Q)$(CC_ALL) -o $@ $^ $(LIBS)

# The processor builds of the vectorised kernels; which one runs is chosen at run time.
ifeq ($(shell uname -m),x86_64)
$B/%_avx512.o: ISA := -O3 -march=x86-64-v4 -mprefer-vector-width=512
$B/%_avx2.o: ISA := -O3 -march=x86-64-v3
endif
$B/%_portable.o: ISA := -O3

$B/%.o: %.c Makefile VERSION | $B/gen/onnx.pb-c.h
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC  $<")
	$(Q)$(CC_ALL) $(ISA) -c -o $@ $<

# The ONNX format, from the definition that libonnx-dev ships.
ONNX_PROTO ?= $(firstword $(wildcard /usr/include/onnx/onnx.proto /usr/local/include/onnx/onnx.proto))
$B/gen/onnx.pb-c.c $B/gen/onnx.pb-c.h &: $(ONNX_PROTO)
	@mkdir -p $(@D)
	$(if $(ONNX_PROTO),,$(error onnx.proto is missing: run `make deps`, or install libonnx-dev))
	$(Q)protoc-c --c_out=$(@D) --proto_path=$(dir $(ONNX_PROTO)) $(notdir $(ONNX_PROTO))

$(GEN_OBJ): $B/gen/onnx.pb-c.c
	$(Q)$(CC_BASE) -w -c -o $@ $<

$B/tests/%: tests/%.c $B/libsoftbox.a Makefile
	@mkdir -p $(@D)
	$(Q)$(CC_ALL) -Itests -o $@ $< $B/libsoftbox.a $(shell $(PKG) --cflags --libs cmocka) $(LIBS)

deps:
	.ci/deps build test

check:
	.ci/deps build test
	+$(MAKE) --no-print-directory check-built

check-built: all $(TESTS) $(CONF)
	SBX=$B/softbox B=$B SBX_TIMES=$(or $(SBX_TIMES),1) tests/run $(TESTS) $(CLI_TESTS)

# the test programs alone
unit-built: $(TESTS)
	B=$B SBX_TIMES=$(or $(SBX_TIMES),1) tests/run $(TESTS)

check-long: check
	SBX=$B/softbox B=$B tests/run $(sort $(wildcard tests/long/*.sh))

demo:
	.ci/deps build
	+$(MAKE) --no-print-directory all
	SBX=$B/softbox examples/demo

bench:
	.ci/deps build
	+$(MAKE) --no-print-directory bench-built

bench-built: all $(BENCH)
	B=$B tests/bench/run $(BENCH)

proofs:
	.ci/deps proofs
	proofs/check

lint:
	.ci/deps build test lint
	+$(MAKE) --no-print-directory $B/libsoftbox.a
	tests/lint/layers
	tests/lint/headers
	tests/lint/symbols $B/libsoftbox.a
	tests/lint/constants
	tests/lint/proofs
	tests/lint/mutants
	tests/lint/text
	clang-format --dry-run -Werror $(C_FILES)
	tests/lint/tidy $(LIB_SRC) $(CLI_SRC) -- -std=c17 -Iinclude -Isrc -I$B/gen \
	    -D_POSIX_C_SOURCE=200809L -DSBX_VERSION='"$(VERSION)"' $(DEP_CFLAGS)

format:
	.ci/deps lint
	clang-format -i $(C_FILES)

cover:
	.ci/deps build test
	$(MAKE) CONFIG=cov check-built
	tests/lint/cover build/cov

compdb:
	.ci/deps build test dev
	bear -- $(MAKE) -B CONFIG=debug all $(TESTS:$B/%=build/debug/%)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include/softbox/bind \
	    $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/share/man/man1
	install $B/softbox $(DESTDIR)$(PREFIX)/bin
	install -m 644 include/softbox/*.h $(DESTDIR)$(PREFIX)/include/softbox
	install -m 644 include/softbox/bind/*.h $(DESTDIR)$(PREFIX)/include/softbox/bind
	install -m 644 $B/libsoftbox.a $(DESTDIR)$(PREFIX)/lib
	install -m 755 $B/libsoftbox.so $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libsoftbox.so
	install -m 644 src/cli/softbox.1 $(DESTDIR)$(PREFIX)/share/man/man1
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),' src/softbox.pc.in \
	    > $(DESTDIR)$(PREFIX)/lib/pkgconfig/softbox.pc

clean:
	rm -rf build

.PHONY: all deps check check-built unit-built check-long demo bench bench-built proofs lint format cover compdb install clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TESTS:=.d) $(CONF:=.d) $(BENCH:=.d)
