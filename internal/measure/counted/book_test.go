package counted_test

import (
	"reflect"
	"testing"
	"time"

	"machi/internal/eventlog/memlog"
	"machi/internal/measure"
	"machi/internal/measure/counted"
	"machi/internal/queue"
)

func TestWhatMachinesCountIsCountedOnce(t *testing.T) {
	store := memlog.New()
	now := time.Date(2026, 6, 11, 12, 0, 0, 0, queue.JST)
	open := func() *counted.Book {
		return counted.New(counted.Options{Store: store, Now: func() time.Time { return now }})
	}
	here, there := open(), open()
	note := func(b *counted.Book, kiosk queue.KioskID, date queue.Date, alone int64, shown, taken int) {
		t.Helper()
		if err := b.Note(t.Context(), counted.Count{Office: "east", Date: date, Kiosk: kiosk, Alone: alone, Offers: []counted.Offer{{Service: "cert", Kind: "online", Shown: shown, Taken: taken}}}); err != nil {
			t.Fatal(err)
		}
	}
	note(here, "K1", "2026-06-11", 60, 5, 1)
	note(there, "K1", "2026-06-11", 60, 5, 1) // another server has heard the same
	note(there, "K2", "2026-06-11", 0, 2, 2)
	note(here, "K1", "2026-06-11", 90, 7, 1)
	note(there, "K1", "2026-06-11", 30, 6, 1) // and is behind
	note(here, "K1", "2026-03-31", 5, 1, 0)
	want := measure.Extra{Known: true, Offers: []measure.Offer{{Service: "cert", Shown: 9, Taken: 3}}, Offline: 90 * time.Second}
	for name, b := range map[string]*counted.Book{"here": here, "there": there, "started again": open()} {
		if err := b.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, version := b.Extra("east", "2026-06-11")
		if !reflect.DeepEqual(got, want) || version == "" {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if x, _ := b.Extra("east", "2026-03-31"); x.Offline != 5*time.Second {
			t.Errorf("%s: of March: %+v", name, x)
		}
		if x, version := b.Extra("west", "2026-06-11"); x.Known || version != "" {
			t.Errorf("%s: of an office that counts nothing: %+v", name, x)
		}
	}
	now = now.AddDate(3, 0, 0)
	if err := here.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if streams, err := store.Streams(t.Context()); len(streams) > 0 || err != nil {
		t.Errorf("%v is left after years, %v", streams, err)
	}
}
