package planted

// Bug names one planted bug.
type Bug string

// The bugs, by what a careless hand would have written.
const (
	NumberByCount  Bug = "P1"  // the next number is the count of tickets plus one
	DayByUTC       Bug = "P2"  // the business day is the UTC date
	LocalLock      Bug = "P3"  // a lock of the process instead of compare-and-append
	PlainAdd       Bug = "P4"  // the store takes records that leave a gap
	ClientRetries  Bug = "P5"  // the store's client sends again by itself
	AnswerFirst    Bug = "P6"  // answers before the append
	NoJournal      Bug = "P7"  // answers before the own journal is safe
	ShowFirst      Bug = "P8"  // shows what is not yet confirmed
	NoRegressCheck Bug = "P9"  // nobody notices that the store went back
	BlindPutBack   Bug = "P10" // records are put back without looking at the chain
	DecideAgain    Bug = "P11" // a lost tail is decided anew instead of put back as facts
	WaitIgnored    Bug = "P12" // a number is confirmed although not every data node has it
	DedupeForgets  Bug = "P13" // command ids are forgotten at a restart
	PrintFirst     Bug = "P14" // the kiosk prints before its record is safe
	OrderByArrival Bug = "P18" // offline tickets are ordered by when the server got them
	RangeReused    Bug = "P20" // a new store of a kiosk begins the old one's range again
	RangeWraps     Bug = "P21" // a range that is used up begins again
	KeepsNoShow    Bug = "P22" // a renumbered ticket stays a no-show under a number nobody held
	LateIntoToday  Bug = "P23" // a late ticket goes into today's log
	RecallInserts  Bug = "P24" // a recall puts the ticket into the line once more

	AwayCalled      Bug = "P25" // the rule calls somebody who has not come
	CallForgotten   Bug = "P26" // giving up at a machine empties the counter that has called
	ArrivalMoves    Bug = "P27" // who checks in goes to the end of the line
	ReportsAll      Bug = "P28" // every report of a machine goes into the log
	ActAnswersFirst Bug = "P29" // an act at a machine is answered before it is safe
	BarForgotten    Bug = "P30" // a revoked machine gives numbers again after a restart
	NamesAlike      Bug = "P31" // machines on copies of one store name two tickets alike

	AsksUncounted Bug = "P32" // who asks for one service overtakes all others unseen
	PressForgot   Bug = "P33" // a press counts from when the server got it
	ServeRefused  Bug = "P34" // a number that was served without link is refused for its status

	EstimateBlank  Bug = "P35" // without a past the estimate is no number
	LaterToldLess  Bug = "P36" // somebody later in a line is told a shorter wait
	OrderOfArrival Bug = "P37" // estimates call everybody in the order of arrival
	SpentForgotten Bug = "P38" // estimates forget how long a talk has lasted already
	LooksTeach     Bug = "P39" // to ask for an estimate changes the next one
)

// Bugs lists all planted bugs.
var Bugs = []Bug{
	NumberByCount, DayByUTC, LocalLock, PlainAdd, ClientRetries, AnswerFirst, NoJournal, ShowFirst, NoRegressCheck,
	BlindPutBack, DecideAgain, WaitIgnored, DedupeForgets, PrintFirst, OrderByArrival, RangeReused, RangeWraps,
	KeepsNoShow, LateIntoToday, RecallInserts, AwayCalled, CallForgotten, ArrivalMoves, ReportsAll, ActAnswersFirst,
	BarForgotten, NamesAlike, AsksUncounted, PressForgot, ServeRefused,
	EstimateBlank, LaterToldLess, OrderOfArrival, SpentForgotten, LooksTeach,
}
