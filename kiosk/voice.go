package kiosk

import (
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxSpoken bounds a text that is to be spoken, in letters.
const maxSpoken = 400

// languages are those that the pages speak.
var languages = []string{"ja", "ja-x-easy", "en", "zh", "ko"}

// getSpeech answers a text as speech: audio/wav, or 404 no_voice.
func (k *Kiosk) getSpeech(w http.ResponseWriter, r *http.Request) {
	language, text := r.URL.Query().Get("language"), r.URL.Query().Get("text")
	if !slices.Contains(languages, language) || text == "" || utf8.RuneCountInString(text) > maxSpoken || !utf8.ValidString(text) {
		refuse(w, http.StatusBadRequest, "bad_value")
		return
	}
	if k.o.Voice == nil {
		refuse(w, http.StatusNotFound, "no_voice")
		return
	}
	wav, err := k.o.Voice.Speak(r.Context(), language, text)
	if err != nil {
		refuse(w, http.StatusNotFound, "no_voice") // the page has a chime
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Length", strconv.Itoa(len(wav)))
	_, _ = w.Write(wav)
}
