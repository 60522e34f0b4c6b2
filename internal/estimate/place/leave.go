package place

import "machi/internal/estimate/walk"

// leaving counts, by waited time, who left before the call and who was not
// there when called.
type leaving struct {
	Waited [walk.Buckets]float64 `json:"waited"` // seconds waited in the bucket, by all
	Left   [walk.Buckets]float64 `json:"left"`
	Called [walk.Buckets]float64 `json:"called"`
	Absent [walk.Buckets]float64 `json:"absent"`
}

// wait adds the waiting of one ticket.
func (l *leaving) wait(waited float64) {
	for i := range walk.Buckets {
		end := waited
		if i+1 < walk.Buckets {
			end = min(waited, walk.Edges[i+1])
		}
		if end <= walk.Edges[i] {
			return
		}
		l.Waited[i] += end - walk.Edges[i]
	}
}

func (l *leaving) leave(waited float64) {
	l.wait(waited)
	l.Left[walk.Bucket(waited)]++
}

// fade lets the past count less, by one event.
func (l *leaving) fade(by float64) {
	for i := range l.Waited {
		l.Waited[i] *= by
		l.Left[i] *= by
	}
}

// absentWeight is how many calls the share of the shorter waits counts for: the
// share grows with the wait, and long waits are rare.
const absentWeight = 60

// shares smooths the no-shows: each bucket leans to the one before, the first to
// a little; a class leans to all (pool, nil for all itself).
func (l *leaving) shares(pool *walk.Shares) (s walk.Shares) {
	before := 0.01
	for i := range s {
		if pool != nil {
			before = pool[i]
		}
		s[i] = (l.Absent[i] + absentWeight*before) / (l.Called[i] + absentWeight)
		before = s[i]
	}
	return s
}

// leaveWeight is how many leavers the rate of the shorter waits counts for.
const leaveWeight = 3

// hazard smooths the rates of leaving in the same way.
func (l *leaving) hazard(pool *walk.Hazard) (h walk.Hazard) {
	return l.hazardFrom(pool, 1e-7, false)
}

// hazardFrom begins at a rate. If it is falling, then after two
// minutes it falls as the waited time grows where nothing has been seen: a thing
// that has not happened for long is not expected soon.
func (l *leaving) hazardFrom(pool *walk.Hazard, before float64, falling bool) (h walk.Hazard) {
	for i := range h.Rate {
		if falling && walk.Edges[i] > 120 {
			before *= walk.Edges[i-1] / walk.Edges[i]
		}
		if pool != nil {
			before = pool.Rate[i]
		}
		weight := leaveWeight / max(before, 1e-7) // seconds in which so many would leave
		h.Rate[i] = (l.Left[i] + before*weight) / (l.Waited[i] + weight)
		before = h.Rate[i]
	}
	h.Add()
	return h
}
