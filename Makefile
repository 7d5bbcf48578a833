# Grapnel's commands. Go and make are all they need; `make help` lists them.

GOLANGCI_VERSION := 2.15.0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s

# Libraries that share nothing between goroutines but compute much. Watching SQLite, which is C made
# into Go, and the hashing of passwords takes five times as long and more as their work.
UNWATCHED := modernc.org/... golang.org/x/crypto/...
WATCH     := -race $(foreach library,$(UNWATCHED),-gcflags=$(library)=-race=false)

# The race detector needs cgo, and Go says that it has none where there is no C compiler.
RACE := $(if $(filter 1,$(shell go env CGO_ENABLED 2>/dev/null)),$(WATCH))

# A golangci-lint of the right version, or the one that `make lint` installs into bin.
LINT := $(shell golangci-lint version 2>/dev/null | grep -q 'version $(GOLANGCI_VERSION) ' && command -v golangci-lint || echo bin/golangci-lint-$(GOLANGCI_VERSION))

.DEFAULT_GOAL := help
.PHONY: help run demo build check test race lint fmt fmt-check fuzz hostile crash replicas cases clients bench load load-peers

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the server at http://localhost:3000, with its data in ./grapnel-data.
	go run ./cmd/grapnel serve

demo: ## Play docs/quickstart.md through on a server of its own (needs bash and curl).
	./examples/demo.sh

build: ## Build bin/grapnel, one file without dependencies.
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/grapnel ./cmd/grapnel

check: fmt-check lint test ## All that a change has to pass: format, lint, test.

test: ## Run every test, with the race detector where there is a C compiler.
	go test $(RACE) ./...
	go -C tools/mongotest test $(filter -race,$(RACE)) ./...

race: ## Run every test with the race detector, which needs a C compiler.
	CGO_ENABLED=1 go test $(WATCH) ./...
	CGO_ENABLED=1 go -C tools/mongotest test -race ./...

lint: $(LINT) ## Look for mistakes and breaches of the house style.
	$(LINT) run
	cd tools/mongotest && $(abspath $(LINT)) run

fmt: $(LINT) ## Format the code.
	$(LINT) fmt

fmt-check: $(LINT) ## Show what `make fmt` would change, and fail if that is anything.
	$(LINT) fmt --diff

bin/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN="$(CURDIR)/bin" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION)
	mv bin/golangci-lint $@

# Without -fuzzminimizetime, Go spends a minute on making the first long input that is new shorter, and
# tries nothing else meanwhile.
fuzz: ## Feed every fuzz test with chance for 10 seconds (FUZZTIME=1m: longer; FUZZTIME=6000x: so many inputs).
	@grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/:[0-9]+:func /:/' | sort | \
	while IFS=: read -r file name; do \
		echo "go test -fuzz $$name $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 200x "$$(dirname "$$file")" || exit 1; \
	done

hostile: ## Attack a real server with hostile scripts while good hooks are served (ARGS=-bars: fail where those became slow).
	go run ./bench/hostile $(ARGS)

crash: ## Kill the server 50 times under load and look what is left; fill its disk, watch its system calls (all of it on Linux).
	go test -count 1 -run 'Killed|FullDisk|Syncs|FinishesWhatRuns' ./cmd/grapnel
	go run ./bench/crash $(ARGS)

replicas: ## Kill one of three servers at one test database 10 times under load (ARGS=-mongo=mongodb://…: at a real MongoDB).
	go run ./bench/replicas $(ARGS)

# The tool runs from a copy, so that no installed package lies among the sources.
cases: ## Let Node say anew what is to come of the script cases (needs Node 20 and npm).
	mkdir -p bin/cases
	cp tools/cases/*.mjs tools/cases/package.json tools/cases/package-lock.json bin/cases/
	cd bin/cases && npm ci --no-audit --no-fund --loglevel=error
	TZ=UTC LC_ALL=en_US.UTF-8 node bin/cases/main.mjs $(ARGS) scripts/testdata/node/*.txtar

# The packages for Node are installed into bin, so that none lies among the sources.
clients: ## Let clients written for Rocket.Chat talk to the server (fetches them; with Node 20 and npm one more).
	if command -v npm >/dev/null; then \
		mkdir -p bin/clients && cp tools/clients/*.mjs tools/clients/package.json tools/clients/package-lock.json bin/clients/ && \
		(cd bin/clients && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) && \
		export NODE_CLIENTS="$(CURDIR)/bin/clients"; \
	fi && cd tools/clients && go test -count 1

bench: ## Run the benchmarks.
	go test -run '^$$' -bench . -benchmem ./...

load: ## Measure hooks against the least that a webhook server can do, and deliveries (Linux).
	go run ./bench/load $(ARGS)
	go run ./bench/load -outgoing $(ARGS)

load-peers: bench/peers/node_modules ## Measure the server against Node and Node-RED (Linux; needs Node 20 and npm).
	go run ./bench/load -peers bench/peers $(ARGS)

bench/peers/node_modules: bench/peers/package.json bench/peers/package-lock.json
	cd bench/peers && npm ci && touch node_modules
