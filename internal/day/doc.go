// Package day joins the domain and the log: a [Day] is one office's business day
// folded from its records, with the chains that prove that none is missing.
//
// It is pure. Servers, kiosks, the verifier and the simulator hold Days; they
// differ only in where their records come from. Two Days with the same head have
// the same state.
//
// A Day has one owner and is not safe for concurrent use.
package day
