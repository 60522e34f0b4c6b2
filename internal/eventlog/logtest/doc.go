// Package logtest is the one suite that every implementation of
// [eventlog.Store] passes, and the helpers that build records for tests.
//
// Each test in the suite stands for one sentence of the contract. A store that
// several processes may open at once gives [Harness.Second]; the races then run
// across two stores, otherwise across goroutines of one.
//
// The suite is itself tested: stores with one planted bug each must fail it.
package logtest
