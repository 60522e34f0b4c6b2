package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"machi/internal/estimate/foreign"
	"machi/internal/estimate/place"
	"machi/internal/score"
)

type scoreCmd struct {
	Events    string  `help:"The events that were played, CSV." required:"" type:"path" placeholder:"FILE"`
	Estimates string  `help:"What machi estimate --stream answered." required:"" type:"path" placeholder:"FILE"`
	Counters  string  `help:"Which counter serves what, for the plain methods." type:"path" placeholder:"FILE"`
	Share     float64 `help:"The last part of the service days that counts." default:"0.4"`
	Baselines bool    `help:"Print as well what plain methods reach on the same tickets."`
	JSON      bool    `help:"Print everything as JSON, by day too, in seconds." name:"json"`
}

// Run prints how far estimates were off and how often their ranges held.
func (c *scoreCmd) Run() error {
	if !(c.Share > 0 && c.Share <= 1) {
		return fmt.Errorf("--share %v: want more than 0, at most 1", c.Share)
	}
	meter, err := c.measure()
	if err != nil {
		return err
	}
	report := meter.Report(c.Share)
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	return printReport(os.Stdout, report, c.Baselines)
}

func (c *scoreCmd) measure() (_ *score.Meter, err error) {
	var skills map[string][]string
	if c.Counters != "" {
		if skills, err = readSkills(c.Counters); err != nil {
			return nil, err
		}
	}
	events, err := os.Open(c.Events)
	if err != nil {
		return nil, err
	}
	defer closing(&err, events.Close)
	estimates, err := os.Open(c.Estimates)
	if err != nil {
		return nil, err
	}
	defer closing(&err, estimates.Close)
	return measure(events, estimates, skills)
}

// measure plays events and the answers to them.
func measure(events, estimates io.Reader, skills map[string][]string) (*score.Meter, error) {
	stream, err := foreign.NewStream(events)
	if err != nil {
		return nil, named("events", err)
	}
	answers, err := foreign.NewAnswers(estimates)
	if err != nil {
		return nil, named("estimates", err)
	}
	meter := score.NewMeter(skills)
	for {
		e, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return meter, named("estimates", answers.End())
		} else if err != nil {
			return nil, named("events", err)
		}
		if e.Kind != place.Issue {
			meter.Observe(e)
			continue
		}
		told, err := answers.Next(e.Ticket)
		if err != nil {
			return nil, named("estimates", err)
		}
		meter.Issued(e, told)
	}
}

// named says which file an error is about.
func named(file string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", file, err)
}

// csvField quotes a field where CSV needs it.
func csvField(s string) string {
	if !strings.ContainsAny(s, "\",\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func printReport(w io.Writer, r score.Report, baselines bool) error {
	fmt.Fprintf(w, "service days %d, scored from %s: %d tickets called, mean wait %.2f min\n", r.Days, orNone(r.From), r.Tickets, r.Wait/60)
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tab, "minutes\tMAE\tRMSE\tmedian error\tbias\twithin 5 min or 20 %\t\n")
	row := func(name string, p score.Point) {
		fmt.Fprintf(tab, "%s\t%.3f\t%.3f\t%.3f\t%+.3f\t%.3f\t\n", name, p.MAE/60, p.RMSE/60, p.Median/60, p.Bias/60, p.Within)
	}
	row("estimates", r.Told)
	if baselines {
		for _, name := range [...]string{"mean", "les", "hol", "ql", "vq"} {
			row(strings.ToUpper(name), r.Baselines[name])
		}
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	tab = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tab, "p10-p90\ttickets\tcoverage\twidth\tabove p90\tinterval score\t\n")
	for _, v := range []struct {
		name string
		of   score.Interval
	}{{"somebody waiting", r.Waiting}, {"in the own service", r.InLine}} {
		fmt.Fprintf(tab, "%s\t%d\t%.3f\t%.2f\t%.3f\t%.2f\t\n", v.name, v.of.Tickets, v.of.Coverage, v.of.Width/60, v.of.Above, v.of.Score/60)
	}
	return tab.Flush()
}

func orNone(date string) string {
	if date == "" {
		return "no day"
	}
	return date
}
