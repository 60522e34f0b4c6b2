package catalog

import (
	"machi/internal/queue"
)

// document is a catalogue file as it is written. Lists are merged by id: a field
// that a file does not state keeps the value that it had.
type document struct {
	Ward     Text          `yaml:"ward"`
	Of       *Municipality `yaml:"municipality"`
	Purposes []Purpose     `yaml:"purposes"`
	Services []serviceFile `yaml:"services"`
	Kinds    []officeFile  `yaml:"kinds"`
	Offices  []officeFile  `yaml:"offices"`
	Matters  []matterFile  `yaml:"matters"`
	Towns    []Town        `yaml:"towns"`
	Special  []specialFile `yaml:"special_days"`
}

type serviceFile struct {
	ID      string        `yaml:"id"`
	Name    Text          `yaml:"name"`
	Kana    *string       `yaml:"kana"`
	Purpose *string       `yaml:"purpose"`
	Covers  []string      `yaml:"covers"`
	Stages  []queue.Stage `yaml:"stages"`
	Minutes *float64      `yaml:"minutes"`
	Levels  []float64     `yaml:"levels"` // minutes: moderate, busy, very busy
	Private *bool         `yaml:"private"`
	Bring   []Text        `yaml:"bring"`
	Instead []Instead     `yaml:"instead"`
	Footer  Text          `yaml:"footer"`
	Below   *string       `yaml:"footer_url"`
	Remove  bool          `yaml:"remove"`
}

type officeFile struct {
	ID          string          `yaml:"id"`
	Kind        *string         `yaml:"kind"`
	Name        Text            `yaml:"name"`
	Kana        *string         `yaml:"kana"`
	Area        *string         `yaml:"area"`
	Address     *string         `yaml:"address"`
	Position    []float64       `yaml:"position"`
	Access      Text            `yaml:"access"`
	Phone       *string         `yaml:"phone"`
	WaitArea    Text            `yaml:"wait_area"`
	Page        *string         `yaml:"page"`
	Unconfirmed []string        `yaml:"unconfirmed"`
	Hours       *hoursFile      `yaml:"hours"`
	Exceptions  []exceptionFile `yaml:"exceptions"`
	Services    []offeredFile   `yaml:"services"`
	Series      []seriesFile    `yaml:"series"`
	Counters    []counterFile   `yaml:"counters"`
	Kiosks      []kioskFile     `yaml:"kiosks"`
	Rule        *ruleFile       `yaml:"rule"`
	FromHome    *homeFile       `yaml:"from_home"`
	Announce    *announceFile   `yaml:"announce"`
	Alerts      *alertsFile     `yaml:"alerts"`
	Staffing    *staffingFile   `yaml:"staffing"`
	Special     []specialFile   `yaml:"special_days"`
	Remove      bool            `yaml:"remove"`
}

type hoursFile struct {
	Weekdays *string `yaml:"weekdays"`
	Saturday *string `yaml:"saturday"`
	Sunday   *string `yaml:"sunday"`
	// EarlyMinutes is how long before the opening tickets are given.
	EarlyMinutes *float64 `yaml:"early_minutes"`
}

type exceptionFile struct {
	Date   string `yaml:"date"`
	Hours  string `yaml:"hours"`
	Reason string `yaml:"reason"`
}

type offeredFile struct {
	ID      string   `yaml:"id"`
	Series  string   `yaml:"series"`
	Minutes *float64 `yaml:"minutes"`
}

// seriesFile states ranges as "1-799"; what is not stated gets the usual place.
type seriesFile struct {
	ID     string              `yaml:"id"`
	Main   string              `yaml:"main"`
	Next   string              `yaml:"next"`
	Desk   string              `yaml:"desk"`
	Kiosks map[string][]string `yaml:"kiosks"`
}

type counterFile struct {
	ID       string   `yaml:"id"`
	Services []string `yaml:"services"`
	Own      []string `yaml:"own"`
	Stages   []string `yaml:"stages"`
	Remote   bool     `yaml:"remote"`
	// Direction and Place tell the way from in front of the wall.
	Direction string `yaml:"direction"`
	Place     Text   `yaml:"place"`
}

type kioskFile struct {
	ID string `yaml:"id"`
}

type ruleFile struct {
	Ratio                   *int     `yaml:"ratio"`
	MaxWaitMinutes          *float64 `yaml:"max_wait_minutes"`
	MaxOvertaken            *int     `yaml:"max_overtaken"`
	AppointmentEarlyMinutes *float64 `yaml:"appointment_early_minutes"`
	AppointmentLateMinutes  *float64 `yaml:"appointment_late_minutes"`
	NoShowCalls             *int     `yaml:"no_show_calls"`
	RecallGapSeconds        *float64 `yaml:"recall_gap_seconds"`
	NoShowCloseMinutes      *float64 `yaml:"no_show_close_minutes"`
	RestoreBack             *int     `yaml:"restore_back"`
	UndoSeconds             *float64 `yaml:"undo_seconds"`
	MaxWaiting              *int     `yaml:"max_waiting"`
	CheckIn                 *bool    `yaml:"check_in"`
	SkipMinutes             *float64 `yaml:"skip_minutes"`
	Choose                  *string  `yaml:"choose"`
}

// merge lays a second document over a first one.
func merge(base, over document) document {
	if over.Ward != nil {
		base.Ward = over.Ward
	}
	base.Of = or(over.Of, base.Of)
	base.Purposes = mergeList(base.Purposes, over.Purposes, func(p Purpose) string { return p.ID }, func(_, o Purpose) Purpose { return o })
	base.Services = mergeList(base.Services, over.Services, func(s serviceFile) string { return s.ID }, mergeService)
	base.Kinds = mergeList(base.Kinds, over.Kinds, officeID, mergeOffice)
	base.Offices = mergeList(base.Offices, over.Offices, officeID, mergeOffice)
	base.Matters = mergeList(base.Matters, over.Matters, func(m matterFile) string { return m.ID }, mergeMatter)
	base.Towns = mergeList(base.Towns, over.Towns, func(t Town) string { return t.ID }, func(_, o Town) Town { return o })
	base.Special = mergeSpecial(base.Special, over.Special)
	return base
}

func officeID(o officeFile) string { return o.ID }

func mergeList[T any](base, over []T, id func(T) string, join func(base, over T) T) []T {
	out := append([]T(nil), base...)
	for _, o := range over {
		found := false
		for i := range base {
			if id(base[i]) == id(o) {
				out[i], found = join(out[i], o), true
			}
		}
		if !found {
			out = append(out, o)
		}
	}
	return out
}

func mergeService(base, over serviceFile) serviceFile {
	base.Name = orMap(over.Name, base.Name)
	base.Kana = or(over.Kana, base.Kana)
	base.Purpose = or(over.Purpose, base.Purpose)
	base.Covers = orList(over.Covers, base.Covers)
	base.Stages = orList(over.Stages, base.Stages)
	base.Minutes = or(over.Minutes, base.Minutes)
	base.Levels = orList(over.Levels, base.Levels)
	base.Private = or(over.Private, base.Private)
	base.Bring = orList(over.Bring, base.Bring)
	base.Instead = orList(over.Instead, base.Instead)
	base.Footer = orMap(over.Footer, base.Footer)
	base.Below = or(over.Below, base.Below)
	base.Remove = over.Remove
	return base
}

func mergeOffice(base, over officeFile) officeFile {
	base.Kind = or(over.Kind, base.Kind)
	base.Name = orMap(over.Name, base.Name)
	base.Kana = or(over.Kana, base.Kana)
	base.Area = or(over.Area, base.Area)
	base.Address = or(over.Address, base.Address)
	base.Position = orList(over.Position, base.Position)
	base.Access = orMap(over.Access, base.Access)
	base.Phone = or(over.Phone, base.Phone)
	base.WaitArea = orMap(over.WaitArea, base.WaitArea)
	base.Page = or(over.Page, base.Page)
	base.Unconfirmed = orList(over.Unconfirmed, base.Unconfirmed)
	base.Hours = mergeHours(base.Hours, over.Hours)
	base.Exceptions = mergeList(base.Exceptions, over.Exceptions, func(e exceptionFile) string { return e.Date }, func(_, o exceptionFile) exceptionFile { return o })
	base.Services = orList(over.Services, base.Services)
	base.Series = mergeList(base.Series, over.Series, func(s seriesFile) string { return s.ID }, func(_, o seriesFile) seriesFile { return o })
	base.Counters = mergeList(base.Counters, over.Counters, func(c counterFile) string { return c.ID }, func(_, o counterFile) counterFile { return o })
	base.Kiosks = orList(over.Kiosks, base.Kiosks)
	base.Rule = mergeRule(base.Rule, over.Rule)
	base.FromHome = mergeHome(base.FromHome, over.FromHome)
	base.Announce = mergeAnnounce(base.Announce, over.Announce)
	base.Alerts = mergeAlerts(base.Alerts, over.Alerts)
	base.Staffing = mergeStaffing(base.Staffing, over.Staffing)
	base.Special = mergeSpecial(base.Special, over.Special)
	base.Remove = over.Remove
	return base
}

func mergeHours(base, over *hoursFile) *hoursFile {
	if base == nil || over == nil {
		return or(over, base)
	}
	return &hoursFile{or(over.Weekdays, base.Weekdays), or(over.Saturday, base.Saturday), or(over.Sunday, base.Sunday), or(over.EarlyMinutes, base.EarlyMinutes)}
}

func mergeRule(base, over *ruleFile) *ruleFile {
	if base == nil || over == nil {
		return or(over, base)
	}
	return &ruleFile{
		or(over.Ratio, base.Ratio), or(over.MaxWaitMinutes, base.MaxWaitMinutes), or(over.MaxOvertaken, base.MaxOvertaken),
		or(over.AppointmentEarlyMinutes, base.AppointmentEarlyMinutes), or(over.AppointmentLateMinutes, base.AppointmentLateMinutes),
		or(over.NoShowCalls, base.NoShowCalls), or(over.RecallGapSeconds, base.RecallGapSeconds),
		or(over.NoShowCloseMinutes, base.NoShowCloseMinutes), or(over.RestoreBack, base.RestoreBack),
		or(over.UndoSeconds, base.UndoSeconds), or(over.MaxWaiting, base.MaxWaiting),
		or(over.CheckIn, base.CheckIn),
		or(over.SkipMinutes, base.SkipMinutes), or(over.Choose, base.Choose),
	}
}

func or[T any](p, otherwise *T) *T {
	if p != nil {
		return p
	}
	return otherwise
}

func orList[T any](list, otherwise []T) []T {
	if list != nil {
		return list
	}
	return otherwise
}

func orMap(m, otherwise Text) Text {
	if m != nil {
		return m
	}
	return otherwise
}
