package office

import (
	"errors"
	"time"
)

var (
	// ErrUnknownOffice says that the catalogue has no such office.
	ErrUnknownOffice = errors.New("office: no such office")
	// ErrKeyReused says that the command id was used for another request before.
	ErrKeyReused = errors.New("office: the command id belongs to another request")
	// ErrTooLate says that a command was to be done only if it had been done already.
	ErrTooLate = errors.New("office: the command came too late")
	// ErrBadPush says that a pushed batch is no batch of one origin's records.
	ErrBadPush = errors.New("office: not a batch of one origin's records")
)

// The codes of [Unavailable].
const (
	// StoreUnreachable: the log or the own journal does not answer. The command may
	// or may not have happened; sending it again with the same id finds out.
	StoreUnreachable = "store_unreachable"
	// NumberNotSafe: the ticket is in the log, but a failover could lose it, so its
	// number must not be printed.
	NumberNotSafe = "number_not_safe"
	// Overloaded: too many requests wait for this office, or too many servers race.
	Overloaded = "overloaded"
	// InDoubt: the log is being repaired, or needs an operator; nothing is decided.
	InDoubt = "in_doubt"
)

// Unavailable says that an office cannot answer now. A kiosk goes on alone.
type Unavailable struct {
	Code       string
	RetryAfter time.Duration
	Err        error // the cause, if there is one to tell an operator
}

// Error names the code and the cause.
func (u *Unavailable) Error() string {
	if u.Err != nil {
		return "office: " + u.Code + ": " + u.Err.Error()
	}
	return "office: " + u.Code
}

// Unwrap returns the cause.
func (u *Unavailable) Unwrap() error { return u.Err }

func unavailable(code string, cause error) *Unavailable {
	return &Unavailable{Code: code, RetryAfter: time.Second, Err: cause}
}
