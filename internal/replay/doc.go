// Package replay shows a closed day again as it went: who waited in which line at each
// minute, what every counter did, which numbers stood on the wall, and what those were
// told who took a number then, beside how long they really waited.
//
// A film is made of the day's table, so it shows what late records have corrected, and
// it names no person: numbers are those on paper, worthless since the day ended.
//
// It is pure: the same table gives the same film.
package replay
