package speech

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of one text, of its making, and of what is remembered.
const (
	maxRunes  = 600
	within    = 10 * time.Second
	maxMemory = 32 << 20
)

var (
	// ErrNoVoice says that there is no voice for a text: the page helps itself.
	ErrNoVoice = errors.New("speech: no voice")
	// ErrTooLong says that a text is longer than 600 characters.
	ErrTooLong = errors.New("speech: text too long")
)

// Speaker says texts.
type Speaker interface {
	// Speak returns a text as a WAV file. Languages are ja, ja-x-easy, en, zh and ko.
	// It fails with [ErrNoVoice] or [ErrTooLong], or when the voice does not work.
	Speak(ctx context.Context, language, text string) ([]byte, error)
}

// Open returns the voice of a kind, as the package's comment lists them. A voice
// whose program or files are missing is an error here, not at the first word.
func Open(kind string) (Speaker, error) {
	name, where, _ := strings.Cut(kind, ":")
	var voice Speaker
	var err error
	switch name {
	case "", "none", "browser":
		if where != "" {
			return nil, fmt.Errorf("speech: %q: %s takes no argument", kind, name)
		}
		return silent{}, nil
	case "clips":
		voice, err = openClips(where)
	case "openjtalk":
		voice, err = openJTalk(where)
	case "espeak":
		voice, err = openEspeak(where)
	default:
		return nil, fmt.Errorf("speech: unknown voice %q: want clips:DIR, openjtalk:VOICE, espeak, browser or none", kind)
	}
	if err != nil {
		return nil, err
	}
	return &remembered{from: voice, turn: make(chan struct{}, 1), made: map[string][]byte{}}, nil
}

type silent struct{}

func (silent) Speak(context.Context, string, string) ([]byte, error) { return nil, ErrNoVoice }

// check refuses what no voice should be given.
func check(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxRunes {
		return "", ErrTooLong
	}
	if text == "" || !utf8.ValidString(text) {
		return "", ErrNoVoice
	}
	return text, nil
}
