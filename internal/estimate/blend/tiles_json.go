package blend

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
)

// Tilings are written as base64: a byte for the count of each cell, in sixteenths
// of an octave, then the weights of each level in 1/tileGrain as pairs of bytes,
// the low one first. A tiling that has seen nothing is the empty string.
const tileBytes = (1 + 2*3) * cells

// MarshalJSON writes the tiling.
func (t tiling) MarshalJSON() ([]byte, error) {
	data := make([]byte, 0, tileBytes)
	seen := false
	for i := range t {
		seen = seen || t[i].n > 0
		data = append(data, byte(math.Round(16*math.Log2(1+t[i].n))))
	}
	for level := range levels {
		for i := range t {
			data = pair(data, uint16(int16(grains(t[i].w[level]))))
		}
	}
	if !seen {
		data = nil
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(data))
}

// grains is a weight as it is written.
func grains(w float64) float64 {
	return max(-math.MaxInt16, min(math.Round(w*tileGrain), math.MaxInt16))
}

func pair(data []byte, x uint16) []byte { return append(data, byte(x), byte(x>>8)) }

// UnmarshalJSON reads it.
func (t *tiling) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return err
	}
	*t = tiling{}
	if len(data) == 0 {
		return nil
	}
	if len(data) != tileBytes {
		return fmt.Errorf("blend: a tiling of %d bytes, want %d", len(data), tileBytes)
	}
	for i := range t {
		t[i].n = math.Exp2(float64(data[i])/16) - 1
	}
	data = data[cells:]
	for level := range levels {
		for i := range t {
			t[i].w[level] = float64(int16(uint16(data[0])|uint16(data[1])<<8)) / tileGrain
			data = data[2:]
		}
	}
	return nil
}
