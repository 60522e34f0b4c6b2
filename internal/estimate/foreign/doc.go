// Package foreign reads the tickets of other machines: the event stream that
// machi estimate takes, and the logs of old ticket machines through a mapping
// file. It is strict: what it cannot understand is an error that names line and
// field.
package foreign
