# Everything a person or CI runs. `make` lists the targets.
SHELL := /bin/bash
GOBIN := $(shell go env GOPATH)/bin
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT := mvdan.cc/gofumpt@v0.12.0

.PHONY: help setup demo test check unit browser sim kiosk-deb test-deep year bench bench-press cover clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what the tests need (redis-server, chromium, fonts, npm packages)
	@scripts/setup

demo: ## the whole system with pretend residents, nothing else installed
	go run ./cmd/machi demo

test: setup ## every test: what CI runs
	@scripts/test

check: setup ## format, vet, staticcheck, types: no tests
	@scripts/check

unit: ## the Go tests alone, with the race detector
	go test -race -shuffle=on ./...

browser: setup ## the browser tests alone
	@scripts/browser

sim: ## the simulated world, 300 seeds with all faults
	go run ./cmd/machi simulate --seeds 1-300 --faults all

kiosk-deb: ## the Debian package of the ticket machine, into out/
	@deploy/kiosk/build-deb out

test-deep: setup ## the long versions: more seeds, more random days, everything with real processes ten times
	go test -tags planted -count=1 -timeout 60m ./internal/sim -run Planted
	go run ./cmd/machi simulate --seeds 1-3000 --faults all
	go test -race -count=1 -timeout 60m ./internal/queue -more 15
	go test -count=1 -timeout 60m ./internal/outlook -more 7
	go test -count=1 -timeout 60m ./kiosk/store ./test/powercut -more 15
	go test -count=1 -timeout 60m -tags fuse ./test/powercut -run FileSystem -more 20
	go test -count=1 -timeout 90m ./test/trouble -run 'Cycles|Clocks' -more 50
	go test -race -count=1 -timeout 60m ./test/clerks -more 10
	MACHI_MORE=30 node --test --test-reporter=tap test/browser/cut.test.js
	MACHI_MORE=50 node --test --test-reporter=tap test/browser/wall.test.js
	MACHI_MORE=1 node --test --test-reporter=tap test/browser/console.test.js
	MACHI_MORE=1 node --test --test-reporter=tap test/browser/accessible.test.js test/browser/kiosk.test.js
	go test -race -count=10 -timeout 90m ./internal/office ./internal/eventlog/... ./kiosk
	go test -race -count=10 -timeout 90m ./test/peakday -more 7

year: ## a year of the ward, 1.4 million visits: lived, archived, asked for, exported, restored in 2 GB
	GOMEMLIMIT=1500MiB go test -count=1 -timeout 4h -v ./test/year -more 365

bench: ## benchmarks; ratios, not absolute times
	go test -run '^$$' -bench . -benchmem ./...

bench-press: setup ## from a clerk's key to three changed screens: p50 and p99 of 300 presses
	@scripts/bench-press

cover: ## statement coverage of the core packages
	@scripts/cover

clean: ## remove what the targets made
	rm -rf bin out node_modules
