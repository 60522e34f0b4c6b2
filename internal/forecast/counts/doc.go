// Package counts reads histories of counts and lists of holidays, and writes
// forecasts, as CSV.
package counts
