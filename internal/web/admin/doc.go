// Package admin is where accounts are kept: people and what they may do, helpers for
// a day, who has signed in, and who did what. Administrators see all of it, managers
// their own offices'.
//
// Its one invariant: these pages know and may do nothing of their own. They ask the
// API with the reader's own cookie, and every form works without script.
package admin
