// Package report puts the figures of closed days into the reports that an office files:
// of a day (日報), a month (月報) and a fiscal year (年報).
//
// A report is a document of cards and tables, the same one whether it is printed, opened
// as a spreadsheet or read by a program. Every figure in it is one of [Dictionary], has
// its meaning there, and says how many visits stand behind it. Days that lack are named.
//
// It is pure: the same answers give the same report.
package report
