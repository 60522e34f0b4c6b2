package queue

import (
	"fmt"
	"slices"
	"strings"
)

// Validate checks that the settings can run a day: every name resolves, and no
// number belongs to two owners.
func (s *Settings) Validate() error {
	if _, _, err := s.Date.Bounds(); err != nil {
		return err
	}
	for _, v := range s.Services {
		if _, ok := s.SeriesOf(v.Series); !ok {
			return fmt.Errorf("service %s: series %q is not defined", v.ID, v.Series)
		}
		if !v.HasStage(StageReception) {
			return fmt.Errorf("service %s: has no reception stage", v.ID)
		}
	}
	for _, c := range s.Counters {
		for _, id := range slices.Concat(c.Services, c.Own) {
			if _, ok := s.Service(id); !ok {
				return fmt.Errorf("counter %s: service %q is not defined", c.ID, id)
			}
		}
	}
	for _, series := range s.Series {
		if err := s.validateSeries(series); err != nil {
			return err
		}
	}
	if err := s.validateNames(); err != nil {
		return err
	}
	return s.validateLabels()
}

// validateLabels checks that no two owners could print the same number: a digit
// or a hyphen in a series, or an overflow label that two owners share, would let
// two of them.
func (s *Settings) validateLabels() error {
	owners := map[string]string{}
	claim := func(label, owner string) error {
		label = strings.ToUpper(label)
		if other, taken := owners[label]; taken {
			return fmt.Errorf("%s and %s would print the same overflow numbers %s-0001", other, owner, label)
		}
		owners[label] = owner
		return nil
	}
	for _, series := range s.Series {
		if series.ID == "" || strings.ContainsAny(string(series.ID), "0123456789-") {
			return fmt.Errorf("series %q: want letters only, or its numbers could be read as another's", series.ID)
		}
		if err := claim(string(series.ID), "series "+string(series.ID)); err != nil {
			return err
		}
	}
	for _, k := range s.Kiosks {
		for slot := range s.slots(k.ID) {
			if err := claim(OverflowLabel(k.ID, slot), fmt.Sprintf("kiosk %s slot %d", k.ID, slot)); err != nil {
				return err
			}
		}
	}
	return nil
}

// slots returns how many stores of a kiosk can issue on their own on one day: one
// for each of its ranges. A kiosk without ranges has its overflow numbers.
func (s *Settings) slots(k KioskID) int {
	most := 1
	for _, series := range s.Series {
		most = max(most, len(series.Kiosks[k]))
	}
	return most
}

// owned is a range of a series with its owner.
type owned struct {
	by string
	r  Range
}

// owners lists the ranges of a series.
func (s *Settings) owners(series SeriesSettings) []owned {
	all := []owned{{"main", series.Main}, {"next", series.Next}, {"desk", series.Desk}}
	for _, k := range s.Kiosks {
		for slot, r := range series.Kiosks[k.ID] {
			all = append(all, owned{fmt.Sprintf("kiosk %s slot %d", k.ID, slot), r})
		}
	}
	return all
}

func (s *Settings) validateSeries(series SeriesSettings) error {
	for id := range series.Kiosks {
		if _, ok := s.Kiosk(id); !ok {
			return fmt.Errorf("series %s: kiosk %q is not defined", series.ID, id)
		}
	}
	all := s.owners(series)
	for i, a := range all {
		if a.r.First < 0 || a.r.Last < a.r.First {
			return fmt.Errorf("series %s: the %s range %d-%d is not a range", series.ID, a.by, a.r.First, a.r.Last)
		}
		for _, b := range all[:i] {
			if a.r.overlaps(b.r) {
				return fmt.Errorf("series %s: the ranges of %s and %s overlap", series.ID, b.by, a.by)
			}
		}
	}
	return nil
}

// keepsRanges checks that no number changes its owner while the day runs: a kiosk
// that is out of reach still prints from the range it knows.
func (s *Settings) keepsRanges(next *Settings) error {
	for _, series := range next.Series {
		before, ok := s.SeriesOf(series.ID)
		if !ok {
			continue
		}
		for _, a := range next.owners(series) {
			for _, b := range s.owners(before) {
				if a.by != b.by && a.r.overlaps(b.r) {
					return fmt.Errorf("series %s: %s would get numbers of %s, which may be on paper today", series.ID, a.by, b.by)
				}
			}
		}
	}
	return nil
}

// validateNames checks that services and counters have one entry each.
func (s *Settings) validateNames() error {
	seen := map[string]bool{}
	claim := func(name string) error {
		if seen[name] {
			return fmt.Errorf("%s is defined twice", name)
		}
		seen[name] = true
		return nil
	}
	for _, v := range s.Services {
		if err := claim("service " + string(v.ID)); err != nil {
			return err
		}
	}
	for _, c := range s.Counters {
		if err := claim("counter " + string(c.ID)); err != nil {
			return err
		}
	}
	return nil
}
