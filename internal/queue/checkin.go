package queue

import "fmt"

// Awaited reports whether a ticket is not to be called because its holder has not
// checked in. Where the office asks nobody to check in any more, nobody is held back.
func (s *State) Awaited(t *Ticket) bool { return t.Away && s.settings.Rule.CheckIn }

// decideCheckIn brings the holder of a ticket from home into the office. The
// ticket keeps its arrival: it comes next if its turn has passed meanwhile. One that
// comes after its place was kept stands where somebody stands who takes one now.
func decideCheckIn(s *State, m Meta, c CheckIn) ([]Event, error) {
	t, ok := s.tickets[c.Ticket]
	switch {
	case !ok:
		return nil, refuse(UnknownTicket, "ticket")
	case t.Status.Final():
		return nil, refuseStatus(t)
	case !t.Away:
		return nil, &Refusal{Code: AlreadyHere, Field: "ticket", Have: string(t.Status)}
	}
	return one(TicketArrived{t.ID, t.late(m.At)})
}

// codes is how many check-in codes there are: six digits.
const codes = 1_000_000

// CheckInCode returns the six digits that stand for a ticket on a screen at home,
// derived from the hash of its status secret. They open nothing: who has them can
// say that the holder has come. Two tickets may have the same.
func CheckInCode(secretHash string) string {
	mixed := uint64(14695981039346656037) // FNV-1a, whose high bits are the mixed ones
	for i := range len(secretHash) {
		mixed = (mixed ^ uint64(secretHash[i])) * 1099511628211
	}
	return fmt.Sprintf("%06d", (mixed>>20)%codes)
}

// TicketByCheckInCode returns the ticket that is away and bears the code. It
// refuses a code that no open ticket from home has, one that two have who are
// away, and one whose holder has checked in.
func (s *State) TicketByCheckInCode(code string) (*Ticket, error) {
	var found, here *Ticket
	for _, t := range s.Tickets() {
		switch {
		case t.Channel != ChannelWeb || t.Secret == "" || t.Status.Final() || CheckInCode(t.Secret) != code:
		case !t.Away:
			here = t
		case found != nil:
			return nil, refuse(CodeAmbiguous, "code")
		default:
			found = t
		}
	}
	switch {
	case found != nil:
		return found, nil
	case here != nil:
		return nil, &Refusal{Code: AlreadyHere, Field: "code", Have: string(here.Status)}
	}
	return nil, refuse(UnknownCode, "code")
}

// MayAskLater reports whether the visitor may ask for more time once more.
func (t *Ticket) MayAskLater() bool { return t.Later < maxLater }
