package print_test

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/kiosk/print"
)

func ticket() print.Ticket {
	return print.Ticket{
		Ward: "世田谷区", Office: "世田谷総合支所 くみん窓口", OfficeOther: "Setagaya Citizens' Counter",
		Number: "A012", Service: "引っ越し（転入・転居・転出）", ServiceElse: "Moving", Language: "en",
		At:    time.Date(2026, 4, 1, 8, 25, 0, 0, time.FixedZone("JST", 9*3600)),
		Ahead: 12, Low: 30 * time.Minute, High: 45 * time.Minute,
		StatusURL: "https://machi.example.jp/t/0123456789abcdef0123456789abcdef",
	}
}

func TestFilePrintsAPictureAndAText(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fonts *print.Case
	}{
		{"the machine's fonts", print.OpenCase()},
		{"no font installed", print.OpenCase("/nowhere.ttf")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if out := os.Getenv("MACHI_PRINT_OUT"); out != "" {
				dir = filepath.Join(out, strings.ReplaceAll(tt.name, " ", "-"))
			}
			if err := (print.File{Dir: dir, Case: tt.fonts}).Print(context.Background(), "A012", ticket()); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(filepath.Join(dir, "A012.png"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			page, err := png.Decode(f)
			if err != nil {
				t.Fatal(err)
			}
			if w := page.Bounds().Dx(); w != 576 {
				t.Errorf("width = %d dots, want 576", w)
			}
			text, err := os.ReadFile(filepath.Join(dir, "A012.txt"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"A012", "令和8年4月1日(水) 8時25分", "前にお待ちの方 12人", "約30〜45分", "12 people ahead"} {
				if !strings.Contains(string(text), want) {
					t.Errorf("text lacks %q:\n%s", want, text)
				}
			}
		})
	}
}

func TestTextSaysOnlyWhatIsKnown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*print.Ticket)
		with   []string
		lacks  []string
	}{
		{"a wait that may be none", func(t *print.Ticket) { t.Low = 0 }, []string{"45分以内", "within 45 min"}, []string{"0〜"}},
		{"no estimate", func(t *print.Ticket) { t.High = 0 }, []string{"12人"}, []string{"目安", "wait"}},
		{"nobody knows who waits", func(t *print.Ticket) { t.Ahead = -1 }, []string{"A012"}, []string{"お待ちの方"}},
		{"the time is not known", func(t *print.Ticket) { t.At = time.Time{} }, []string{"A012"}, []string{"令和", "月"}},
		{"no server to follow at", func(t *print.Ticket) { t.StatusURL = "" }, []string{"A012"}, []string{"http"}},
		{"a reprint", func(t *print.Ticket) { t.Copy = true }, []string{"再発行", "REPRINTED"}, nil},
		{"a rehearsal", func(t *print.Ticket) { t.Rehearsal = true }, []string{"訓練用", "TRAINING"}, nil},
		{"a language nobody translated", func(t *print.Ticket) { t.Language = "xx" }, []string{"前にお待ちの方"}, []string{"people"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ticket := ticket()
			tt.change(&ticket)
			text := ticket.Text()
			for _, want := range tt.with {
				if !strings.Contains(text, want) {
					t.Errorf("text lacks %q:\n%s", want, text)
				}
			}
			for _, no := range tt.lacks {
				if strings.Contains(text, no) {
					t.Errorf("text has %q:\n%s", no, text)
				}
			}
		})
	}
}

func TestDate(t *testing.T) {
	jst := time.FixedZone("JST", 9*3600)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 4, 1, 8, 5, 0, 0, jst), "令和8年4月1日(水) 8時05分"},
		{time.Date(2019, 12, 27, 17, 0, 0, 0, jst), "令和元年12月27日(金) 17時00分"},
		{time.Date(2019, 4, 30, 9, 0, 0, 0, jst), "2019年4月30日(火) 9時00分"},
	} {
		if got := print.Date(tt.at); got != tt.want {
			t.Errorf("Date(%v) = %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestPictureHoldsTheStatusAddress(t *testing.T) {
	want, err := print.Code(ticket().StatusURL)
	if err != nil {
		t.Fatal(err)
	}
	page, err := print.OpenCase("/nowhere.ttf").Picture(ticket())
	if err != nil {
		t.Fatal(err)
	}
	if !holds(page, want) {
		t.Error("the picture does not hold the modules of the QR code")
	}
}

// holds looks for the modules anywhere in a picture, six dots each.
func holds(page *image.Gray, want [][]bool) bool {
	const module = 6
	b := page.Bounds()
	for y := b.Min.Y; y+len(want)*module <= b.Max.Y; y++ {
		for x := b.Min.X; x+len(want)*module <= b.Max.X; x++ {
			if matches(page, want, x, y, module) {
				return true
			}
		}
	}
	return false
}

func matches(page *image.Gray, want [][]bool, x, y, module int) bool {
	for i, row := range want {
		for j, dark := range row {
			if (page.GrayAt(x+j*module+2, y+i*module+2).Y == 0) != dark {
				return false
			}
		}
	}
	return true
}

func TestPrinterThatCannotWriteSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "no folder")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (print.File{Dir: file, Case: print.OpenCase("/nowhere.ttf")}).Print(t.Context(), "A012", ticket()); err == nil {
		t.Error("Print into a file as folder = nil, want an error")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (print.File{Dir: t.TempDir(), Case: print.OpenCase("/nowhere.ttf")}).Print(gone, "A012", ticket()); err == nil {
		t.Error("Print after the end = nil, want an error")
	}
}
