// Package duty keeps the alerts of an installation: it looks at every office again and
// again, writes down what begins and ends, and tells those on duty whom nobody answers.
//
// Its invariants: all servers look, and each trouble is written once, since what changes
// is decided on everything that was written before (see package ledger); a restart
// forgets nothing. A letter is claimed in the store before it is sent (see package
// outbox), and goes out only while its alert still waits. Addresses stay in the
// catalogue: no stream holds one.
package duty
