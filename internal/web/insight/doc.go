// Package insight is where managers look back: what closed days show, as charts with
// their tables, and one closed day again, minute by minute.
//
// Its one invariant: it invents nothing. What few visits or days show is said in words
// instead of a figure, days that are missing are named, and every figure stands beside
// the number of visits behind it, with its definition on the same page.
package insight
