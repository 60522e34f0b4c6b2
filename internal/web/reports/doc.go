// Package reports draws the reports that managers file (日報・月報・年報) as pages to print,
// and the table of measures (年次別計画・実績) as a page to fill in.
package reports
