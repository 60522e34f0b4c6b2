package kiosk

import (
	"context"
	"testing"
)

// A loop that is stuck must not write into what somebody reads who has given up.
func TestAQuestionThatWasGivenUpIsNotAsked(t *testing.T) {
	k := &Kiosk{inbox: make(chan event, 1), done: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	asked := 0
	for range 50 { // either branch of a select may win
		if err := k.question(ctx, func(context.Context) { asked++ }); err == nil {
			t.Fatal("a question without a loop was answered")
		}
		select {
		case e := <-k.inbox:
			e.ask(context.Background())
		default:
		}
	}
	if asked != 0 {
		t.Errorf("%d questions were asked for nobody", asked)
	}
}
