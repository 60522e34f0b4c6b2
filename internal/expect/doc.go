// Package expect says what is expected of an office's day to come: how many people
// come in each half hour, how long they wait, how busy that is in the words that are
// used of the running day, why, and what staff who know more have said.
//
// A forecast never shows a factor that must not be shown: reasons are keys that are
// put into words, and the calendar's hidden factors have none of their own.
//
// It is pure: the same tables, model and remarks give the same days on every server.
package expect
