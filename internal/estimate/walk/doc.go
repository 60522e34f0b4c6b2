// Package walk plays a line of waiting people out into the future, many times
// over: numbers in, waits out. It knows nothing of offices.
package walk
