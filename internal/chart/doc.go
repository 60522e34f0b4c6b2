// Package chart draws figures that people would rather look at than read: lines and
// bands over a day or a year, bars, strips of quantiles, heat maps and a year of days.
//
// Every chart is drawn on the server as SVG, twice: for the width it is meant for and
// for a phone. It has a title and a sentence for whoever cannot see it, a table twin
// with the same values in the same words, and tells nothing by colour alone: lines
// differ by their strokes, bars by their hatching, heat by lightness and by the value
// in the cell. Colours, themes and print stand in chart.css of the shared assets; the
// drawing has classes and no style of its own.
//
// Values that are not known are [None]: they leave a gap, and the twin says so.
//
// It is pure: the same data give the same bytes.
package chart
