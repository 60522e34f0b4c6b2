package outlook

import (
	"time"

	"machi/internal/queue"
)

// Result is what the futures came to.
type Result struct {
	Futures  int
	Services []ServiceResult // in the order of the Input
	All      Course          // over all services
	Runs     []Run           // by future, in the same order for every plan
	Kept     float64         // share of the futures in which [Input.Share] of the visitors were called within their target
	Cut      bool            // more came than are played
}

// Service returns the result of a service; false: it was not in the Input.
func (r *Result) Service(id queue.ServiceID) (ServiceResult, bool) {
	for _, s := range r.Services {
		if s.ID == id {
			return s, true
		}
	}
	return ServiceResult{}, false
}

// ServiceResult is one service's.
type ServiceResult struct {
	ID queue.ServiceID
	Course
}

// Course is a day and its half hours, by the time at which visitors come.
type Course struct {
	Day   Figures
	Slots [Slots]Figures
}

// Figures are of those who come in a time, over all futures. Who waits already at the
// beginning counts in the first half hour, with all of the wait.
type Figures struct {
	Arrivals Range   // how many come
	Wait     Wait    // until called, of those who are called
	Finished Wait    // until they leave, of those who are served
	Within   float64 // share of those called that are called within their target; 1 where nobody is
	Queue    Range   // how many wait at the end of the half hour; of the day: the most at the end of any
	Left     float64 // mean number of those who leave before the call
	Absent   float64 // mean number of those who do not come when called
	N        int     // how many waits are behind Wait, in all futures
}

// Wait is a distribution of times.
type Wait struct{ P50, P80, P90 time.Duration }

// Range is a number that differs between futures.
type Range struct{ P10, P50, P90 float64 }

// Run is the day of one future.
type Run struct {
	Came   int
	Median time.Duration // until called
	P80    time.Duration
	Worst  time.Duration  // the longest
	Within float64        // share called within the target
	Finish time.Duration  // the median until they leave
	Over   time.Duration  // when the last visitor is served
	Peak   [Slots]float32 // seconds: the 80 % wait of who comes in the half hour
	Busy   float64        // counter hours with a visitor
	Open   float64        // counter hours open
}

// Kept reports whether a share of the visitors was called within the target.
func (r Run) Kept(share float64) bool { return r.Within >= share }
