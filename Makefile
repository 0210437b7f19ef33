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

bench: all
	@tools/setup.sh tools/packages-dev.txt
	@tools/bench.sh

fuzz: setup
	@tools/setup.sh tools/packages-dev.txt
	@tools/fuzz.sh

coverage: setup
	@tools/setup.sh tools/packages-dev.txt
	@tools/coverage.sh

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	@cmake --install build/release

clean:
	@rm -rf build demo

.PHONY: all setup demo test bench fuzz coverage format install clean
