// Package files writes reports for other programs: XLSX for offices, CSV for everybody,
// Parquet for business intelligence.
//
// No text of a file is run as a formula, whatever somebody has named a service or
// written into a plan.
package files
