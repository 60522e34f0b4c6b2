package estimate

import (
	"math"
	"slices"
	"time"

	"machi/internal/queue"
)

// How a day's own times are weighed against what the ward expects of a service.
const (
	priorWeight = 4               // visits that the expectation counts for
	recent      = 30              // newest visits of a service that are looked at
	oldDefault  = 8 * time.Minute // where not even an expectation is configured
	turnover    = 45 * time.Second
	longest     = 4 * time.Hour // a talk or gap beyond it is a forgotten key, not a visit
	minSpread   = 0.35          // of a talk's length: nobody's talks are all alike
	maxSpread   = 1.2
)

// talk is how long one visit keeps a counter: mean and standard deviation.
type talk struct{ mean, sd float64 } // seconds

// lines holds the times of every service, learnt from the day so far.
type lines map[queue.Line]talk

// learn returns the times of all services as the day has shown them, shrunk
// toward the expectation while there is little to go by.
func learn(s *queue.State) lines {
	seen := map[queue.Line][]sample{}
	for _, t := range s.Tickets() {
		for _, v := range t.Visited {
			if d := v.Finished.Sub(v.Started); !v.Unmeasured && d > 0 && d < longest {
				seen[v.Line] = append(seen[v.Line], sample{v.Finished, d.Seconds()})
			}
		}
	}
	times := lines{}
	for _, service := range s.Settings().Services {
		for _, stage := range service.Stages {
			line := queue.Line{Service: service.ID, Stage: stage}
			times[line] = shrink(seen[line], expected(service, stage))
		}
	}
	return times
}

type sample struct {
	at      time.Time
	seconds float64
}

// expected is the ward's own figure for a stage. Handing over what is ready
// takes a fraction of the talk, and the back office about as long as it.
func expected(service queue.ServiceSettings, stage queue.Stage) float64 {
	d := service.Expected
	if d <= 0 {
		d = oldDefault
	}
	if stage == queue.StageDelivery {
		d /= 3
	}
	return d.Seconds()
}

// shrink is the mean of the newest samples and a prior, as in an empirical Bayes
// estimate of a mean with the prior worth priorWeight samples.
func shrink(seen []sample, prior float64) talk {
	slices.SortFunc(seen, func(a, b sample) int { return a.at.Compare(b.at) })
	if len(seen) > recent {
		seen = seen[len(seen)-recent:]
	}
	sum, n := prior*priorWeight, float64(priorWeight)
	for _, x := range seen {
		sum, n = sum+x.seconds, n+1
	}
	mean := sum / n
	squares := priorWeight * math.Pow(mean*0.6, 2)
	for _, x := range seen {
		squares += math.Pow(x.seconds-mean, 2)
	}
	sd := math.Sqrt(squares / n)
	return talk{mean, min(max(sd, mean*minSpread), mean*maxSpread)}
}

// of returns the time of a line; a line that the settings do not know is taken
// to be an ordinary one.
func (l lines) of(line queue.Line) talk {
	if t, ok := l[line]; ok {
		return t
	}
	return talk{oldDefault.Seconds(), oldDefault.Seconds() * 0.6}
}
