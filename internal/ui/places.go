package ui

import (
	"slices"
	"strings"
)

// Place is an entry of the managers' navigation.
type Place struct {
	Key     string // of its word: "places.KEY"
	Href    string
	Current bool // the page is it, or belongs to it
	Exact   bool // the page is it
}

// managers' pages, in the order of their navigation, each with what begins the paths of
// the pages that belong to it. What belongs to none belongs to now.
var managers = []struct {
	key, href string
	begins    []string
	ends      []string // of the pages of one office
}{
	{"now", "/manager", nil, nil},
	{"alerts", "/manager/alerts", []string{"/manager/alerts"}, []string{"/alerts"}},
	{"history", "/manager/history", []string{"/manager/history"}, []string{"/history", "/replay", "/record"}},
	{"forecast", "/manager/forecast", []string{"/manager/forecast"}, []string{"/forecast", "/special-days"}},
	{"staffing", "/manager/staffing", []string{"/manager/staffing", "/manager/whatif"}, []string{"/staffing", "/whatif"}},
	{"reports", "/manager/reports", []string{"/manager/reports"}, []string{"/reports"}},
}

var others = []struct{ key, href string }{
	{"whatif", "/manager/whatif"},
	{"screens", "/manager/screens"},
	{"signs", "/manager/signs"},
	{"emergency", "/manager/emergency"},
	{"admin", "/admin"},
	{"me", "/staff/me"},
	{"staff", "/staff"},
}

// Places returns the managers' navigation.
func (v View) Places() []Place {
	var list []Place
	found := 0
	for i, m := range managers {
		if holds(v.Path, m.begins, m.ends) {
			found = i
		}
		list = append(list, Place{Key: m.key, Href: m.href, Exact: v.Path == m.href})
	}
	other := slices.ContainsFunc(v.OtherPlaces(), func(p Place) bool { return p.Current })
	list[found].Current = !other || found > 0
	return list
}

func holds(path string, begins, ends []string) bool {
	for _, b := range begins {
		if path == b || strings.HasPrefix(path, b+"/") {
			return true
		}
	}
	for _, e := range ends {
		if strings.HasSuffix(path, e) {
			return true
		}
	}
	return false
}

// OtherPlaces returns what managers need more rarely.
func (v View) OtherPlaces() []Place {
	var list []Place
	for _, o := range others {
		list = append(list, Place{Key: o.key, Href: o.href, Current: v.Path == o.href, Exact: v.Path == o.href})
	}
	return list
}
