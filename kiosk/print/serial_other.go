//go:build !linux

package print

import (
	"errors"
	"net/url"
)

type line struct{}

func lineOf(url.Values) (line, error) {
	return line{}, errors.New("serial printers work on Linux only")
}

func openSerial(string, line) (wire, error) { return nil, errors.ErrUnsupported }
