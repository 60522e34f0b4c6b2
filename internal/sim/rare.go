package sim

import "slices"

// rareState is a state that a run must have reached, or it proves too little.
type rareState string

// The rare states. Each is counted where it is reached.
const (
	rarePutBack        rareState = "lost tail put back"
	rareFork           rareState = "fork with both suffixes"
	rareHistory        rareState = "history changed under a screen"
	rareUnclearYes     rareState = "unknown outcome resolved: appended"
	rareUnclearNo      rareState = "unknown outcome resolved: not appended"
	rarePaperWaiting   rareState = "paper wins while waiting"
	rarePaperCalled    rareState = "paper wins while called"
	rarePaperNoShow    rareState = "paper wins over a no-show"
	rarePaperServed    rareState = "paper wins after service"
	rareDoubleCall     rareState = "double call flagged"
	rareDoubleServe    rareState = "double service flagged"
	rareOverflow       rareState = "range exhausted, overflow"
	rareNextBand       rareState = "main range exhausted, next band"
	rareRestartedPress rareState = "press finished after restart"
	rarePrintUnknown   rareState = "print unknown"
	rareRebuilt        rareState = "store rebuilt from the other file"
	rareSecondSlot     rareState = "new store bound to the next slot"
	rareClone          rareState = "clone refused"
	rareClock          rareState = "clock unbelievable"
	rareDayOffline     rareState = "day changed offline"
	rareLate           rareState = "late into a closed day"
	rareWaitShort      rareState = "data nodes short, own range"
	rareConflicts      rareState = "conflicts in a row"
	rareMidBatch       rareState = "merge interrupted in the middle"
	rareUnconfirmed    rareState = "unconfirmed, later confirmed"
	rareOldStore       rareState = "all servers restarted on an older store"
	rareDoubleTap      rareState = "double tap made one ticket"
	rareUndo           rareState = "action undone"
	rareCheckIn        rareState = "checked in at a machine"
	rareClerkCheckIn   rareState = "checked in by a clerk"
	rareArrivalUndone  rareState = "arrival undone"
	rarePassed         rareState = "arrived after others were called"
	rareReport         rareState = "machine's report changed"
	rareActOnline      rareState = "act at a machine"
	rareActAlone       rareState = "act at a machine alone"
	rareActTwice       rareState = "act answered twice, done once"
	rareCallWon        rareState = "given up at a machine while called"
	rareDesk           rareState = "issued by staff at a machine"
	rareRevoked        rareState = "revoked machine refuses a press"
	rareReplaced       rareState = "another machine in a revoked one's place"
	rareForgotten      rareState = "machines unknown to a restored server"
	rareTwin           rareState = "ticket by a copy that works beside its original"
	rareLatePress      rareState = "press told after the link came back"
	rareByNumber       rareState = "served by number"
	rareFromOther      rareState = "served by number while called elsewhere"
	rareServedTwice    rareState = "served by number once more"
	rareUnknownFirst   rareState = "served by number before its paper was known"
	rareAnnounced      rareState = "announced for delivery"
	rareHandedOver     rareState = "handed over"
	rareMerged         rareState = "double ticket merged"
	rareSkipped        rareState = "skipped"
	rareEstimates      rareState = "two copies estimate the same"
	rareMachineWaits   rareState = "a machine estimates what a server did"
	rareOverruled      rareState = "starvation bound before the service asked for"
)

var rareStates = []rareState{
	rarePutBack, rareFork, rareHistory, rareUnclearYes, rareUnclearNo, rarePaperWaiting, rarePaperCalled,
	rarePaperNoShow, rarePaperServed, rareDoubleCall, rareDoubleServe, rareOverflow, rareNextBand, rareRestartedPress,
	rarePrintUnknown, rareRebuilt, rareSecondSlot, rareClone, rareClock, rareDayOffline, rareLate, rareWaitShort,
	rareEstimates, rareMachineWaits, rareConflicts, rareMidBatch, rareUnconfirmed, rareOldStore, rareDoubleTap, rareUndo, rareCheckIn, rareClerkCheckIn,
	rareArrivalUndone, rarePassed, rareReport, rareActOnline, rareActAlone, rareActTwice, rareCallWon, rareDesk,
	rareRevoked, rareReplaced, rareForgotten, rareTwin, rareLatePress, rareByNumber, rareFromOther, rareServedTwice,
	rareUnknownFirst, rareAnnounced, rareHandedOver, rareMerged, rareSkipped, rareOverruled,
}

// rare counts how often a world reached each rare state.
type rare map[rareState]int

func (r rare) reached(s rareState) { r[s]++ }

func (r rare) unclear(appended bool) {
	if appended {
		r.reached(rareUnclearYes)
	} else {
		r.reached(rareUnclearNo)
	}
}

// missing lists the states that were not reached, in their order.
func (r rare) missing() []string {
	var list []string
	for _, s := range rareStates {
		if r[s] == 0 {
			list = append(list, string(s))
		}
	}
	return slices.Clip(list)
}
