package api_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"machi/internal/api"
	"machi/internal/speech"
)

// mouth is whatever voice a test gives the walls; without one it is hoarse.
type mouth struct{ voice api.Voice }

func (m *mouth) Speak(ctx context.Context, language, text string) ([]byte, error) {
	if m.voice == nil {
		return nil, errors.New("hoarse")
	}
	return m.voice.Speak(ctx, language, text)
}

func TestTheWallsVoiceSaysCallsOfTheBoardAndNothingElse(t *testing.T) {
	voice, err := speech.Open("espeak")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.mouth.voice = voice
	number := w.calledTo("1")
	const path = "/api/v1/offices/o/voice?counter=1"
	for _, lang := range []string{"", "&lang=en", "&lang=zh", "&lang=ko"} {
		got := w.send(read(path+"&number="+number+lang, ""))
		if got.Code != 200 || got.Header().Get("Content-Type") != "audio/wav" || !bytes.HasPrefix(got.Body.Bytes(), []byte("RIFF")) {
			t.Errorf("%q: %d %v", lang, got.Code, got.Header())
		}
		if again := w.send(with(read(path+"&number="+number+lang, ""), "If-None-Match", got.Header().Get("ETag"))); again.Code != 304 {
			t.Errorf("%q with its tag: %d", lang, again.Code)
		}
	}
	for query, want := range map[string]string{
		"?counter=2&number=" + number: `"field":"number"`, "?counter=1&number=Z999": `"field":"number"`, "?counter=1": `"field":"number"`,
		"?counter=1&number=" + number + "&number=hello": `"field":"number"`, "?counter=1&lang=fr&number=" + number: `"field":"lang"`,
		"?counter=1" + strings.Repeat("&number="+number, 7): `"field":"number"`, "?counter=1" + strings.Repeat("&number="+number, 2): `"field":"number"`,
	} {
		if got := w.send(read("/api/v1/offices/o/voice"+query, "")); got.Code/100 != 4 || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s", query, got.Code, got.Body)
		}
	}
}

func TestAWallIsToldThatTheVoiceFails(t *testing.T) {
	w := newWorld(t)
	number := w.calledTo("1")
	if got := w.send(read("/api/v1/offices/o/voice?counter=1&number="+number, "")); got.Code != 501 || !strings.Contains(got.Body.String(), `"no_voice"`) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := w.send(read("/api/v1/offices/x/voice?counter=1&number="+number, "")); got.Code != 404 {
		t.Errorf("no office: %d", got.Code)
	}
}

// calledTo lets a counter call somebody, and returns the number.
func (w *world) calledTo(counter string) string {
	w.t.Helper()
	w.issue("moving")
	w.post(200, "staff", "o/counters/"+counter+"/open", "")
	return dig(w.post(200, "staff", "o/counters/"+counter+"/call-next", ""), "ticket", "number").(string)
}

// TestSeveralNumbersAreSaidAsTheyWereCalled has a delivery desk call three at once: what
// could be put together of them otherwise would keep the voice busy for a day.
func TestSeveralNumbersAreSaidAsTheyWereCalled(t *testing.T) {
	w := newWorld(t)
	w.mouth.voice = said{}
	w.deliver(3)
	numbers := []string{"A001", "A002", "A003"}
	w.advance(time.Minute)
	w.post(200, "staff", "o/counters/1/announce", `{"numbers":["`+strings.Join(numbers, `","`)+`"]}`)
	for order, want := range map[string]int{"0": 200, "2": 200, "01": 200, "12": 200, "012": 200, "10": 404, "00": 404, "02": 404, "210": 404} {
		query := ""
		for _, i := range order {
			query += "&number=" + numbers[i-'0']
		}
		if got := w.send(read("/api/v1/offices/o/voice?counter=1"+query, "")); got.Code != want {
			t.Errorf("%s of %v: %d, want %d", order, numbers, got.Code, want)
		}
	}
}

// said is a voice that writes.
type said struct{}

func (said) Speak(_ context.Context, _, text string) ([]byte, error) { return []byte(text), nil }
