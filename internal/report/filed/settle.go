package filed

import "machi/internal/report"

// Settle says which revision a report is that was just made, given those that were
// filed, the newest first: the figures that one looks at first must still be the same.
func Settle(r *report.Report, revisions []Entry) {
	if r.Standing != report.Final || len(revisions) == 0 {
		return
	}
	newest := revisions[0]
	r.Revision, r.Made = newest.Revision, newest.At
	for _, c := range r.Cards {
		was, known := newest.Heads[c.Figure]
		if known != (c.Now.Number != nil) || known && was != *c.Now.Number {
			r.Standing = report.Changed
		}
	}
}
