package speech_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"machi/internal/speech"
)

func open(t *testing.T, kind string) speech.Speaker {
	t.Helper()
	voice, err := speech.Open(kind)
	if err != nil {
		t.Fatal(err)
	}
	return voice
}

func TestEspeakSaysEveryLanguage(t *testing.T) {
	voice := open(t, "espeak")
	for language, text := range map[string]string{
		"ja": "ばんごうふだを おとりください。", "ja-x-easy": "1、ひっこし 12にん", "en": "Please take a number; `rm -rf /`", "zh": "请取号", "ko": "번호표를 받아 주십시오",
	} {
		sound, err := voice.Speak(t.Context(), language, text)
		if err != nil {
			t.Errorf("%s: %v", language, err)
			continue
		}
		if seconds := length(t, sound); seconds < 0.3 || seconds > 30 {
			t.Errorf("%s: %v s of sound for %q", language, seconds, text)
		}
		again, err := voice.Speak(t.Context(), language, "  "+text+" ")
		if err != nil || &again[0] != &sound[0] {
			t.Errorf("%s: was made again (%v), want the remembered sound", language, err)
		}
	}
	if _, err := voice.Speak(t.Context(), "tlh", "nuqneH"); !errors.Is(err, speech.ErrNoVoice) {
		t.Errorf("an unknown language: %v, want ErrNoVoice", err)
	}
}

// length reads a WAV file's seconds from its header, which must fit its size.
func length(t *testing.T, wav []byte) float64 {
	t.Helper()
	if len(wav) < 44 || !bytes.Equal(wav[:4], []byte("RIFF")) || int(binary.LittleEndian.Uint32(wav[4:])) != len(wav)-8 {
		t.Fatalf("no WAV file, or its length is wrong: % x", wav[:min(len(wav), 44)])
	}
	samples := binary.LittleEndian.Uint32(wav[40:])
	if int(samples) != len(wav)-44 {
		t.Fatalf("the header says %d bytes of samples, there are %d", samples, len(wav)-44)
	}
	return float64(samples) / float64(binary.LittleEndian.Uint32(wav[28:]))
}

func TestTextsThatAreNotSaid(t *testing.T) {
	voice := open(t, "espeak")
	for text, want := range map[string]error{"": speech.ErrNoVoice, " \n": speech.ErrNoVoice, "\xff": speech.ErrNoVoice, strings.Repeat("あ", 601): speech.ErrTooLong} {
		if _, err := voice.Speak(t.Context(), "ja", text); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", text, err, want)
		}
	}
	for _, kind := range []string{"none", "browser", ""} {
		if _, err := open(t, kind).Speak(t.Context(), "ja", "あ"); !errors.Is(err, speech.ErrNoVoice) {
			t.Errorf("%q: %v, want ErrNoVoice", kind, err)
		}
	}
}

func TestManyAskAtOnce(t *testing.T) {
	voice := open(t, "espeak")
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			if _, err := voice.Speak(t.Context(), "en", []string{"one", "two", "three"}[i%3]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// wav is a recording of n samples of a value, 8 kHz mono.
func wav(value byte, n int) []byte {
	b := bytes.NewBufferString("RIFF\x00\x00\x00\x00WAVELIST\x04\x00\x00\x00infofmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data")
	_ = binary.Write(b, binary.LittleEndian, uint32(n))
	return append(b.Bytes(), bytes.Repeat([]byte{value}, n)...)
}

func recordings(t *testing.T, phrases string, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	files["phrases.tsv"] = []byte(phrases)
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestClipsMakeUpATextOfTheLongestPhrases(t *testing.T) {
	dir := recordings(t, "# language\tphrase\tfile\nja\tばんごう\ta.wav\nja\tばんごうふだ\tb.wav\nja\tを\tc.wav\nja\t1\td.wav\nja\t12\te.wav\n",
		map[string][]byte{"a.wav": wav('a', 2), "b.wav": wav('b', 3), "c.wav": wav('c', 1), "d.wav": wav('d', 1), "e.wav": wav('e', 2)})
	voice := open(t, "clips:"+dir)
	for text, want := range map[string]string{"ばんごうふだを": "bbbc", "ばんごう、を。": "aac", "1 を": "dc", "12ばんごう": "eeaa"} {
		sound, err := voice.Speak(t.Context(), "ja-x-easy", text)
		if err != nil || string(sound[44:]) != want {
			t.Errorf("%q: %q, %v, want %q", text, sound, err, want)
			continue
		}
		length(t, sound)
	}
	for _, text := range []string{"ばんごうは", "13", "。"} {
		if _, err := voice.Speak(t.Context(), "ja", text); !errors.Is(err, speech.ErrNoVoice) {
			t.Errorf("%q: %v, want ErrNoVoice", text, err)
		}
	}
	if _, err := voice.Speak(t.Context(), "en", "ばんごう"); !errors.Is(err, speech.ErrNoVoice) {
		t.Errorf("a language without recordings: %v, want ErrNoVoice", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	other := wav('x', 1)
	other[48] = 0x80 // another rate
	for name, kind := range map[string]string{
		"a voice that nobody knows":   "parrot",
		"an argument too many":        "espeak:loud",
		"none with an argument":       "none:x",
		"clips without a folder":      "clips:",
		"a folder that is not there":  "clips:/nowhere",
		"no list of phrases":          "clips:" + t.TempDir(),
		"a line that is no line":      "clips:" + recordings(t, "ja ばんごう\n", map[string][]byte{}),
		"a file that is not there":    "clips:" + recordings(t, "ja\tあ\tb.wav\n", map[string][]byte{}),
		"a file outside the folder":   "clips:" + recordings(t, "ja\tあ\t../../etc/passwd\n", map[string][]byte{}),
		"a file that is no sound":     "clips:" + recordings(t, "ja\tあ\ta.wav\n", map[string][]byte{"a.wav": []byte("RIFF????WAVE")}),
		"two formats":                 "clips:" + recordings(t, "ja\tあ\ta.wav\nja\tい\tb.wav\n", map[string][]byte{"a.wav": wav('a', 1), "b.wav": other}),
		"open_jtalk without a voice":  "openjtalk:",
		"a voice file that is absent": "openjtalk:/nowhere.htsvoice",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := speech.Open(kind); err == nil {
				t.Error("no error")
			}
		})
	}
}
