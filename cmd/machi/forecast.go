package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"machi/internal/calendar"
	"machi/internal/forecast"
	"machi/internal/forecast/counts"
)

type forecastCmd struct {
	History  string `help:"Counts of the past, CSV date,slot,service,count; - for standard input." required:"" placeholder:"FILE"`
	AsOf     string `help:"The last day of the history that may be looked at." placeholder:"YYYY-MM-DD" xor:"what" required:""`
	Backtest bool   `help:"Print how good forecasts of the last 40 % of the days would have been." xor:"what" required:""`
	Horizon  int    `help:"How many days after it." default:"28"`
	Holidays string `help:"Holidays of the past and the future, one date on each line. Without a list, the national holidays of Japan count if the history was closed on them." type:"path" placeholder:"FILE"`
}

// longest is how far ahead a forecast may look, in days.
const longest = 400

// Run forecasts how many people come in each open slot of the days after a day,
// from nothing but the counts up to it.
func (c *forecastCmd) Run() error {
	asOf := calendar.Day{Year: 9999, Month: 12, Day: 31}
	var err error
	if !c.Backtest {
		if asOf, err = calendar.ParseDay(c.AsOf); err != nil {
			return fmt.Errorf("--as-of %q: want YYYY-MM-DD", c.AsOf)
		}
	}
	if c.Horizon < 1 || c.Horizon > longest {
		return fmt.Errorf("--horizon %d: want 1 to %d", c.Horizon, longest)
	}
	var special forecast.Special
	if c.Holidays != "" {
		special.Holidays, err = readFile(c.Holidays, counts.Holidays)
		if err != nil {
			return err
		}
	}
	history, err := c.read(asOf)
	if err != nil {
		return err
	}
	if c.Backtest {
		return printBacktest(os.Stdout, forecast.Backtest(history, special, .4, 60, 1, 7, 28))
	}
	return writeForecast(os.Stdout, forecast.Fit(history, special, nil), asOf, c.Horizon)
}

func (c *forecastCmd) read(asOf calendar.Day) ([]forecast.Count, error) {
	if c.History == "-" {
		return counts.Read(os.Stdin, asOf)
	}
	return readFile(c.History, func(r io.Reader) ([]forecast.Count, error) { return counts.Read(r, asOf) })
}

// readFile reads a file to its end; errors name it.
func readFile[T any](name string, read func(io.Reader) (T, error)) (_ T, err error) {
	file, err := os.Open(name)
	if err != nil {
		var none T
		return none, err
	}
	defer closing(&err, file.Close)
	got, err := read(file)
	return got, named(name, err)
}

func writeForecast(out io.Writer, m *forecast.Model, asOf calendar.Day, horizon int) error {
	w, err := counts.NewWriter(out)
	if err != nil {
		return err
	}
	for n := 1; n <= horizon; n++ {
		day := asOf.Add(n)
		if err := w.Day(day, m.Day(day)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// printBacktest prints one line for each distance.
func printBacktest(w io.Writer, list []forecast.Scores) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tab, "days ahead\tdays\tslots\terror\tlast week\t4-week mean\tin range\tbelow\tabove\tlevel\t\n")
	for _, s := range list {
		fmt.Fprintf(tab, "%d\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.3f\t%.3f\t%.3f\t%.3f\t\n",
			s.Ahead, s.Days, s.Slots, s.Error, s.LastWeek, s.FourWeeks, s.Inside(), s.Below, s.Above, s.Level)
	}
	return tab.Flush()
}
