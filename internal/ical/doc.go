// Package ical writes iCalendar objects (RFC 5545): lines of at most 75 octets,
// escaped texts, whole days as dates and moments in UTC.
//
// Its one invariant: the same events give the same bytes, so that a calendar that has
// not changed has the same ETag.
package ical
