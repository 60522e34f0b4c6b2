// Package notify tells residents that their turn is near, has come, or that their
// papers are ready: by Web Push, e-mail or LINE, as they asked for with one ticket.
//
// Its invariants: nobody is told twice and nobody is forgotten, however many servers
// run and whenever one of them dies. A notice is claimed in the store before it is
// sent, and its end is written after. Where it is unclear whether a message went out,
// one more is tried at most, which bears the same name (the push topic, Message-ID or
// retry key), so that whoever carries it can drop the second.
//
// Whom to tell is in the store only sealed (see package vault). The keys are on the
// servers' own disks, and are destroyed when the business day ends at 03:00. No
// address ever reaches a log, a metric, an error's text or another day.
package notify
