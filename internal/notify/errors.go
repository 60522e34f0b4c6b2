package notify

import "errors"

// The errors of a request to be told.
var (
	// ErrOff says that the channel is not set up here.
	ErrOff = errors.New("notify: the channel is off")
	// ErrTooMany says that the ticket has all the rules that it may have.
	ErrTooMany = errors.New("notify: too many rules of this ticket")
	// ErrAddress says that the address has all the rules of a day, or asked to be left
	// alone today.
	ErrAddress = errors.New("notify: no more messages to this address today")
	// ErrFull says that this installation keeps no more rules today.
	ErrFull = errors.New("notify: too many rules today")
	// ErrOver says that the visit is over: there is nothing to tell.
	ErrOver = errors.New("notify: the visit is over")
	// ErrKeyReused says that the request's key was used for another request.
	ErrKeyReused = errors.New("notify: key used for another request")
	// ErrUnknown says that there is no such rule, or that a link's token is no more good.
	ErrUnknown = errors.New("notify: unknown")
	// ErrSignature says that a message to the webhook was not signed by LINE.
	ErrSignature = errors.New("notify: bad signature")
)

// FieldError says which field of a request cannot be.
type FieldError struct {
	Field, Text string
}

// Error returns the field with the reason.
func (e *FieldError) Error() string { return "notify: " + e.Field + ": " + e.Text }
