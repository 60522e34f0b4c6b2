package calendar

import (
	"fmt"
	"time"
)

// Hours are the reception hours of one day, as times since midnight. Equal
// Opens and Closes mean that the office is closed, for the reason.
type Hours struct {
	Opens, Closes time.Duration
	Reason        string
}

// Closed reports whether no ticket is issued on the day.
func (h Hours) Closed() bool { return h.Opens >= h.Closes }

// ParseHours reads "08:30-17:00", or "closed".
func ParseHours(text string) (Hours, error) {
	if text == "closed" {
		return Hours{}, nil
	}
	var oh, om, ch, cm int
	if n, err := fmt.Sscanf(text, "%02d:%02d-%02d:%02d", &oh, &om, &ch, &cm); n != 4 || err != nil || len(text) != len("08:30-17:00") {
		return Hours{}, fmt.Errorf("hours %q: want HH:MM-HH:MM or closed", text)
	}
	h := Hours{Opens: clock(oh, om), Closes: clock(ch, cm)}
	if om > 59 || cm > 59 || h.Closes > 24*time.Hour || h.Closed() {
		return Hours{}, fmt.Errorf("hours %q: want an opening before the closing", text)
	}
	return h, nil
}

func clock(h, m int) time.Duration {
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
}

// Schedule is an office's week with its exceptions.
type Schedule struct {
	Weekdays   Hours // Monday to Friday
	Saturday   Hours
	Sunday     Hours         // and holidays
	Exceptions map[Day]Hours // go before everything
}

// On returns the hours of a day.
func (s Schedule) On(d Day) Hours {
	if h, ok := s.Exceptions[d]; ok {
		return h
	}
	if NewYearClosure(d) {
		return Hours{Reason: "年末年始"}
	}
	if name := Holiday(d); name != "" {
		return s.Sunday.because(name)
	}
	switch d.Weekday() {
	case time.Saturday:
		return s.Saturday.because("土曜日")
	case time.Sunday:
		return s.Sunday.because("日曜日")
	}
	return s.Weekdays
}

func (h Hours) because(reason string) Hours {
	if h.Closed() && h.Reason == "" {
		h.Reason = reason
	}
	return h
}
