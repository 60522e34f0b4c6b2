package queue

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Names of things. They are types so that a counter can never be passed where a
// service is meant.
type (
	OfficeID  string
	ServiceID string
	SeriesID  string
	CounterID string
	KioskID   string
	// TicketID is the issuer and the issuer's life-long serial, such as
	// "K1.9f3a-000017". It is never reused on any day; numbers are.
	TicketID string
	// Number is what the paper and the wall say, such as "A012" or "K1-0007".
	Number string
	// CommandID identifies a command however often and by whatever path it is sent.
	CommandID string
	// Date is a business day, "2026-04-01".
	Date string
)

// JST is the offset every business day is reckoned in. It is fixed rather than
// looked up: Japan has no summer time, and a machine without a time zone
// database must reckon the same day.
var JST = time.FixedZone("JST", 9*60*60)

// dayBegins is how long after midnight a business day begins, so that a late
// evening at the counter still belongs to the day on which it began.
const dayBegins = 3 * time.Hour

// BusinessDay returns the business day that a moment belongs to.
func BusinessDay(at time.Time) Date {
	if wrong, on := utcDay(at); on {
		return wrong
	}
	return Date(at.In(JST).Add(-dayBegins).Format(time.DateOnly))
}

// Bounds returns the first moment of the day and the first moment after it.
func (d Date) Bounds() (from, to time.Time, err error) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(d), JST)
	if err != nil {
		return from, to, fmt.Errorf("business day %q: want YYYY-MM-DD", string(d))
	}
	from = midnight.Add(dayBegins)
	return from, from.Add(24 * time.Hour), nil
}

// formatNumber writes a number of a series: the letter and at least three digits.
func formatNumber(series SeriesID, n int) Number {
	return Number(fmt.Sprintf("%s%03d", series, n))
}

// overflowNumber writes a number of a kiosk's overflow series. The hyphen keeps
// it apart from every series, whatever the letters.
func overflowNumber(label string, n int) Number {
	return Number(fmt.Sprintf("%s-%04d", label, n))
}

// parse splits a number into its series (or overflow label) and its value.
func (n Number) parse() (series string, value int, overflow, ok bool) {
	text := string(n)
	if hyphen := strings.LastIndexByte(text, '-'); hyphen >= 0 {
		value, err := strconv.Atoi(text[hyphen+1:])
		return text[:hyphen], value, true, err == nil && hyphen > 0 && value > 0
	}
	at := strings.IndexAny(text, "0123456789")
	if at < 1 {
		return "", 0, false, false
	}
	value, err := strconv.Atoi(text[at:])
	return text[:at], value, false, err == nil && value > 0
}

// NormalizeNumber reads a number as a person types it: lower case and missing
// leading zeros are forgiven, so that "a12" finds A012.
func NormalizeNumber(typed string) Number {
	n := Number(strings.ToUpper(strings.TrimSpace(typed)))
	series, value, overflow, ok := n.parse()
	switch {
	case !ok:
		return n
	case overflow:
		return overflowNumber(series, value)
	}
	return formatNumber(SeriesID(series), value)
}
