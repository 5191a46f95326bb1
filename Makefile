# make help lists the targets. Only Go and make are needed, and for `race` a C
# compiler; the tools below are built from source by the first use of each.

# The one place where tools' versions are pinned. They are run by version rather
# than kept in go.mod, so that what they need never moves what the program needs.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK   := golang.org/x/vuln/cmd/govulncheck@v1.9.0
GREMLINS      := github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0
CYCLONEDX     := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
export KUSTOMIZE := v5.8.1

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)
LDFLAGS  = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

export CGO_ENABLED = 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## try it: the whole program against the simulated API
	go run ./cmd/vpsops serve --sandbox

.PHONY: build
build: ## build bin/vpsops, static
	go build -trimpath -tags timetzdata -ldflags '$(LDFLAGS)' -o bin/ ./cmd/vpsops

GOOS   ?= $(shell go env GOOS)
GOARCH ?= $(shell go env GOARCH)

.PHONY: mcpb
mcpb: build ## pack dist/vpsops-OS-ARCH.mcpb, which assistants install by a click; GOOS and GOARCH pick another
	GOOS= GOARCH= go run ./internal/mcpb -binary bin/vpsops$(if $(filter windows,$(GOOS)),.exe) -os $(GOOS) -version '$(VERSION)' \
		-o dist/vpsops-$(GOOS)-$(GOARCH).mcpb

.PHONY: test
test: ## run every test
	go test ./...

RACESKIP ?= ^$$

.PHONY: race
race: export CGO_ENABLED = 1
race: ## run every test under the race detector; RACESKIP=regexp leaves some out
	go test -race -skip '$(RACESKIP)' ./...

.PHONY: lint
lint: ## check with the linters of .golangci.yml, each with its reason there
	go run $(GOLANGCI_LINT) run

.PHONY: fmt
fmt: ## lay the code out as lint wants it
	go run $(GOLANGCI_LINT) fmt

.PHONY: vuln
vuln: ## look for known vulnerabilities; VULNDB=file:///… or an address takes another database
	go run $(GOVULNCHECK) $(if $(VULNDB),-db '$(VULNDB)') ./...

# What decides, votes, claims and sends, and what speaks to the API.
COVERED := ./policy,./policy/gate,./policy/ledger,./vpsapi
LEAST   ?= 90

.PHONY: cover
cover: ## how much of policy/... and vpsapi the tests run; below LEAST=90 per cent is a failure (needs PostgreSQL)
	@mkdir -p out
	go test -tags postgres -coverprofile out/cover.out -coverpkg $(COVERED) $(subst $(comma), ,$(COVERED)) ./tools ./internal/web ./slackbot
	@go tool cover -func out/cover.out | awk -v least=$(LEAST) '/^total:/ { sub("%", "", $$3); print "covered: " $$3 " %"; exit $$3 < least }'

comma := ,

BENCH     ?= .
BENCHTIME ?= 1s
BENCHSKIP ?= ^$$

.PHONY: bench
bench: ## run the benchmarks; BENCH=regexp picks some, BENCHSKIP leaves some out, BENCHTIME=10s takes longer
	go test -run '^$$' -bench '$(BENCH)' -skip '$(BENCHSKIP)' -benchtime $(BENCHTIME) -benchmem ./...

FUZZTIME ?= 10s
GUIDED   ?= 1

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME=10s, or 1000x for so many runs; GUIDED= builds faster, and is not led by coverage
	@set -e; mkdir -p out; for package in $$(grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | xargs -n 1 dirname | sort -u); do \
		go test -c $(if $(GUIDED),-fuzz .) -o out/fuzz.test $$package; \
		for target in $$(out/fuzz.test -test.list '^Fuzz'); do \
			echo "$$package $$target"; \
			(cd $$package && '$(CURDIR)/out/fuzz.test' -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime $(FUZZTIME) \
				-test.fuzzcachedir "$$(go env GOCACHE)/fuzz/$$(go list)"); \
		done; \
	done

.PHONY: cards
cards: ## lay the snapshots of the Slack cards out on a page to look at: bin/cards.html
	mkdir -p bin
	go run ./slackbot/card/preview slackbot/card/testdata >bin/cards.html

CHECKS ?= 100000

.PHONY: properties
properties: ## hold the policy's properties against CHECKS random policies and asks
	go test ./policy -rapid.checks=$(CHECKS) -timeout 60m

.PHONY: postgres
postgres: ## test the ledger on PostgreSQL (needs Debian's postgresql-15)
	go test -tags postgres ./policy/ledger/...

KILLS    ?= 20
ROUNDS   ?= 5
SEED     ?= 1
POSTGRES ?=

.PHONY: crash
crash: ## kill the program at every step of a change: KILLS=500 ROUNDS=50, POSTGRES=1 for PostgreSQL too
	go test -count 1 -timeout 2h -v -tags 'crash $(if $(POSTGRES),postgres)' \
		-run 'TestKills|TestAProcessThatWakes|TestABudgetHolds' ./cmd/vpsops \
		-kills $(KILLS) -rounds $(ROUNDS) -seed $(SEED)

DURATION ?= 3m
ASKS     ?= 6

.PHONY: chaos
chaos: ## three replicas on a PostgreSQL, killed, paused, cut off, upgraded and misled while people ask and vote: DURATION=30m for long
	go test -count 1 -timeout 3h -v -tags 'chaos crash postgres' -run 'TestChaos$$|TestTheJudge' ./cmd/vpsops \
		-duration $(DURATION) -asks $(ASKS) -seed $(SEED)

LOAD    ?= 1m
ATONCE  ?= 24
PAST    ?= 0
SERVERS ?= 190

.PHONY: load
load: ## how many whole requests a second go through three replicas, and through one and two, and how soon news are known elsewhere: LOAD=1m ASKS=50; where there are many: SERVERS=100000 PAST=142858
	go test -count 1 -timeout 1h -v -tags 'chaos crash postgres' -run 'TestLoad$$|TestNews$$' ./cmd/vpsops \
		-load $(LOAD) -at-once $(ATONCE) -past $(PAST) -servers $(SERVERS) -asks $(if $(filter file,$(origin ASKS)),50,$(ASKS))

STEPS ?= 20000

.PHONY: hostile
hostile: ## have the worst of assistants take STEPS steps: 1000000 take some five minutes
	go test -count 1 -timeout 2h -v -tags hostile -run TestAWorstCaseAssistant ./tools -steps $(STEPS) -seed $(SEED)

.PHONY: interop
interop: ## drive the program with other people's MCP clients (needs Node)
	bash interop/run.sh

EVALS ?=

.PHONY: evals
evals: ## have the reference player solve evals/tasks; EVALS='COMMAND… {prompt} {config}' has an assistant try
	@go run ./cmd/evals $(EVALS)

RUNS ?= 3

.PHONY: conformance
conformance: ## run the protocol's own conformance suite, both revisions, RUNS=3 times in a row (needs Node)
	RUNS=$(RUNS) bash interop/run.sh conformance.mjs

SHOTS ?=

.PHONY: browser
browser: ## drive the page in a real browser (needs Debian's chromium, and Node); SHOTS=folder leaves screenshots there
	npm --prefix internal/web/browser ci --loglevel=error
	go test -count 1 -tags browser ./internal/web/browser $(if $(SHOTS),-args -screenshots '$(abspath $(SHOTS))')

.PHONY: slack-interop
slack-interop: ## hold the fake Slack against Bolt, and the cards against Slack's types (needs Node)
	bash interop/slack/run.sh

CONTAINER ?= docker
IMAGE     ?= vpsops
# With the commit's time for that of the build the image comes out the same whenever it is
# built. Podman and Buildah take it by a flag, Docker by a variable.
TIME = $(shell git log -1 --format=%ct 2>/dev/null)
ifneq (,$(filter %podman %buildah,$(CONTAINER)))
BUILD_IMAGE = $(CONTAINER) build $(addprefix --timestamp=,$(TIME))
else
BUILD_IMAGE = $(addprefix SOURCE_DATE_EPOCH=,$(TIME)) $(CONTAINER) build
endif

.PHONY: image
image: ## build the container image; CONTAINER=podman takes another builder
	$(BUILD_IMAGE) --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t $(IMAGE) .

PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: release
release: ## build dist/ for every platform, with checksums and an SBOM, twice: the two must be the same
	VERSION=$(VERSION) COMMIT=$(COMMIT) CYCLONEDX=$(CYCLONEDX) bash deploy/release.sh dist $(PLATFORMS)

.PHONY: deploy
deploy: ## have the tools that read what is under deploy judge it (needs Debian's prometheus and systemd)
	go test -count 1 -tags deploy ./deploy

# The files of the policy that decide, and of the gate that turn votes into a
# call, by what they aren't: gremlins takes only what to leave out.
NOT_DECISION := action|builtin|casetest|decision|doc|document|duration|effect|explain|fault|identity|listed|load|load_zone|lookup|marshal|money|nearest|node|otherwise|place|policy|reader|sections|starter|unread
NOT_CLAIM    := again|approvals|ask|audit|ballot|cancel|describe|desk|dialog|digest|doc|errors|follow|frozen|gate|glass|hold|holdinforce|milestone|nextstep|odd|operation|orderable|outlook|passkey|post|reads|room|shown|signin|trail|trailwindow|typedname|unread|unseen|unsettled|view|wait|watch|whereabouts

# A run of the tests that comes from the cache takes no time: every mutant would time out.
MUTATE = GOFLAGS=-count=1 go run $(GREMLINS) unleash --workers 2 --timeout-coefficient 15 --output-statuses lct \
	--invert-assignments --invert-bitwise --invert-bwassign --invert-logical --invert-loopctrl --remove-self-assignments

.PHONY: mutants
mutants: ## change the decision and the claim in every small way and see which changes no test notices: an hour
	@mkdir -p out
	$(MUTATE) -o out/mutants.json -E '^(gate|ledger)/' -E '^($(NOT_DECISION))\.go$$' ./policy
	go run ./internal/mutants out/mutants.json ./policy
	$(MUTATE) -o out/mutants-claim.json -E '^($(NOT_CLAIM))\.go$$' ./policy/gate
	go run ./internal/mutants out/mutants-claim.json ./policy/gate
