package catalog_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/alert"
	"machi/internal/catalog"
	"machi/internal/queue"
)

func builtIn(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheRealWard(t *testing.T) {
	c := builtIn(t)
	want := []queue.OfficeID{
		"km-setagaya", "km-kitazawa", "km-tamagawa", "km-kinuta", "km-karasuyama",
		"br-taishido", "br-kyodo", "br-yoga", "br-futakotamagawa", "br-karasuyama",
	}
	var got []queue.OfficeID
	for _, o := range c.Taking("move_in") {
		got = append(got, o.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("offices that take a moving-in notification: %v, want %v", got, want)
	}
	for procedure, want := range map[string]int{"koseki_notification": 5, "cert_koseki": 10, "cert_resident": 11, "mynumber_card_issue": 1, "online_consultation": 6} {
		if got := len(c.Taking(procedure)); got != want {
			t.Errorf("%d offices take %s, want %d", got, procedure, want)
		}
	}
	if len(c.Offices) != 18 {
		t.Errorf("%d offices, want 18", len(c.Offices))
	}
}

func TestEveryOfficeRunsADay(t *testing.T) {
	c := builtIn(t)
	for _, id := range c.IDs() {
		settings, err := c.Settings(id, "2026-04-01")
		if err != nil {
			t.Fatal(err)
		}
		s := queue.New()
		at := time.Date(2026, 4, 1, 9, 30, 0, 0, queue.JST)
		m := queue.Meta{Command: "open", At: at}
		events, err := queue.Decide(s, m, queue.OpenDay{Settings: settings})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if err := s.Apply(queue.Entry{Meta: m, Events: events}); err != nil {
			t.Fatal(err)
		}
		for _, v := range settings.Services {
			if code, ok := s.Accepts(v.ID, at); !ok {
				t.Errorf("%s does not take %s on a weekday at 9:30: %s", id, v.ID, code)
			}
		}
	}
}

func TestTextsAreComplete(t *testing.T) {
	c := builtIn(t)
	complete := func(what string, text catalog.Text) {
		t.Helper()
		for _, lang := range []string{"ja", "ja-x-easy", "en", "zh", "ko"} {
			if text[lang] == "" {
				t.Errorf("%s (%s) has no text in %s", what, text["ja"], lang)
			}
		}
	}
	for _, v := range c.Services {
		complete("the name of "+string(v.ID), v.Name)
		if v.Kana == "" || len(v.Bring) == 0 || len(v.Instead) == 0 {
			t.Errorf("%s: kana %q, %d things to bring, %d ways not to wait", v.ID, v.Kana, len(v.Bring), len(v.Instead))
		}
		for _, item := range v.Bring {
			complete("what to bring to "+string(v.ID), item)
		}
		for _, instead := range v.Instead {
			complete("a way not to wait for "+string(v.ID), instead.Text)
		}
		if v.Footer != nil {
			complete("the footer of "+string(v.ID), v.Footer)
		}
	}
	for _, o := range c.Offices {
		complete("the name of "+string(o.ID), o.Name)
		if o.Kana == "" || o.Area == "" {
			t.Errorf("office %s is not fully described", o.ID)
		}
	}
	for _, p := range c.Purposes {
		complete("purpose "+p.ID, p.Name)
	}
}

func TestOtherOfficesOfTheSameServicesAreNamedTheNearFirst(t *testing.T) {
	c := builtIn(t)
	kyodo, _ := c.Office("br-kyodo")
	all := c.Elsewhere(kyodo)
	if len(all) != 10 || all[0].Office != "km-setagaya" || all[1].Office != "br-taishido" {
		t.Errorf("beside 経堂: %+v, want ten offices, those of its area first", all)
	}
	for _, e := range all {
		if e.Office == "cc-carrot" && !slices.Equal(e.Services, []queue.ServiceID{"certificate"}) {
			t.Errorf("the certificate counter does %v for 経堂", e.Services)
		}
		if e.Office == "mn-center" || len(e.Services) == 0 {
			t.Errorf("%s shares no service with 経堂", e.Office)
		}
	}
}

// A number taken at home is called like any other, unless an office asks its holder
// to check in: programs that were written before must not wait for ever.
func TestOnlyAnOfficeThatSaysSoAsksForACheckIn(t *testing.T) {
	c, err := load(t, "offices: [{id: br-kyodo, rule: {check_in: true}}, {id: br-yoga, rule: {ratio: 3}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[queue.OfficeID]bool{"br-kyodo": true, "br-yoga": false, "km-setagaya": false} {
		settings, err := c.Settings(id, "2026-04-01")
		if err != nil {
			t.Fatal(err)
		}
		if settings.Rule.CheckIn != want {
			t.Errorf("%s: check-in is %v, want %v", id, settings.Rule.CheckIn, want)
		}
	}
}

func TestTicketsAreGivenBeforeTheDoorsOpen(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 4, 1, h, m, 0, 0, queue.JST) }
	for _, row := range []struct {
		file string
		at   time.Time
		want bool
	}{
		{"", at(7, 59), false},
		{"", at(8, 25), true},
		{"offices: [{id: km-setagaya, hours: {early_minutes: 0}}]", at(8, 25), false},
		{"offices: [{id: km-setagaya, hours: {early_minutes: 0}}]", at(8, 30), true},
		{"offices: [{id: km-setagaya, exceptions: [{date: \"2026-04-01\", hours: closed, reason: 点検}]}]", at(0, 0).Add(-time.Minute), false},
	} {
		c, err := load(t, row.file)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := c.Settings("km-setagaya", "2026-04-01")
		if err != nil {
			t.Fatal(err)
		}
		s := queue.New()
		m := queue.Meta{Command: "open", At: row.at}
		if err := s.Apply(queue.Entry{Meta: m, Events: []queue.Event{queue.DayOpened{Settings: settings}}}); err != nil {
			t.Fatal(err)
		}
		if _, got := s.Accepts("moving", row.at); got != row.want {
			t.Errorf("%q at %s: a ticket is given: %v, want %v", row.file, row.at.Format("15:04"), got, row.want)
		}
	}
}

func TestClosedDays(t *testing.T) {
	c := builtIn(t)
	for date, open := range map[queue.Date]bool{"2026-04-01": true, "2026-04-05": false, "2026-05-06": false, "2026-12-30": false} {
		settings, err := c.Settings("km-setagaya", date)
		if err != nil {
			t.Fatal(err)
		}
		v := settings.Services[0]
		if got := v.Opens.Before(v.Closes); got != open {
			t.Errorf("%s: open = %v, want %v (%v to %v)", date, got, open, v.Opens, v.Closes)
		}
	}
	if _, err := c.Settings("km-nowhere", "2026-04-01"); err == nil {
		t.Error("an unknown office has settings")
	}
	if _, err := c.Settings("km-setagaya", "first of April"); err == nil {
		t.Error("a date that is none has settings")
	}
}

func load(t *testing.T, text string) (*catalog.Catalog, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ward.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return catalog.Load(path)
}

func TestAnOperatorsFileOverrides(t *testing.T) {
	c, err := load(t, `
services:
  - {id: moving, minutes: 22}
offices:
  - id: br-kyodo
    hours: {saturday: "09:00-12:00"}
    exceptions: [{date: "2026-04-01", hours: "08:30-18:00", reason: 繁忙期}]
    rule: {ratio: 3, max_wait_minutes: 45, undo_seconds: 90, skip_minutes: 2, choose: manager}
    series: [{id: A, main: 1-500, kiosks: {K1: [2001-2900, 3001-3400]}}]
  - {id: mc-yoga, remove: true}
  - id: popup
    kind: mynumber_center
    name: {ja: 臨時窓口}
`)
	if err != nil {
		t.Fatal(err)
	}
	kyodo, _ := c.Office("br-kyodo")
	settings, err := c.Settings("br-kyodo", "2026-04-01")
	if err != nil {
		t.Fatal(err)
	}
	moving, _ := settings.Service("moving")
	series, _ := settings.SeriesOf("A")
	switch {
	case kyodo.Name["ja"] != "経堂出張所":
		t.Errorf("the name was lost: %v", kyodo.Name)
	case moving.Expected != 22*time.Minute:
		t.Errorf("moving takes %v, want 22 minutes", moving.Expected)
	case moving.Closes.In(queue.JST).Hour() != 18:
		t.Errorf("closing at %v, want 18:00", moving.Closes)
	case settings.Rule.Ratio != 3 || settings.Rule.MaxWait != 45*time.Minute || settings.Rule.UndoWithin != 90*time.Second:
		t.Errorf("rule %+v", settings.Rule)
	case settings.Rule.SkipFor != 2*time.Minute || settings.Rule.Choose != queue.ChooseManager:
		t.Errorf("what clerks may do: %+v", settings.Rule)
	case settings.Rule.MaxOvertaken != queue.DefaultRule().MaxOvertaken:
		t.Errorf("a field that the file does not state was lost: %+v", settings.Rule)
	case series.Main.Last != 500 || series.Kiosks["K1"][0].First != 2001:
		t.Errorf("series %+v", series)
	}
	if _, ok := c.Office("mc-yoga"); ok {
		t.Error("a removed office is still there")
	}
	if _, ok := c.Office("popup"); !ok {
		t.Error("an added office is not there")
	}
}

func TestAnOfficeSaysWhatItsCountersAreToReach(t *testing.T) {
	c, err := load(t, "kinds:\n  - id: branch_office\n    staffing: {target_minutes: 20, most_counters: 5}\noffices:\n  - id: br-kyodo\n    staffing: {share: 0.9}\n")
	if err != nil {
		t.Fatal(err)
	}
	kyodo, _ := c.Office("br-kyodo")
	if got, want := kyodo.Staffing, (catalog.Staffing{Target: 20 * time.Minute, Share: 0.9, Most: 5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	other, _ := c.Office("km-setagaya")
	if got, want := other.Staffing, (catalog.Staffing{Target: 30 * time.Minute, Share: 0.8}); got != want {
		t.Errorf("of an office that says nothing: %+v, want %+v", got, want)
	}
}

func TestAnOfficeSaysWhenItIsInTroubleAndWhomToTell(t *testing.T) {
	c, err := load(t, "kinds:\n  - id: branch_office\n    alerts: {longest_minutes: 40, off: [care]}\noffices:\n  - id: br-kyodo\n    alerts: {growth: 8, escalate: [{after_minutes: 5, mail: [desk@city.example]}]}\n")
	if err != nil {
		t.Fatal(err)
	}
	kyodo, _ := c.Office("br-kyodo")
	if r := kyodo.Alerts; r.Longest != 40*time.Minute || r.On(alert.Care) || r.Growth != 8 || len(r.Steps) != 1 || r.Steps[0].After != 5*time.Minute || r.Steps[0].Mail[0] != "desk@city.example" {
		t.Errorf("%+v", r)
	}
	other, _ := c.Office("km-setagaya")
	if r := other.Alerts; !r.On(alert.Care) || r.Longest != 0 || len(r.Steps) != 1 {
		t.Errorf("of an office that says nothing: %+v", r)
	}
}

func TestErrorsNameTheLineAndTheKey(t *testing.T) {
	office := "offices:\n  - id: br-kyodo\n    "
	for _, row := range []struct{ name, text, line, key, says string }{
		{"unknown key", "offices:\n  - id: br-kyodo\n    colour: red\n", ":3:", "colour", "unknown key"},
		{"not yaml", "offices: [", ":", "", ""},
		{"two documents", "ward: {ja: a}\n---\nward: {ja: b}\n", ":", "", "one document"},
		{"wrong type", "offices: 3\n", ":1:", "", "cannot unmarshal"},
		{"id twice", "offices:\n  - {id: x-1, kind: branch_office, name: {ja: あ}}\n  - {id: x-1, kind: branch_office}\n", ":3:", "x-1", "twice"},
		{"unknown kind", "offices:\n  - {id: new-one, kind: palace, name: {ja: あ}}\n", ":2:", "offices.new-one.kind", "palace"},
		{"no name", "offices:\n  - {id: new-one, kind: branch_office}\n", ":2:", "offices.new-one.name", "Japanese name"},
		{"id of the whole ward", "offices:\n  - {id: ward, kind: branch_office, name: {ja: あ}}\n", ":2:", "offices.ward.id", "all offices together"},
		{"bad id", "offices:\n  - {id: \"a b\", kind: branch_office, name: {ja: あ}}\n", ":2:", "offices.a b.id", "not an id"},
		{"bad position", office + "position: [35]\n", ":3:", "offices.br-kyodo.position", "latitude"},
		{"bad hours", office + "hours: {weekdays: \"8-17\"}\n", ":3:", "offices.br-kyodo.hours.weekdays", "HH:MM"},
		{"early by half a day", office + "hours: {early_minutes: 720}\n", ":3:", "offices.br-kyodo.hours.early_minutes", "between"},
		{"hours the wrong way round", office + "hours: {saturday: \"17:00-08:30\"}\n", ":3:", "saturday", "opening before"},
		{"bad exception", office + "exceptions: [{date: tomorrow, hours: closed}]\n", ":3:", "exceptions", "YYYY-MM-DD"},
		{"unknown service", office + "services: [{id: parking, series: A}]\n", ":3:", "offices.br-kyodo.services.parking", "unknown service"},
		{"service without series", office + "services: [{id: moving}]\n", ":3:", "offices.br-kyodo.services.moving.series", "capital letters"},
		{"no services", office + "services: []\n", ":3:", "offices.br-kyodo.services", "without services"},
		{"overlapping ranges", office + "series: [{id: A, main: 1-1200}]\n", ":3:", "offices.br-kyodo.series", "overlap"},
		{"overlapping machines", office + "series: [{id: A, kiosks: {K1: [1001-1600, 1500-1700]}}]\n", ":3:", "series", "overlap"},
		{"bad range", office + "series: [{id: A, main: 10-1}]\n", ":3:", "offices.br-kyodo.series.A.main", "not a range"},
		{"range of an unknown machine", office + "series: [{id: A, kiosks: {K9: [5001-5600]}}]\n", ":3:", "kiosks.K9", "unknown kiosk"},
		{"series without service", office + "series: [{id: Z}]\n", ":3:", "series.Z", "no service"},
		{"kiosk named as a series", office + "kiosks: [{id: A}]\n", ":3:", "kiosks.A", "name of a series"},
		{"kiosk in small letters", office + "kiosks: [{id: k1}]\n", ":3:", "kiosks.k1.id", "capital letters"},
		{"more kiosks than thousands", office + "kiosks: [{id: K9}]\n", ":2:", "offices.br-kyodo.series", "overlap"},
		{"kiosk number too large", office + "kiosks: [{id: K1000}]\n", ":2:", "offices.br-kyodo.series", "not a range"},
		{"two kiosks of one number", office + "kiosks: [{id: A1}, {id: B1}]\n", ":2:", "offices.br-kyodo.series", "overlap"},
		{"kiosk twice", office + "kiosks: [{id: K1}, {id: K1}]\n", ":3:", "K1", "twice"},
		{"counter of an unknown service", office + "counters: [{id: \"1\", services: [koseki], stages: [reception]}]\n", ":3:", "offices.br-kyodo.counters.1.services", "does not offer"},
		{"counter of an unknown stage", office + "counters: [{id: \"1\", services: [other], stages: [processing]}]\n", ":3:", "offices.br-kyodo.counters.1.stages", "no counter calls"},
		{"unknown alert", office + "alerts: {off: [boredom]}\n", ":3:", "offices.br-kyodo.alerts.off", "boredom"},
		{"steps out of order", office + "alerts: {escalate: [{after_minutes: 20}, {after_minutes: 10}]}\n", ":3:", "alerts.escalate", "order"},
		{"alert to no address", office + "alerts: {escalate: [{after_minutes: 20, mail: [desk]}]}\n", ":3:", "alerts.escalate", "e-mail"},
		{"a shock that is none", office + "alerts: {slow: 1}\n", ":3:", "alerts.slow", "between"},
		{"a share that is none", office + "staffing: {share: 80}\n", ":3:", "offices.br-kyodo.staffing.share", "between"},
		{"a target of days", office + "staffing: {target_minutes: 1000}\n", ":3:", "staffing.target_minutes", "between"},
		{"office named as a managers' page", "offices: [{id: alerts, kind: branch_office, name: {ja: あ}}]\n", ":1:", "offices.alerts.id", "name of a page"},
		{"office named as a page", "offices: [{id: login, kind: branch_office, name: {ja: あ}}]\n", ":1:", "offices.login.id", "name of a page"},
		{"office named as for practice", "offices: [{id: practice-1, kind: branch_office, name: {ja: あ}}]\n", ":1:", "offices.practice-1.id", "name of a page"},
		{"counter named as a page", office + "counters: [{id: desk, services: [other], stages: [reception]}]\n", ":3:", "offices.br-kyodo.counters.desk.id", "name of a page"},
		{"nobody delivers", office + "counters: [{id: \"6\", services: [other], stages: [delivery]}]\n", "", "offices.br-kyodo.counters", "no counter calls service"},
		{"rule out of range", office + "rule: {ratio: -1}\n", ":3:", "offices.br-kyodo.rule.ratio", "between"},
		{"nobody's choice", office + "rule: {choose: everybody}\n", ":3:", "rule.choose", "staff, manager or nobody"},
		{"rule longer than a day", office + "rule: {max_wait_minutes: 2000}\n", ":3:", "rule.max_wait_minutes", "within a day"},
		{"service without purpose", "services:\n  - {id: new, name: {ja: あ}, stages: [reception]}\n", ":2:", "services.new", "unknown purpose"},
		{"stages out of order", "services:\n  - {id: moving, stages: [delivery, reception]}\n", ":2:", "services.moving.stages", "out of order"},
		{"no reception", "services:\n  - {id: moving, stages: [delivery]}\n", ":2:", "services.moving.stages", "reception stage"},
		{"unknown stage", "services:\n  - {id: moving, stages: [reception, singing]}\n", ":2:", "services.moving.stages", "singing"},
		{"processing without delivery", "services:\n  - {id: moving, stages: [reception, processing]}\n", ":2:", "services.moving.stages", "call the visitor back"},
		{"levels that fall", "services:\n  - {id: moving, levels: [30, 20, 10]}\n", ":2:", "services.moving.levels", "rising"},
		{"minutes", "services:\n  - {id: moving, minutes: 0}\n", ":2:", "services.moving.minutes", "between"},
		{"alternative of an unknown kind", "services:\n  - {id: moving, instead: [{kind: magic, text: {ja: あ}}]}\n", ":2:", "services.moving.instead", "magic"},
		{"alternative without words", "services:\n  - {id: moving, instead: [{kind: online}]}\n", ":2:", "services.moving.instead", "Japanese text"},
		{"alternative at a bad address", "services:\n  - {id: moving, instead: [{kind: online, url: \"http://x\", text: {ja: あ}}]}\n", ":2:", "services.moving.instead", "https"},
		{"nothing to bring", "services:\n  - {id: moving, bring: [{en: Passport}]}\n", ":2:", "services.moving.bring", "Japanese text"},
		{"footer without Japanese", "services:\n  - {id: moving, footer: {en: Welcome}}\n", ":2:", "services.moving.footer", "Japanese text"},
		{"footer at a bad address", "services:\n  - {id: moving, footer_url: \"javascript:alert(1)\"}\n", ":2:", "services.moving.footer_url", "https"},
		{"long address", office + "page: \"https://example.jp/" + strings.Repeat("x", 120) + "\"\n", ":3:", "offices.br-kyodo.page", "120"},
		{"alternative office", "services:\n  - {id: moving, instead: [{kind: office, office: atlantis, text: {ja: あ}}]}\n", ":2:", "services.moving.instead", "atlantis"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(t, row.text)
			if err == nil {
				t.Fatal("the catalogue was taken")
			}
			for _, want := range []string{"ward.yaml" + row.line, row.key, row.says} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

// A machine that is offline works from yesterday's plan, so nobody else may get
// its numbers because another machine was taken away.
func TestTakingAMachineAwayMovesNoNumbers(t *testing.T) {
	ranges := func(kiosks string) map[queue.KioskID][]queue.Range {
		t.Helper()
		c, err := load(t, "offices: [{id: br-kyodo, kiosks: ["+kiosks+"]}]\n")
		if err != nil {
			t.Fatal(err)
		}
		settings, err := c.Settings("br-kyodo", "2026-04-01")
		if err != nil {
			t.Fatal(err)
		}
		series, _ := settings.SeriesOf("A")
		return series.Kiosks
	}
	before, after := ranges("{id: K1}, {id: K2}, {id: K3}"), ranges("{id: K2}, {id: K3}")
	for _, k := range []queue.KioskID{"K2", "K3"} {
		if !slices.Equal(before[k], after[k]) {
			t.Errorf("%s had %v, has %v without K1", k, before[k], after[k])
		}
	}
	if len(before["K1"]) != 2 || len(after) != 2 {
		t.Errorf("with K1 %v, without %v", before, after)
	}
	if lobby := ranges("{id: LOBBY}")["LOBBY"]; len(lobby) != 2 || lobby[0].First != 1001 {
		t.Errorf("a machine without a number in its id has %v, want those of its place", lobby)
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	_, err := load(t, "services:\n  - {id: moving, minutes: 0}\n  - {id: seal, levels: [1]}\noffices:\n  - {id: br-kyodo, position: [1]}\n")
	var problems *catalog.Error
	if !errors.As(err, &problems) || len(problems.Problems) != 3 {
		t.Errorf("want three problems, got %v", err)
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := catalog.Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestEveryServiceHasAMatterThatLeadsToIt(t *testing.T) {
	c := builtIn(t)
	led := map[queue.ServiceID]bool{}
	for _, m := range c.Matters {
		if len(m.Words) < 5 || m.Name["en"] == "" {
			t.Errorf("%s: %d words, named %v", m.ID, len(m.Words), m.Name)
		}
		for _, text := range slices.Concat(m.Forms, m.Bring) {
			if text["en"] == "" {
				t.Errorf("%s: %q has no English", m.ID, text["ja"])
			}
		}
		if len(m.Services) == 0 && m.Advice["en"] == "" {
			t.Errorf("%s leads nowhere", m.ID)
		}
		for _, id := range m.Services {
			led[id] = true
		}
	}
	for _, v := range c.Services {
		if !led[v.ID] {
			t.Errorf("no matter leads to %s", v.ID)
		}
	}
}

func TestAnOperatorsGuide(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"another word", "matters: [{id: dog, words: [ポチ]}]\n", ""},
		{"a matter of the ward's own", "matters: [{id: bike, name: {ja: 自転車}, advice: {ja: 土木の担当へ}, words: [自転車]}]\n", ""},
		{"a service that was removed takes its matters' way", "services: [{id: video, remove: true}]\nkinds: [{id: machizukuri_center, services: [{id: consultation, series: S}], counters: [{id: \"2\", services: [consultation], stages: [reception]}]}, {id: machizukuri_center_with_card_corner, services: [{id: consultation, series: S}, {id: card-pin, series: P}], counters: [{id: \"2\", services: [consultation], stages: [reception]}]}]\n", ""},
		{"a service that never was", "matters: [{id: dog, services: [cats]}]\n", `matters.dog.services: unknown service "cats"`},
		{"a matter that never was", "matters: [{id: dog, with: [cat]}]\n", `matters.dog.with: unknown matter "cat"`},
		{"nowhere to go", "matters: [{id: bike, name: {ja: 自転車}}]\n", "neither a service nor advice"},
		{"a way of its own not to come", "matters: [{id: dog, instead: [{kind: post, text: {ja: 郵送}}]}]\n", ""},
		{"a way that nobody knows", "matters: [{id: dog, instead: [{kind: pigeon, text: {ja: 鳩}}]}]\n", `matters.dog.instead: unknown kind "pigeon"`},
		{"who takes it, for nobody who reads Japanese", "matters: [{id: waste, where: {en: elsewhere}}]\n", "matters.waste.where: a Japanese text is missing"},
		{"a place that is none", "offices: [{id: br-kyodo, position: [139.6, 35.6]}]\n", "offices.br-kyodo.position: want latitude and longitude"},
		{"half a place", "offices: [{id: br-kyodo, position: [35.6]}]\n", "offices.br-kyodo.position: want latitude and longitude"},
		{"a way there without words", "offices: [{id: br-kyodo, access: {en: by bus}}]\n", "offices.br-kyodo.access: a Japanese text is missing"},
		{"a telephone that cannot be dialled", "offices: [{id: br-kyodo, phone: ask inside}]\n", "offices.br-kyodo.phone: want digits"},
		{"a town nowhere", "towns: [{id: atlantis, name: {ja: 海底}}]\n", "towns.atlantis.position: want latitude and longitude"},
		{"a town fewer", "towns: [{id: kyodo, remove: true}]\n", ""},
		{"no name", "matters: [{id: bike, advice: {ja: 外}}]\n", "a Japanese text is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := load(t, test.file)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if m, ok := c.Matter("dog"); !ok || m.Name["ja"] == "" {
					t.Errorf("the guide lost what was not said: %+v", m)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
