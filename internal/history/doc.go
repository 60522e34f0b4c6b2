// Package history keeps what closed business days leave behind: of each office and
// day one table of its visits, and what the tables have taught the wait estimates by
// the morning of each day, its lessons.
//
// Tables hold no names, no notes, no words that a person typed and no secret.
//
// A table is made of the day's log when the day is over, or imported, and made again
// when late records correct it. The lessons of a day are those of an earlier day and
// the tables since: they are fixed once made, so that every server and machine
// answers a day with the same.
package history
