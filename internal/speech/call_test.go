package speech_test

import (
	"testing"

	"machi/internal/speech"
)

func TestACallIsSaidAsItSounds(t *testing.T) {
	for _, c := range []struct {
		language, counter string
		numbers           []string
		want              string
	}{
		{"ja", "3", []string{"A012"}, "ばんごうふだ、 エー、 じゅうにばんの おきゃくさま、 さんばん まどぐちへ おこしください。"},
		{"ja", "10", []string{"B300", "B608"}, "ばんごうふだ、 ビー、 さんびゃくばん、 ビー、 ろっぴゃくはちばんの おきゃくさま、 じゅうばん まどぐちへ おこしください。"},
		{"ja-x-easy", "2A", []string{"K1-0021"}, "ばんごうふだ、 ケー、 いち、 にじゅういちばんの おきゃくさま、 に、 エーばん まどぐちへ おこしください。"},
		{"ja", "1", []string{"C9001"}, "ばんごうふだ、 シー、 きゅうせんいちばんの おきゃくさま、 いちばん まどぐちへ おこしください。"},
		{"ja", "1", []string{"K1-12345"}, "ばんごうふだ、 ケー、 いち、 いち に さん よん ごばんの おきゃくさま、 いちばん まどぐちへ おこしください。"},
		{"en", "3", []string{"A012"}, "Number A 12, please come to counter 3."},
		{"en", "3", []string{"A012", "a007"}, "Numbers A 12, A 7, please come to counter 3."},
		{"zh", "3", []string{"A012"}, "请A 12号到3号窗口。"},
		{"ko", "3", []string{"A012", "A013"}, "A 12번, A 13번 고객님, 3번 창구로 오십시오."},
		{"en", "3", []string{"$(x)番"}, "Number X, please come to counter 3."},
	} {
		if got := speech.Call(c.language, c.numbers, c.counter); got != c.want {
			t.Errorf("%s %v at %s:\n%q, want\n%q", c.language, c.numbers, c.counter, got, c.want)
		}
	}
}

func TestEspeakSaysCallsInEveryLanguage(t *testing.T) {
	voice := open(t, "espeak")
	for _, language := range []string{"ja", "en", "zh", "ko"} {
		sound, err := voice.Speak(t.Context(), language, speech.Call(language, []string{"A120", "A121"}, "11"))
		if err != nil {
			t.Fatalf("%s: %v", language, err)
		}
		if seconds := length(t, sound); seconds < 1 || seconds > 20 {
			t.Errorf("%s: %v s of sound", language, seconds)
		}
	}
}
