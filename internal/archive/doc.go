// Package archive keeps the logs of closed days in files, for the years in which they
// must be kept and nobody reads them: one file for each office and month, and a
// manifest that names every file and day with its SHA-256 and the head of its chain.
//
// A file is a sequence of gzip members, one for each day, so that zcat reads all of it
// and a reader finds one day without the others. A day is lines of JSON: a header, then
// each record's body byte for byte. The hash of a record covers all before it, so the
// head in the header proves every line.
//
// Nothing is overwritten: a month that grows is written anew under the next name, then
// the manifest takes its place in one step, then the older file goes.
package archive
