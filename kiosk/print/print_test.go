package print_test

import (
	"context"
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
