# `make check test` is what CI runs (.ci/run).

GO    ?= go
TOOL   = $(GO) tool -modfile=tools/go.mod
SERVE  = $(GO) run ./internal/testservers -install

# make test PACKAGES=./driver/... TESTFLAGS='-run TestCopy -v'
PACKAGES  ?= ./...
TESTFLAGS ?=

# make matrix VERSIONS="13.23 18.4": exact npm versions, which need no look-up once cached.
VERSIONS ?= 13.23.0-beta.16 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17

# make fuzz FUZZTIME=5m
FUZZTIME ?= 10s

.PHONY: help
help:
	@echo 'make test      all tests on throwaway servers (PACKAGES=, TESTFLAGS=)'
	@echo 'make matrix    tests that need PostgreSQL, on each supported release (VERSIONS=)'
	@echo 'make check     everything but the tests: format, vet, lint, go.mod, generated files, dependencies'
	@echo 'make fmt       format the code'
	@echo 'make fuzz      each fuzz target for a while (FUZZTIME=)'
	@echo 'make demo      the demonstration'
	@echo 'make bench     Rowhouse and its rivals side by side, for docs/benchmarks.md (SHORT=1)'
	@echo 'make gobench   the benchmarks beside the code (PACKAGES=, BENCHFLAGS=)'

.PHONY: test
test:
	$(SERVE) -- $(GO) test -race -shuffle=on -timeout 30m $(TESTFLAGS) $(PACKAGES)

.PHONY: matrix
matrix:
	GO="$(GO)" TESTFLAGS="$(TESTFLAGS)" scripts/matrix.sh $(VERSIONS)

.PHONY: fuzz
fuzz:
	GO="$(GO)" scripts/fuzz.sh $(FUZZTIME)

# make bench SHORT=1 takes minutes less, says little, and leaves the documentation as it is.
SHORT ?=
.PHONY: bench
bench:
	cd bench && $(GO) build -o ../bin/bench .
	$(SERVE) -only postgres,mysql -- bin/bench $(if $(SHORT),-short)

# make gobench PACKAGES=. BENCHFLAGS='-bench Registry -count 6'; CI runs each benchmark once.
BENCHFLAGS ?= -bench .
.PHONY: gobench
gobench:
	$(SERVE) -- $(GO) test -run '^$$' $(BENCHFLAGS) $(TESTFLAGS) $(PACKAGES)

.PHONY: demo
demo:
	$(GO) run ./cmd/rowhouse demo

.PHONY: fmt
fmt:
	$(TOOL) gofumpt -w .

# Cheap checks first.
.PHONY: check
check: check-format check-build check-tidy check-deps check-generate check-vet check-lint check-bench

.PHONY: check-format
check-format:
	@unformatted=$$($(TOOL) gofumpt -l .); \
	if [ -n "$$unformatted" ]; then \
		echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; \
	fi

.PHONY: check-build
check-build:
	$(GO) build ./...

# tools/ is left out: tidying it fetches the test dependencies of every linter.
.PHONY: check-tidy
check-tidy:
	$(GO) mod tidy -diff

# -count=1: the test asks `go list`, whose reading the test cache does not see.
.PHONY: check-deps
check-deps:
	$(GO) test -count=1 ./internal/depgolden

.PHONY: check-generate
check-generate:
	scripts/unchanged.sh $(GO) generate ./...

.PHONY: check-vet
check-vet:
	$(GO) vet ./...

.PHONY: check-lint
check-lint:
	$(TOOL) golangci-lint run ./...

# bench/ is a module of its own, so that the rivals are in nobody's dependencies; ./... leaves it out.
.PHONY: check-bench
check-bench:
	cd bench && $(GO) mod tidy -diff
	cd bench && $(GO) vet ./...
	cd bench && $(GO) test ./...
	cd bench && $(GO) tool -modfile=../tools/go.mod golangci-lint run ./...
