// Package queuetest makes days for tests: settings small enough that ranges run
// out, a log that decides and applies as a server does, and chance that picks
// commands which often, not always, are allowed.
//
// It has no randomness of its own: chance comes in as a function, so that a test
// decides whether it is a seed or a fuzzer. A Log has one owner.
package queuetest
