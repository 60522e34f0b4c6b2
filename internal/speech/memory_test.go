package speech

import (
	"context"
	"errors"
	"testing"
)

// slow is a voice that is left while it speaks.
type slow struct {
	leave context.CancelFunc
	times int
}

func (s *slow) Speak(ctx context.Context, _, text string) ([]byte, error) {
	s.times++
	s.leave()
	return []byte(text), ctx.Err()
}

// TestWhoHangsUpDoesNotKeepTheVoiceBusy asks for the same sentence again and again, and
// goes away each time before it is there.
func TestWhoHangsUpDoesNotKeepTheVoiceBusy(t *testing.T) {
	voice := &slow{}
	r := &remembered{from: voice, turn: make(chan struct{}, 1), made: map[string][]byte{}}
	for range 5 {
		ctx, leave := context.WithCancel(t.Context())
		voice.leave = leave
		if _, err := r.Speak(ctx, "ja", "あ"); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		leave()
	}
	if voice.times != 1 {
		t.Errorf("the sentence was made %d times", voice.times)
	}
}
