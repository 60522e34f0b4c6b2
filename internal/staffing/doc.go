// Package staffing answers managers how many counters days need: of a day to come, of
// the rest of today, and of a day that would be run otherwise. It brings together what
// is expected of a day, how the office usually is staffed and what it is to reach, and
// lets package outlook play.
//
// It keeps nothing: every server makes its own answers, the same ones from the same
// closed days and the same moment.
package staffing
