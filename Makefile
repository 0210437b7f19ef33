# A thin front: CMake builds, these targets say what a person wants.
PREFIX ?= /usr/local
LAUNCHER = $(if $(shell command -v ccache),-DCMAKE_C_COMPILER_LAUNCHER=ccache)

all: setup
	@cmake --preset release $(LAUNCHER) -DCMAKE_INSTALL_PREFIX=$(PREFIX) >/dev/null
	@cmake --build --preset release

setup:
	@tools/setup.sh

demo: all
	@tools/demo.sh

test: setup
	@tools/test.sh

# The same answers on other processors.
nightly: setup
	@tools/nightly.sh

bench: all
	@tools/bench.sh

fuzz: setup
	@tools/setup.sh clang libclang-rt-dev
	@tools/fuzz.sh

coverage: setup
	@tools/setup.sh gcovr
	@tools/coverage.sh

# Other versions lay the code out differently.
format:
	@tools/setup.sh clang-format
	@clang-format --version | grep -q 'version 14\.' || { echo 'format: clang-format 14 is needed, as in Debian 12' >&2; exit 1; }
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	@cmake --install build/release
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || /sbin/ldconfig

clean:
	@rm -rf build demo

.PHONY: all setup demo test nightly bench fuzz coverage format install clean
