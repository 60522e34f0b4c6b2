package foreign

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
	"golang.org/x/text/width"
)

// decoder makes UTF-8 of an encoding.
func decoder(encoding string) (func(io.Reader) io.Reader, error) {
	switch strings.ToLower(strings.ReplaceAll(encoding, "-", "_")) {
	case "", "utf_8", "utf8":
		return func(r io.Reader) io.Reader { return r }, nil
	case "shift_jis", "cp932", "windows_31j":
		return func(r io.Reader) io.Reader { return transform.NewReader(r, japanese.ShiftJIS.NewDecoder()) }, nil
	case "euc_jp":
		return func(r io.Reader) io.Reader { return transform.NewReader(r, japanese.EUCJP.NewDecoder()) }, nil
	}
	return nil, fmt.Errorf("encoding %q: want utf-8, shift_jis or euc-jp", encoding)
}

// tidy takes blanks and full-width forms away: machines print "Ａ００１ ".
func tidy(text string) string { return strings.TrimSpace(width.Fold.String(text)) }

// clock reads times in given forms.
type clock struct {
	layouts []layout
	zone    *time.Location
}

type layout struct {
	form string // as the time package writes it
	era  bool
}

// tokens are longest first: what is replaced is not looked at again.
var tokens = strings.NewReplacer(
	"GY", "2006", "YYYY", "2006", "MM", "01", "M", "1", "DD", "02", "D", "2", "HH", "15", "H", "15", "mm", "04", "m", "4", "ss", "05", "s", "5",
)

func newClock(forms []string, zone *time.Location) (clock, error) {
	if len(forms) == 0 {
		return clock{}, errors.New("time: say in which form times are, such as YYYY/MM/DD HH:mm:ss")
	}
	c := clock{zone: zone}
	for _, form := range forms {
		text := width.Fold.String(form)
		l := layout{tokens.Replace(text), strings.Contains(text, "GY")}
		if _, err := time.Parse(l.form, time.Date(2024, 12, 31, 23, 59, 58, 0, time.UTC).Format(l.form)); err != nil || !strings.Contains(l.form, "15") || !strings.Contains(l.form, "2006") {
			return clock{}, fmt.Errorf("time: %q is no form of date and time, want one such as YYYY/MM/DD HH:mm:ss", form)
		}
		c.layouts = append(c.layouts, l)
	}
	return c, nil
}

// eras begin with the year that is their first.
var (
	eras = map[string]int{"令和": 2019, "R": 2019, "平成": 1989, "H": 1989, "昭和": 1926, "S": 1926}
	era  = regexp.MustCompile(`^(令和|平成|昭和|[RHS])\s*\.?\s*(元|\d{1,2})`)
)

// christian writes 令和6年 as 2024年.
func christian(text string) string {
	m := era.FindStringSubmatchIndex(text)
	if m == nil {
		return text
	}
	year := 1
	if digits := text[m[4]:m[5]]; digits != "元" {
		year, _ = strconv.Atoi(digits) // digits, by the pattern
	}
	return strconv.Itoa(eras[text[m[2]:m[3]]]+year-1) + text[m[5]:]
}

var errTime = errors.New("is in none of the forms of the mapping")

func (c clock) read(text string) (time.Time, error) {
	for _, l := range c.layouts {
		t := text
		if l.era {
			t = christian(t)
		}
		if at, err := time.ParseInLocation(l.form, t, c.zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errTime
}
