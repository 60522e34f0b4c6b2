package calendar

import "math"

// Japan's old calendar counts months from new moon to new moon, on the meridian of
// Japan. The month with the winter solstice is the eleventh; where thirteen months
// lie between two solstices, the first one without a mid-month point of the sun
// (中気) is a leap month and has the number of the month before it.
//
// The places of sun and moon are those of Meeus, Astronomical Algorithms, to some
// minutes: enough for the days of 1950 to 2100 but for a handful of months that
// begin within minutes of midnight.

// Lunar returns the month and the day of the old calendar (旧暦), and whether the
// month is a leap month.
func Lunar(d Day) (month, day int, leap bool) {
	n := number(d)
	k := moonBefore(n)
	start := newMoon(k)
	from := solsticeMonth(solstice(d.Year - 1))
	if next := solsticeMonth(solstice(d.Year)); k >= next {
		from = next
	}
	months := k - from
	if at := leapMonth(from, k); at > 0 {
		months--
		leap = at == k
	}
	return (10+months)%12 + 1, n - start + 1, leap
}

// leapMonth returns the leap month behind one with a solstice, if it is not after
// some month; 0 if there is none.
func leapMonth(from, upTo int) int {
	if solsticeMonth(solstice(yearOf(newMoon(from))+1))-from < 13 {
		return 0
	}
	for i := from + 1; i <= upTo; i++ {
		if !hasMidpoint(i) {
			return i
		}
	}
	return 0
}

// hasMidpoint reports whether the sun passes a multiple of thirty degrees in a month.
func hasMidpoint(k int) bool {
	return int(sun(newMoon(k))/30) != int(sun(newMoon(k+1))/30)
}

// number is a day as its Julian day number.
func number(d Day) int { return int(d.utc().Unix()/86400) + 2440588 }

func yearOf(n int) int {
	return int(math.Floor(float64(n-2440588)/365.2425)) + 1970
}

// moonBefore returns which new moon, counted from that of January 2000, begins the
// month of a day.
func moonBefore(n int) int {
	k := int(math.Floor((float64(n)-2451550.1)/29.530588861)) + 1
	for newMoon(k) > n {
		k--
	}
	return k
}

// solstice returns the day of the winter solstice of a year.
func solstice(year int) int {
	n := number(Day{year, 12, 20})
	for sun(n+1) < 270 {
		n++
	}
	return n
}

func solsticeMonth(n int) int { return moonBefore(n) }

// japan is how far midnight in Japan lies before noon of the same Julian day
// number in Greenwich, and the clock behind the even time of the planets.
const (
	japan = -.5 - 9.0/24
	delta = 70.0 / 86400
)

// newMoon returns the day in Japan on which a moon is new.
func newMoon(k int) int {
	t := float64(k) / 1236.85
	e := 1 - .002516*t - .0000074*t*t
	m := rad(2.5534 + 29.1053567*float64(k) - .0000014*t*t)
	mm := rad(201.5643 + 385.81693528*float64(k) + .0107582*t*t)
	f := rad(160.7108 + 390.67050284*float64(k) - .0016118*t*t)
	o := rad(124.7746 - 1.56375588*float64(k) + .0020672*t*t)
	jde := 2451550.09766 + 29.530588861*float64(k) + .00015437*t*t
	jde += -.4072*math.Sin(mm) + .17241*e*math.Sin(m) + .01608*math.Sin(2*mm) + .01039*math.Sin(2*f) +
		.00739*e*math.Sin(mm-m) - .00514*e*math.Sin(mm+m) + .00208*e*e*math.Sin(2*m) - .00111*math.Sin(mm-2*f) -
		.00057*math.Sin(mm+2*f) + .00056*e*math.Sin(2*mm+m) - .00042*math.Sin(3*mm) + .00042*e*math.Sin(m+2*f) +
		.00038*e*math.Sin(m-2*f) - .00024*e*math.Sin(2*mm-m) - .00017*math.Sin(o)
	return int(math.Floor(jde - delta - japan))
}

// sun returns the longitude of the sun in degrees, 0 to 360, as a day begins in Japan.
func sun(n int) float64 {
	t := (float64(n) + japan + delta - 2451545) / 36525
	m := rad(357.52911 + 35999.05029*t - .0001537*t*t)
	c := (1.914602-.004817*t-.000014*t*t)*math.Sin(m) + (.019993-.000101*t)*math.Sin(2*m) + .000289*math.Sin(3*m)
	o := rad(125.04 - 1934.136*t)
	l := 280.46646 + 36000.76983*t + .0003032*t*t + c - .00569 - .00478*math.Sin(o)
	return math.Mod(math.Mod(l, 360)+360, 360)
}

func rad(degrees float64) float64 { return math.Mod(degrees, 360) * math.Pi / 180 }
