package catalog

import (
	"fmt"
	"net/mail"
	"slices"

	"machi/internal/alert"
)

// alertsFile is the block alerts of an office: when it is in trouble, and whom to tell.
type alertsFile struct {
	Off            []string         `yaml:"off"`
	LongestMinutes *float64         `yaml:"longest_minutes"`
	NobodyMinutes  *float64         `yaml:"nobody_minutes"`
	HelpMinutes    *float64         `yaml:"help_minutes"`
	Growth         *int             `yaml:"growth"`
	Slow           *float64         `yaml:"slow"`
	Escalate       []escalationFile `yaml:"escalate"`
}

type escalationFile struct {
	AfterMinutes float64  `yaml:"after_minutes"`
	Mail         []string `yaml:"mail"`
}

// The limits of an escalation.
const (
	mostSteps = 5
	mostMail  = 10
)

func mergeAlerts(base, over *alertsFile) *alertsFile {
	if base == nil || over == nil {
		return or(over, base)
	}
	return &alertsFile{
		orList(over.Off, base.Off), or(over.LongestMinutes, base.LongestMinutes), or(over.NobodyMinutes, base.NobodyMinutes),
		or(over.HelpMinutes, base.HelpMinutes), or(over.Growth, base.Growth), or(over.Slow, base.Slow), orList(over.Escalate, base.Escalate),
	}
}

// alerts reads an office's rules for alerts; what is not stated is as usual.
func (b *builder) alerts(f *alertsFile, path ...string) alert.Rules {
	r := alert.Usual()
	if f == nil {
		return r
	}
	for _, k := range f.Off {
		if !slices.Contains(alert.Kinds, alert.Kind(k)) {
			b.blame(fmt.Sprintf("unknown kind of alert %q", k), append(path, "off")...)
		}
		r.Off = append(r.Off, alert.Kind(k))
	}
	if f.LongestMinutes != nil {
		r.Longest = b.minutes(f.LongestMinutes, 5, 480, append(path, "longest_minutes")...)
	}
	if f.NobodyMinutes != nil {
		r.Nobody = b.minutes(f.NobodyMinutes, 0, 60, append(path, "nobody_minutes")...)
	}
	if f.HelpMinutes != nil {
		r.Help = b.minutes(f.HelpMinutes, 0, 60, append(path, "help_minutes")...)
	}
	if r.Growth = orValue(f.Growth, r.Growth); r.Growth < 1 || r.Growth > 1000 {
		b.blame(fmt.Sprintf("%d is not between 1 and 1000", r.Growth), append(path, "growth")...)
	}
	if r.Slow = orValue(f.Slow, r.Slow); r.Slow < 1.1 || r.Slow > 10 {
		b.blame(fmt.Sprintf("%v is not between 1.1 and 10", r.Slow), append(path, "slow")...)
	}
	if f.Escalate != nil {
		r.Steps = b.escalations(f.Escalate, append(path, "escalate"))
	}
	return r
}

func (b *builder) escalations(list []escalationFile, path []string) (steps []alert.Escalation) {
	if len(list) > mostSteps {
		b.blame(fmt.Sprintf("more than %d steps", mostSteps), path...)
	}
	for i, f := range list {
		step := alert.Escalation{After: b.minutes(&f.AfterMinutes, 1, 480, append(path, "after_minutes")...), Mail: f.Mail}
		if i > 0 && step.After <= steps[i-1].After {
			b.blame("the steps must be in the order of their times", append(path, "after_minutes")...)
		}
		if len(f.Mail) > mostMail {
			b.blame(fmt.Sprintf("more than %d addresses", mostMail), append(path, "mail")...)
		}
		for _, to := range f.Mail {
			if a, err := mail.ParseAddress(to); err != nil || a.Address != to {
				b.blame(fmt.Sprintf("%q is no e-mail address", to), append(path, "mail")...)
			}
		}
		steps = append(steps, step)
	}
	return steps
}
