// Package keep holds the figures of all closed days that a server has tables of, and
// keeps them in step with the tables: a day that was closed, corrected by late records
// or deleted is counted again.
//
// What it keeps on disk is a copy to start faster with; without it, or with one that
// is damaged, everything is counted anew.
package keep
