// Package staffing draws for managers how many counters days need, what to do about
// the rest of today, and what a day would be if it were run otherwise.
package staffing
