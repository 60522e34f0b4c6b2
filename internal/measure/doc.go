// Package measure counts what closed days show: how many came, how long they waited
// and how it ended, by office, service, stage, time of day and kind of day.
//
// Every figure is made of tables of closed days ([history.Day]) and of what is counted
// beside them ([Extra]); nothing else is kept, so all of it can be made again. A
// quantile is never one of quantiles, and a mean never one of means: what is merged
// are counts, sums and sketches.
//
// What is counted where:
//
//   - A visit belongs to the service that was asked for and to the half hour in which
//     the visitor came: the check-in of a ticket taken from home, otherwise the issue.
//   - A talk at a counter, a time in the back office and a delivery belong to the
//     service of their line and to the half hour in which they began.
//   - With [ByStage] a row is a line: Arrivals counts every time that somebody joined
//     it, UntilCalled runs from joining it, and the half hour is that of joining.
//   - A visit ends in exactly one way: Arrivals = Served + NoShow + Left + Unseen.
//
// Quantiles are within half a percent of exact ones by nearest rank; counts, means and
// maxima are exact. It is pure: the same tables give the same figures.
package measure
