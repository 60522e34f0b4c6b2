package quota_test

import (
	"testing"
	"time"

	"machi/internal/quota"
)

// clock returns a moment of the day of these tests.
func clock(text string) time.Time {
	t, err := time.Parse("15:04:05", text)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 4, 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func home(device, network string, live bool, at ...string) []quota.Taken {
	var list []quota.Taken
	for _, text := range at {
		list = append(list, quota.Taken{At: clock(text), Device: device, Network: network, Live: live})
	}
	return list
}

func others(at ...string) []time.Time {
	var list []time.Time
	for _, text := range at {
		list = append(list, clock(text))
	}
	return list
}

func TestBounds(t *testing.T) {
	full := home("", "", true, "10:01:00", "10:02:00", "10:09:59")
	rule := quota.Rule{PerSlot: 3, PerNetwork: 3, Share: 30}
	crowd := others("09:30:00", "09:40:00", "09:45:00", "09:50:00", "09:55:00", "10:01:00", "10:02:00", "10:03:00", "10:04:00", "10:05:00")
	for _, row := range []struct {
		name  string
		rule  quota.Rule
		day   quota.Day
		wish  quota.Wish
		bound quota.Bound
		opens string
	}{
		{name: "nobody came before", rule: rule, wish: quota.Wish{At: clock("10:05:00")}},
		{name: "the third of a slot", rule: rule, day: quota.Day{Home: full[:2]}, wish: quota.Wish{At: clock("10:09:59")}},
		{name: "the fourth of a slot", rule: rule, day: quota.Day{Home: full, Others: crowd}, wish: quota.Wish{At: clock("10:09:59")}, bound: quota.PerSlot, opens: "10:10:00"},
		{name: "the first of the next slot", rule: rule, day: quota.Day{Home: full, Others: crowd}, wish: quota.Wish{At: clock("10:10:00")}},
		{name: "nobody else comes: one slot's worth in an hour", rule: rule, day: quota.Day{Home: full}, wish: quota.Wish{At: clock("10:10:00")}, bound: quota.Share, opens: "11:10:00"},
		{name: "an hour later", rule: rule, day: quota.Day{Home: full}, wish: quota.Wish{At: clock("11:01:00")}},
		{name: "without the work, half of a slot", rule: rule, day: quota.Day{Home: full[:2]}, wish: quota.Wish{At: clock("10:05:00"), Slow: true}, bound: quota.PerSlot, opens: "10:10:00"},
		{name: "without the work, the second", rule: rule, day: quota.Day{Home: full[:1]}, wish: quota.Wish{At: clock("10:05:00"), Slow: true}},
		{name: "a device that has one", rule: rule, day: quota.Day{Home: home("d", "", true, "08:00:00")}, wish: quota.Wish{At: clock("10:05:00"), Device: "d"}, bound: quota.Device},
		{name: "a device whose visit is over", rule: rule, day: quota.Day{Home: home("d", "", false, "08:00:00")}, wish: quota.Wish{At: clock("10:05:00"), Device: "d"}},
		{name: "a device without a mark is nobody's", rule: rule, day: quota.Day{Home: home("", "", true, "08:00:00")}, wish: quota.Wish{At: clock("10:05:00")}},
		{name: "the fourth of a network", rule: quota.Rule{PerSlot: 9, PerNetwork: 3}, day: quota.Day{Home: home("", "n", false, "09:06:00", "09:20:00", "09:59:00")}, wish: quota.Wish{At: clock("10:05:59"), Network: "n"}, bound: quota.Network, opens: "10:06:00"},
		{name: "a network, when the hour is over", rule: quota.Rule{PerSlot: 9, PerNetwork: 3}, day: quota.Day{Home: home("", "n", false, "09:06:00", "09:20:00", "09:59:00")}, wish: quota.Wish{At: clock("10:06:00"), Network: "n"}},
		{name: "another network", rule: quota.Rule{PerSlot: 9, PerNetwork: 3}, day: quota.Day{Home: home("", "n", true, "10:00:00", "10:00:01", "10:00:02")}, wish: quota.Wish{At: clock("10:05:00"), Network: "m"}},
		{name: "the day is used up", rule: quota.Rule{PerSlot: 3, PerDay: 3}, day: quota.Day{Home: full}, wish: quota.Wish{At: clock("15:00:00")}, bound: quota.PerDay},
		{name: "no bound at all", rule: quota.Rule{}, day: quota.Day{Home: full}, wish: quota.Wish{At: clock("10:09:00")}},
		{name: "a clock that was ahead counts", rule: rule, day: quota.Day{Home: full}, wish: quota.Wish{At: clock("10:00:30")}, bound: quota.PerSlot, opens: "11:10:00"},
	} {
		got := row.rule.Ask(row.day, row.wish)
		want := quota.Answer{Bound: row.bound}
		if row.opens != "" {
			want.Opens = clock(row.opens)
		}
		if got.Bound != want.Bound || !got.Opens.Equal(want.Opens) {
			t.Errorf("%s: %q, opens %v; want %q, %v", row.name, got.Bound, got.Opens, want.Bound, want.Opens)
		}
	}
}

// TestWhoWaitsForTheOpeningIsLetIn asks at every moment of an hour, and again when it
// was told to: the answer then is yes, or a later moment, but never the same.
func TestWhoWaitsForTheOpeningIsLetIn(t *testing.T) {
	rule := quota.Rule{PerSlot: 2, Share: 25}
	d := quota.Day{Home: home("", "", false, "09:11:00", "09:12:00", "09:21:00", "09:33:00"), Others: others("09:00:00", "09:10:00", "09:20:00", "09:30:00", "09:40:00", "09:50:00")}
	for at := clock("09:40:00"); at.Before(clock("10:40:00")); at = at.Add(17 * time.Second) {
		a := rule.Ask(d, quota.Wish{At: at})
		if a.Granted() || a.Opens.IsZero() {
			continue
		}
		if again := rule.Ask(d, quota.Wish{At: a.Opens}); !again.Granted() {
			t.Fatalf("at %v: told to come at %v, and refused then: %+v", at, a.Opens, again)
		}
		if !a.Opens.After(at) {
			t.Fatalf("at %v: told to come at %v", at, a.Opens)
		}
	}
}
