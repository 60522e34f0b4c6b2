package catalog

import (
	"fmt"
	"time"
)

// Staffing is what the counters of an office are to reach.
type Staffing struct {
	Target time.Duration // until called
	Share  float64       // of the visitors who are to be called within it
	Most   int           // counters that may be open at once, for want of people; 0: all
}

// staffingFile is the block staffing of an office.
type staffingFile struct {
	TargetMinutes *float64 `yaml:"target_minutes"`
	Share         *float64 `yaml:"share"`
	MostCounters  *int     `yaml:"most_counters"`
}

func mergeStaffing(base, over *staffingFile) *staffingFile {
	if base == nil || over == nil {
		return or(over, base)
	}
	return &staffingFile{or(over.TargetMinutes, base.TargetMinutes), or(over.Share, base.Share), or(over.MostCounters, base.MostCounters)}
}

// staffing reads what counters are to reach: where nothing is stated, four of five
// visitors are called within half an hour.
func (b *builder) staffing(f *staffingFile, path ...string) Staffing {
	s := Staffing{Target: 30 * time.Minute, Share: 0.8}
	if f == nil {
		return s
	}
	if f.TargetMinutes != nil {
		s.Target = b.minutes(f.TargetMinutes, 1, 240, append(path, "target_minutes")...)
	}
	if s.Share = orValue(f.Share, s.Share); s.Share < 0.5 || s.Share > 0.99 {
		b.blame(fmt.Sprintf("%v is not between 0.5 and 0.99", s.Share), append(path, "share")...)
	}
	if s.Most = orValue(f.MostCounters, 0); s.Most < 0 || s.Most > 200 {
		b.blame(fmt.Sprintf("%d is not between 0 and 200", s.Most), append(path, "most_counters")...)
	}
	return s
}
