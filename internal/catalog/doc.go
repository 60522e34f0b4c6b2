// Package catalog holds what a ward's offices are: services, series, counters,
// ticket machines, reception hours and calling rules.
//
// The built-in catalogue describes the real offices of one ward. An operator's
// YAML file overrides any part of it. A catalogue is checked as a whole before it
// is used: every problem is reported, with the line and the key, and a catalogue
// with a problem changes nothing. [Source] reloads the file while the program
// runs; numbers that a machine may be giving today stay where they are until
// tomorrow.
package catalog
