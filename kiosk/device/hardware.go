package device

import (
	"crypto/sha256"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// Hardware returns a hash of what does not go along when a disk is put into another
// machine, or "" where nothing tells machines apart. Only what every user may read
// counts: whoever enrols the machine may not be the user that runs it.
func Hardware() string { return hardware("/sys") }

func hardware(sys string) string {
	name := boardSerial(sys)
	if name == "" {
		name = firstAddress(filepath.Join(sys, "class", "net"))
	}
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("machi hardware\x00" + name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// boardSerial returns what a small board calls itself.
func boardSerial(sys string) string {
	raw, err := os.ReadFile(filepath.Join(sys, "firmware", "devicetree", "base", "serial-number"))
	if err != nil {
		return ""
	}
	return strings.Trim(string(raw), "\x00 \n")
}

// firstAddress returns the lowest address of the wired network cards that are built
// in. One at a USB port may be swapped any day, and a wireless one be off.
func firstAddress(cards string) string {
	entries, err := os.ReadDir(cards)
	if err != nil {
		return ""
	}
	lowest := ""
	for _, e := range entries {
		card := filepath.Join(cards, e.Name())
		bus, err := filepath.EvalSymlinks(filepath.Join(card, "device"))
		if err != nil || strings.Contains(bus, "/usb") || exists(filepath.Join(card, "wireless")) || line(filepath.Join(card, "addr_assign_type")) != "0" {
			continue
		}
		address, err := net.ParseMAC(line(filepath.Join(card, "address")))
		if err != nil || len(address) < 6 {
			continue
		}
		if a := address.String(); lowest == "" || a < lowest {
			lowest = a
		}
	}
	return lowest
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// line returns a file's text without its end, or "".
func line(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}
