package estimatetest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Kind is a family of worlds: each seed gives another one.
type Kind struct {
	Name string
	Days int
	make func(r *rand.Rand) World
}

// World draws one of the kind.
func (k Kind) World(seed uint64) World {
	w := k.make(rand.New(rand.NewPCG(seed, 0x776f726c64)))
	w.Name = k.Name
	if w.Start.IsZero() {
		w.Start = time.Date(2023, time.Month(1+seed%12), 6, 0, 0, 0, 0, time.UTC)
	}
	return w
}

// Kinds are all families.
func Kinds() []Kind {
	return []Kind{
		{"ward", 40, ward},
		{"ward-habits", 30, wardHabits},
		{"ward-no-hours", 30, wardNoHours},
		{"ward-bare", 30, wardBare},
		{"ward-reserve", 30, wardReserve},
		{"ward-wild", 30, wardWild},
		{"ward-grows", 40, wardGrows},
		{"clinic", 24, clinic},
		{"clinic-bare", 24, clinicBare},
		{"bank", 14, bank},
		{"bank-small", 20, bankSmall},
		{"post", 24, post},
		{"window", 90, window},
		{"two", 60, two},
		{"appointments", 30, appointments},
		{"emergency", 40, emergency},
		{"quiet", 30, quiet},
	}
}

// Named is the kind of that name.
func Named(name string) Kind {
	for _, k := range Kinds() {
		if k.Name == name {
			return k
		}
	}
	panic("estimatetest: no kind " + name)
}

// between draws evenly.
func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

var talk = []Shape{Lognormal, Lognormal, Exponential, Mixture}

func law(r *rand.Rand, mean float64) Law {
	return Law{talk[r.IntN(len(talk))], mean, between(r, 0.45, 1)}
}

// ward is an office with several services and counters that share them.
func ward(r *rand.Rand) World {
	w := World{
		Opens: 8.5, Closes: 17, Doors: 0.25, LunchAt: 11.5 + r.Float64()/2, LunchLong: between(r, 40, 60),
		Load: between(r, 0.78, 0.92), Sway: between(r, 0.08, 0.18), Gap: Law{Lognormal, between(r, 15, 50), 0.8},
		Late: Law{Lognormal, 40, 1}, Rule: Rule{Priority: between(r, 5, 40)}, Pauses: 0.1,
		Peaks:   []Peak{{9.5, 0.8, 0.35}, {11, 1, 0.2}, {14, 1.2, 0.3}, {16.2, 0.5, 0.1}},
		Weekday: [7]float64{1: between(r, 1, 1.2), 2: 1, 3: between(r, 0.85, 1), 4: 0.95, 5: between(r, 1, 1.15)},
	}
	services := 4 + r.IntN(4)
	for i := range services {
		w.Services = append(w.Services, Service{
			Name: fmt.Sprintf("S%d", i+1), Share: between(r, 0.3, 1.5), Time: law(r, between(r, 4, 16)*minute),
			Priority: between(r, 0.02, 0.12), NoShow: 0.01, NoShowBy: between(r, 0.01, 0.08),
			Patience: Law{Exponential, between(r, 8, 20) * hour, 0},
		})
	}
	counters := services + 2 + r.IntN(5)
	for i := range counters {
		c := Counter{Name: fmt.Sprintf("K%02d", i+1), Speed: between(r, 0.8, 1.25), Lunch: 1 + i%2, Serves: []string{w.Services[i%services].Name}}
		for range r.IntN(3) {
			if s := w.Services[r.IntN(services)].Name; s != c.Serves[0] && (len(c.Serves) < 2 || c.Serves[1] != s) {
				c.Serves = append(c.Serves, s)
			}
		}
		w.Counters = append(w.Counters, c)
	}
	return w
}

func wardHabits(r *rand.Rand) World {
	w := ward(r)
	w.Rule = Rule{Ratio: 2, OwnFirst: between(r, 5, 20), Careless: 0.03}
	w.NoSkills, w.Again = true, true
	return w
}

func wardNoHours(r *rand.Rand) World {
	w := ward(r)
	w.NoHours = true
	w.Pauses = 0.2
	return w
}

func wardBare(r *rand.Rand) World {
	w := ward(r)
	w.NoHours, w.NoCounters, w.NoVisits, w.Again = true, true, true, true
	return w
}

func wardReserve(r *rand.Rand) World {
	w := ward(r)
	for i := range w.Counters {
		w.Counters[i].Reserve = i >= len(w.Services) && i%2 == 0
	}
	w.Load = between(r, 0.85, 0.95)
	w.NoSkills = true
	return w
}

func wardWild(r *rand.Rand) World {
	w := ward(r)
	w.Shock, w.Absent, w.Sway, w.Load = 0.2, 0.08, 0.25, 0.85
	return w
}

func wardGrows(r *rand.Rand) World {
	w := ward(r)
	w.Load, w.Growth, w.Drift = 0.75, 0.02, 0.015
	w.Services[len(w.Services)-1].From = 20
	w.Counters[len(w.Counters)-1].From = 20
	w.Counters[0].From = 10
	w.Counters = append(w.Counters, Counter{Name: "K99", Serves: []string{w.Services[0].Name, w.Services[1].Name}, Lunch: 1})
	return w
}

// clinic sends people from stage to stage; who comes back goes first.
func clinic(r *rand.Rand) World {
	walk := Law{Lognormal, 3 * minute, 0.6}
	long := Law{Lognormal, between(r, 10, 25) * minute, 0.4}
	w := World{
		Opens: 8.5, Closes: 16, Doors: 0.5, LunchAt: 12, LunchLong: 50, Load: between(r, 0.85, 0.97), Sway: 0.12, Slots: 30,
		Gap: Law{Lognormal, 40, 0.8}, Late: Law{Lognormal, 5 * minute, 0.8}, Rule: Rule{Returned: between(r, 20, 60), Priority: 15},
		Peaks:   []Peak{{9, 0.7, 0.5}, {13.2, 0.8, 0.3}},
		Weekday: [7]float64{1: 1.15, 3: 0.9},
		Services: []Service{
			{Name: "RECEPTION", Share: 1, Time: Law{Lognormal, 2.5 * minute, 0.6}, Priority: 0.05, Then: []Next{{"DOCTOR", 0.75, walk}, {"LAB", 0.2, walk}}},
			{Name: "DOCTOR", Inner: true, Time: law(r, between(r, 7, 12)*minute), NoShow: 0.02, Then: []Next{{"LAB", 0.3, walk}, {"CASH", 0.68, walk}}},
			{Name: "LAB", Inner: true, Time: Law{Lognormal, 5 * minute, 0.5}, Then: []Next{{"REVIEW", 0.85, long}}},
			{Name: "REVIEW", Inner: true, Time: law(r, 6*minute), Then: []Next{{"CASH", 0.95, walk}}},
			{Name: "CASH", Inner: true, Time: Law{Lognormal, 2 * minute, 0.5}},
		},
	}
	for i := range 2 {
		w.Counters = append(w.Counters, Counter{Name: fmt.Sprintf("R%d", i+1), Serves: []string{"RECEPTION"}, Lunch: 1 + i})
	}
	for i := range 6 + r.IntN(4) {
		w.Counters = append(w.Counters, Counter{Name: fmt.Sprintf("D%d", i+1), Serves: []string{"DOCTOR", "REVIEW"}, Speed: between(r, 0.75, 1.3), Lunch: 1 + i%2})
	}
	for i := range 3 {
		w.Counters = append(w.Counters, Counter{Name: fmt.Sprintf("L%d", i+1), Serves: []string{"LAB"}, Lunch: 1 + i%2}, Counter{Name: fmt.Sprintf("C%d", i+1), Serves: []string{"CASH"}, Lunch: 1 + i%2})
	}
	return w
}

func clinicBare(r *rand.Rand) World {
	w := clinic(r)
	w.NoHours, w.NoSkills, w.NoPriority = true, true, true
	w.Rule.Returned = 0
	w.Rule.Ahead = map[string]float64{"REVIEW": between(r, 10, 40)}
	w.Slots = 0
	return w
}

// bank is a telephone bank: many agents in shifts, short waits, people who hang up,
// and customers of rank whom the log does not name.
func bank(r *rand.Rand) World {
	w := World{
		Opens: 7, Closes: 23.5, Weekend: true, Load: between(r, 0.55, 0.66), Sway: 0.12, Gap: Law{Exponential, 6, 0},
		React: Law{Exponential, 2, 0}, Rule: Rule{Priority: 1.5}, NoHours: true, NoSkills: true, NoPriority: true, NoVisits: true,
		Peaks:   []Peak{{10.5, 1.5, 0.5}, {14.5, 1.5, 0.25}, {20, 1.5, 0.1}},
		Weekday: [7]float64{0: 1.1, 5: 0.6, 6: 0.3}, Pauses: 0.3,
	}
	for i, share := range []float64{0.7, 0.15, 0.08, 0.05, 0.02} {
		w.Services = append(w.Services, Service{
			Name: fmt.Sprintf("T%d", i), Share: share, Time: Law{Lognormal, between(r, 2, 5) * minute, between(r, 0.8, 1.3)}, Priority: 0.3,
			Patience: Law{Exponential, between(r, 6, 12) * minute, 0},
		})
	}
	for i := range 24 {
		from := 7 + float64(i%5)*2
		c := Counter{Name: fmt.Sprintf("A%02d", i), Speed: between(r, 0.7, 1.4), Shift: span{from, min(23.5, from+8)}, Serves: []string{"T0"}}
		for j := 1; j < 5; j++ {
			if (i+j)%4 == 0 || j == 1 && i%2 == 0 {
				c.Serves = append(c.Serves, fmt.Sprintf("T%d", j))
			}
		}
		w.Counters = append(w.Counters, c)
	}
	return w
}

func bankSmall(r *rand.Rand) World {
	w := bank(r)
	w.Counters = w.Counters[:8]
	for i := range w.Counters {
		w.Counters[i].Shift = span{}
		w.Counters[i].Serves = []string{"T0", "T1", "T2", "T3", "T4"}
	}
	w.Opens, w.Closes, w.Load = 8, 20, between(r, 0.7, 0.8)
	w.NoPriority = false
	return w
}

// post has one line and a few equal counters.
func post(r *rand.Rand) World {
	w := World{
		Opens: 9, Closes: 18, Load: between(r, 0.88, 0.97), Sway: 0.12, LunchAt: 12, LunchLong: 60,
		Gap: Law{Even, 10, 0}, NoSkills: true, Weekday: [7]float64{1: 1.2, 5: 1.1},
		Peaks:    []Peak{{10, 1, 0.3}, {12.5, 0.6, 0.25}, {17, 0.6, 0.25}},
		Services: []Service{{Name: "POST", Share: 1, Time: Law{Exponential, between(r, 3, 6) * minute, 0}, Patience: Law{Lognormal, 50 * minute, 0.6}}},
	}
	for i := range 4 + r.IntN(3) {
		w.Counters = append(w.Counters, Counter{Name: fmt.Sprint(i + 1), Serves: []string{"POST"}, Lunch: i % 3})
	}
	return w
}

// window is an office of one person, who goes to lunch.
func window(r *rand.Rand) World {
	return World{
		Opens: 9, Closes: 16, Load: between(r, 0.7, 0.85), Sway: 0.15, LunchAt: 12, LunchLong: 60, Gap: Law{Lognormal, 60, 1},
		Services: []Service{
			{Name: "A", Share: 2, Time: law(r, between(r, 6, 10)*minute), NoShow: 0.02},
			{Name: "B", Share: 1, Time: law(r, between(r, 10, 18)*minute), Priority: 0.05},
		},
		Counters: []Counter{{Name: "1", Serves: []string{"A", "B"}, Lunch: 1}}, Rule: Rule{Priority: 20},
		NoHours: r.Float64() < 0.5, NoSkills: true,
	}
}

func two(r *rand.Rand) World {
	w := window(r)
	w.Counters = append(w.Counters, Counter{Name: "2", Serves: []string{"B"}, Lunch: 2, Speed: 1.2}, Counter{Name: "3", Serves: []string{"A"}, Reserve: true})
	w.NoHours, w.Load = false, between(r, 0.8, 0.95)
	return w
}

func appointments(r *rand.Rand) World {
	w := ward(r)
	w.Slots, w.Rule = 30, Rule{Ratio: 1}
	for i := range w.Services {
		w.Services[i].Priority = 0.4
	}
	return w
}

// emergency has classes of urgency, long visits and long waits, and people who leave.
func emergency(r *rand.Rand) World {
	w := World{
		Opens: 7, Closes: 22, Weekend: true, Load: between(r, 0.85, 1), Sway: 0.2, Gap: Law{Lognormal, 4 * minute, 0.8},
		NoHours: true, NoSkills: true, Peaks: []Peak{{11, 2, 0.4}, {19, 1.5, 0.3}}, Weekday: [7]float64{0: 1.15, 1: 1.2},
		Rule: Rule{Priority: 120, Ahead: map[string]float64{"URGENT": 60, "MINOR": -20}},
	}
	for _, s := range []struct {
		name        string
		share, mean float64
	}{{"URGENT", 1, 45}, {"STANDARD", 3, 30}, {"MINOR", 2, 15}} {
		w.Services = append(w.Services, Service{
			Name: s.name, Share: s.share, Time: Law{Lognormal, s.mean * minute, 0.9}, Priority: 0.05,
			Patience: Law{Lognormal, between(r, 3, 6) * hour, 0.8},
		})
	}
	for i := range 7 + r.IntN(4) {
		from := 7 + float64(i%3)*3.5
		w.Counters = append(w.Counters, Counter{Name: fmt.Sprintf("DR%d", i), Serves: []string{"URGENT", "STANDARD", "MINOR"}, Speed: between(r, 0.7, 1.3), Shift: span{from, from + 8}})
	}
	w.Counters[0].Serves = []string{"MINOR", "STANDARD"}
	w.Counters[0].Shift, w.Counters[1].Shift, w.Counters[2].Shift = span{}, span{}, span{}
	return w
}

func quiet(r *rand.Rand) World {
	w := ward(r)
	w.Load = between(r, 0.45, 0.6)
	return w
}
