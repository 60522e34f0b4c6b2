// Package invariant judges logs: it says which of the promises of a business day
// a log breaks, without asking the code that decided it.
//
// A [Checker] is shown each entry with the state before and after it; [Check]
// shows it a whole log, and [CheckRecords] a log with its chains.
// [CompareReplicas], [CheckMerge] and [CheckConfirmed] compare several logs. The
// simulator, the verifier and the tests all use it.
//
// Its one invariant: a log that a correct server wrote has no violation, and each
// violation names the promise, the entry and what is wrong with it. The ids:
//
//	N1  no two tickets share a number
//	N2  no ticket id is used twice
//	N3  each number was owned by its issuer at that moment
//	N4  a number that may be on paper is never reused, nor taken from its ticket
//	N5  the server's numbers of a series rise with the log
//	N6  a used-up range leads to the next range or overflow, never to a repeat
//	L1  every confirmed command is in the log exactly once
//	L2  the log's chain and every origin's chain are whole
//	L3  equal logs have equal states, and every log folds
//	L5  a merge gives the same state in any order, and when done twice
//	L6  a command has one effect at most
//	T1  only the moves of the transition table, each by an event
//	T2  a ticket is called by one counter at a time; a double call is flagged
//	T3  a counter owns one ticket at most
//	T4  a counter is held by one session; a take-over is recorded
//	T5  no ticket vanishes, and all have ended when the day is closed
//	T6  a waiting ticket is in exactly one line
//	T7  hold, resume, transfer and restore keep the arrival they promise
//	T8  an undo gives back exactly what was before
//	T9  a no-show follows a call
//	O1  whom the rule called is whom the rule says, for the recorded reason
//	O2  an origin's order is never inverted
//	O4  nobody is overtaken more often than the starvation bound
//	O5  a merge moves no ticket that is at a counter, unless it flags that
//	O6  giving up a ticket elsewhere empties no counter that has called it
//	C1  who has not come is neither called by the rule nor at a counter
//	C2  a ticket from home is away until it arrives, a person calls it, or it ends
//	H1  no slot of tickets from home has more than its rule, and none where it is stopped
//	H2  a device has one live ticket from home
//	M1  an act at a machine and its audit are one entry
//	M2  a machine's report is in the log only where a word of it is new
//	Q4  what a console tells late counts from its press, never from before its ticket
//	Q5  a visit by number is noted once, and takes no other ticket from its counter
//	D1  who was announced waits for delivery, and is at no counter
//	G1  of two merged tickets one is given up, the other is for all that both were
//	S3  the sums are equal: waiting is the sum of the lines
//
// It is pure. A Checker has one owner. Every invariant is tested with a forged
// log that breaks it.
package invariant
