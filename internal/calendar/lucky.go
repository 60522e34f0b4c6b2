package calendar

// Days that people choose or avoid for notifications of marriage. They may be used
// to expect visitors; they must never be shown.

// Rokuyo is one of the six days of 六曜.
type Rokuyo int

// The six, by the sum of the old month and day, divided by six.
const (
	Taian      Rokuyo = iota // 大安
	Shakko                   // 赤口
	Sensho                   // 先勝
	Tomobiki                 // 友引
	Senbu                    // 先負
	Butsumetsu               // 仏滅
)

// RokuyoOf returns the one of a day.
func RokuyoOf(d Day) Rokuyo {
	month, day, _ := Lunar(d)
	return Rokuyo((month + day) % 6)
}

// sexagenary returns which of the sixty days of the old count a day is; 0 is 甲子.
func sexagenary(d Day) int { return (number(d) + 49) % 60 }

// solarMonth returns the month of the sun (節月) of a day: 0 begins with 立春.
func solarMonth(d Day) int { return int(sun(number(d)+1)+45) % 360 / 30 }

// Tensha reports whether a day is 天赦日, one of five or six of a year.
func Tensha(d Day) bool {
	return sexagenary(d) == [...]int{14, 30, 44, 0}[solarMonth(d)/3]
}

// Ichiryumanbai reports whether a day is 一粒万倍日.
func Ichiryumanbai(d Day) bool {
	pair := [...][2]int{{1, 6}, {9, 2}, {0, 3}, {3, 4}, {5, 6}, {9, 6}, {0, 7}, {3, 8}, {9, 6}, {9, 10}, {11, 0}, {3, 0}}[solarMonth(d)]
	branch := sexagenary(d) % 12
	return branch == pair[0] || branch == pair[1]
}

// MarriageDate says how much a date is chosen for its look or sound (語呂, ぞろ目),
// from 0, not at all, to 1, as 11/22 (いい夫婦).
func MarriageDate(d Day) float64 {
	switch (monthDay{d.Month, d.Day}) {
	case monthDay{11, 22}:
		return 1
	case monthDay{7, 7}, monthDay{2, 22}:
		return .9
	case monthDay{12, 25}, monthDay{11, 11}, monthDay{12, 24}, monthDay{10, 10}:
		return .6
	case monthDay{2, 14}, monthDay{8, 8}:
		return .5
	case monthDay{11, 23}, monthDay{1, 22}, monthDay{12, 12}, monthDay{3, 3}:
		return .3
	}
	if int(d.Month) == d.Day {
		return .3
	}
	return 0
}
