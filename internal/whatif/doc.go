// Package whatif plays a day again under another calling rule and says what would
// have been different: who would have been called earlier or later, how long the
// classes would have waited, whom nobody would have noticed.
//
// Held fixed, from the day's own log: who came when, for what, in which class, with
// which appointment; what visitors and staff did to a ticket that waited (it was
// withdrawn, deferred, restored, sent on) at its own time; how long each visitor's
// talk, absence and paper work took, whoever serves; when each counter was open and
// for what; the pace of each clerk, which is how long its n-th press of the day came
// after it was free and somebody waited for it, and whether it was a press for the
// next, for one service or for a number. Where somebody waited and the clerk did not
// press, or not for ten minutes, the clerk was away, at that time of day. Who is called is decided by
// [queue.Next] alone, on a [queue.State] that every event is applied to.
//
// Approximate: a visitor who is called although the day itself never did is served
// as long as the middle one of the line; whoever gave up does so at the same time of
// day, or not at all if called before; a counter that would have closed with somebody
// left goes on until all are served; talks are as long with another clerk. Actions
// that were undone are taken not to have happened. What a rule says of recalls,
// no-shows, restoring, undoing and the moments of skipping is what the day did, not
// decided again.
//
// With the day's own rule the replay makes the calls of the day again, which
// [Result] counts as Reproduced: the measure of how far its answer can be trusted.
//
// It is pure: no clock, no input or output, no chance.
package whatif
