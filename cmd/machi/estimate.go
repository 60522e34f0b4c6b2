package main

import (
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"machi/internal/estimate/foreign"
	"machi/internal/estimate/place"
)

type estimateCmd struct {
	Stream   bool      `help:"Read events as CSV on standard input and answer each issue before the next line is read." xor:"what" required:""`
	Counters string    `help:"With --stream: which counter serves what, CSV counter,services with ; between services. Without one it is learnt." type:"path" placeholder:"FILE"`
	Log      string    `help:"Answer a day that machi export has written, after each record, as JSON lines." type:"path" xor:"what" required:"" placeholder:"FILE"`
	Lessons  string    `help:"With --log: what the days before taught, from machi export --what lessons." type:"path" placeholder:"FILE"`
	At       time.Time `help:"With --log: answer once, at this moment (RFC 3339)." placeholder:"TIME"`
}

// Run estimates waits by nothing but what stood before. At a line that it cannot
// read it stops and says why.
func (c *estimateCmd) Run() error {
	if c.Log != "" {
		return c.replay(os.Stdout)
	}
	options := place.Options{}
	if c.Counters != "" {
		skills, err := readSkills(c.Counters)
		if err != nil {
			return err
		}
		options.Skills = skills
	}
	return streamEstimates(os.Stdin, os.Stdout, place.New(options))
}

func readSkills(name string) (_ map[string][]string, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer closing(&err, file.Close)
	skills, err := foreign.Skills(file)
	return skills, named(name, err)
}

// streamEstimates reads events and writes one line for each issue, before it
// reads the next event.
func streamEstimates(in io.Reader, out io.Writer, model *place.Model) error {
	events, err := foreign.NewStream(in)
	if err != nil {
		return err
	}
	line := append(make([]byte, 0, 256), "ticket,p10_s,p50_s,p90_s\n"...)
	for {
		if len(line) > 0 {
			if _, err := out.Write(line); err != nil {
				return err
			}
			line = line[:0]
		}
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer := model.Observe(e)
		if e.Kind == place.Issue {
			line = appendAnswer(line, e.Ticket, answer)
		}
	}
}

// appendAnswer writes one line of estimates, to a tenth of a second.
func appendAnswer(line []byte, ticket string, a place.Answer) []byte {
	line = append(line, csvField(ticket)...)
	least := 0.0
	for _, x := range [...]float64{a.P10, a.P50, a.P90} {
		if math.IsInf(x, 0) || !(x >= least) {
			x = least
		}
		least = x
		line = strconv.AppendFloat(append(line, ','), x, 'f', 1, 64)
	}
	return append(line, '\n')
}
