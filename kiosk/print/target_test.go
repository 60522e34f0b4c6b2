package print_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

func TestOpenRefusesWhatIsNoTarget(t *testing.T) {
	for _, target := range []string{
		"", "tcp", "tcp:", "tcp://", "tcp:/host", "tcp://host:port", "tcp://host:0", "tcp://host:70000", "lp:", "serial:", "png:", "file:",
		"usb:x", "tcp://host?text=x", "tcp://host?qr=x", "tcp://host?cut=x", "tcp://host?status=x", "tcp://host?dots=1", "tcp://host?dots=x",
		"tcp://host?dots=383", "tcp://host?speed=1", "serial:x?baud=1", "serial:x?flow=x", "lp:x?baud=9600", "tcp://host?%zz",
	} {
		if _, err := print.Open(target, print.Options{Case: types()}); err == nil {
			t.Errorf("Open(%q) = nil, want an error", target)
		}
	}
	for _, target := range []string{
		"none:", "tcp://host", "tcp://host:9100", "tcp://[::1]:9100/", "tcp://[::1]", "tcp://host?text=raster&qr=raster&cut=full&dots=512&status=before",
		"serial:/dev/ttyS0?baud=115200&flow=hardware", "lp:/dev/usb/lp0?status=no",
	} {
		if _, err := print.Open(target, print.Options{Case: types(), Paper: 58}); err != nil {
			t.Errorf("Open(%q) = %v", target, err)
		}
	}
	if _, err := print.Open("none:", print.Options{Case: types(), Paper: 57}); err == nil {
		t.Error("paper of 57 mm = nil, want an error")
	}
}

func TestFoldersAndNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	for target, files := range map[string][]string{"png:" + dir: {"A012.png", "A012.txt"}, "file:" + dir: {"A012.bin"}} {
		p, err := print.Open(target, print.Options{Case: types(), Paper: 58})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Print(t.Context(), "A012", ticket()); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		for _, name := range files {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %s: %v", target, name, err)
			}
		}
		if s, err := p.Status(t.Context()); err != nil || s != ok {
			t.Errorf("%s: Status = %v, %v", target, s, err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Print(gone, "A012", ticket()); err == nil || errors.Is(err, print.ErrUnknown) {
			t.Errorf("%s: Print after the end = %v", target, err)
		}
	}
	p, err := print.Open("none:", print.Options{Case: types()})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Print(t.Context(), "A012", ticket()); print.Reason(err) != print.None {
		t.Errorf("Print without a printer = %v", err)
	}
	if s, _ := p.Status(t.Context()); s != st(print.None, print.Unknown) {
		t.Errorf("Status without a printer = %v", s)
	}
}

// Every sample, on both papers: nothing that a printer complains of, nothing wider
// than the paper, and what must stand on it does.
func TestSamplesPrintOnEveryPaper(t *testing.T) {
	for _, sample := range virtual.Samples() {
		for _, dots := range []int{384, 576} {
			p := virtual.New(virtual.Options{Dots: dots, Case: types()})
			p.Feed(print.Bytes(types(), sample.Ticket, dots))
			if notes := p.Complaints(); len(notes) > 0 {
				t.Errorf("%s on %d dots: %v", sample.Name, dots, notes)
			}
			papers := p.Papers()
			if len(papers) != 1 || !papers[0].Cut {
				t.Errorf("%s on %d dots: %d papers", sample.Name, dots, len(papers))
				continue
			}
			text := strings.ReplaceAll(papers[0].Text(), "\n", "")
			for _, want := range mustStand(sample) {
				if !strings.Contains(text, want) {
					t.Errorf("%s on %d dots lacks %q:\n%s", sample.Name, dots, want, papers[0].Text())
				}
			}
		}
	}
}

func mustStand(s virtual.Sample) []string {
	want := []string{"令和8年4月1日(水) 8時25分", s.Ticket.StatusURL, s.Ticket.FooterURL}
	if s.Name != "rare" { // its head is drawn
		want = append(want, s.Ticket.Ward)
	}
	for on, text := range map[bool]string{s.Ticket.Copy: "再発行", s.Ticket.Rehearsal: "訓練用", s.Ticket.Test: "テスト印刷"} {
		if on {
			want = append(want, text)
		}
	}
	if s.Ticket.CheckIn != "" {
		want = append(want, s.Ticket.CheckIn[:3]+" "+s.Ticket.CheckIn[3:])
	}
	return want
}

func TestSettingsSuitPrintersThatKnowLess(t *testing.T) {
	for _, tt := range []struct {
		settings string
		never    []string
	}{
		{"?text=raster", []string{"kanji", "letter"}},
		{"?qr=raster", []string{"GS ( k"}},
		{"?cut=none", []string{}},
		{"?cut=full&dots=512", []string{}},
	} {
		d := newDesk(t, virtual.Script{}, 80)
		if err := d.open(t, tt.settings).Print(patient(t), "A012", ticket()); err != nil {
			t.Errorf("%s: %v", tt.settings, err)
		}
		counts := d.Counts()
		for _, name := range tt.never {
			if counts[name] > 0 {
				t.Errorf("%s: %d of %s", tt.settings, counts[name], name)
			}
		}
		if cuts := counts["GS V"]; (cuts == 0) != strings.Contains(tt.settings, "none") {
			t.Errorf("%s: %d cuts", tt.settings, cuts)
		}
		if notes := d.Complaints(); len(notes) > 0 {
			t.Errorf("%s: %v", tt.settings, notes)
		}
	}
}
