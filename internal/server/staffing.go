package server

import (
	"time"

	"machi/internal/outlook"
	"machi/internal/queue"
	"machi/internal/staffing"
)

// openStaffing prepares what says how many counters days need. Nothing is played before
// the server runs.
func (s *Server) openStaffing() error {
	s.staffing = staffing.New(staffing.Options{
		Offices: s.offices, Usual: s.forecasts.Usual, Forecast: s.forecasts.Forecast, Settings: s.settings, Goal: s.goal, State: s.stateOf,
		Days: s.archive, Now: s.now, Logger: s.options.Logger, Every: s.options.pace(time.Minute),
	})
	return nil
}

// goal is what the catalogue says that an office's counters are to reach.
func (s *Server) goal(id queue.OfficeID) (staffing.Goal, bool) {
	o, ok := s.catalog().Office(id)
	if !ok {
		return staffing.Goal{}, false
	}
	return staffing.Goal{Target: o.Staffing.Target, Share: o.Staffing.Share, Most: o.Staffing.Most}, true
}

// stateOf is today's state of an office, unless the store is in doubt.
func (s *Server) stateOf(id queue.OfficeID) (*queue.State, bool) {
	view, err := s.ward.View(id)
	if err != nil || view.Doubt || view.At.IsZero() || view.Date != s.today() {
		return nil, false
	}
	return view.State, true
}

// restOfDay is the rest of an office's day, as it was played within the last minutes;
// false: nobody knows. It answers from memory.
func (s *Server) restOfDay(id queue.OfficeID) (outlook.Result, bool) { return s.staffing.Rest(id) }
