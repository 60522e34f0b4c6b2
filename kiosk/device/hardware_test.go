package device

import (
	"os"
	"path/filepath"
	"testing"
)

// sysTree lays out a part of /sys.
func sysTree(t *testing.T, files map[string]string, links map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range links {
		target := filepath.Join(root, to)
		if err := os.MkdirAll(target, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestHardwareIsWhatADiskDoesNotCarry: what is plugged in or made up does not count.
func TestHardwareIsWhatADiskDoesNotCarry(t *testing.T) {
	card := func(name, address, kind string) map[string]string {
		return map[string]string{"class/net/" + name + "/address": address + "\n", "class/net/" + name + "/addr_assign_type": kind + "\n"}
	}
	merge := func(maps ...map[string]string) map[string]string {
		all := map[string]string{}
		for _, m := range maps {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	pci, usb := "devices/pci0000:00/0000:00:1f.6", "devices/pci0000:00/usb1/1-1"
	wired := card("eth0", "00:11:22:33:44:55", "0")
	of := func(files, links map[string]string) string { return hardware(sysTree(t, files, links)) }
	base := of(wired, map[string]string{"class/net/eth0/device": pci})
	if len(base) != 43 {
		t.Fatalf("hardware %q", base)
	}
	for name, row := range map[string]struct {
		files, links map[string]string
		want         string
	}{
		"a stick at the USB port": {merge(wired, card("eth1", "00:00:00:00:00:01", "0")), map[string]string{"class/net/eth0/device": pci, "class/net/eth1/device": usb}, base},
		"wireless":                {merge(wired, card("wlan0", "00:00:00:00:00:01", "0"), map[string]string{"class/net/wlan0/wireless/x": ""}), map[string]string{"class/net/eth0/device": pci, "class/net/wlan0/device": pci}, base},
		"a made-up address":       {merge(wired, card("eth1", "00:00:00:00:00:01", "1")), map[string]string{"class/net/eth0/device": pci, "class/net/eth1/device": pci}, base},
		"a bridge":                {merge(wired, card("br0", "00:00:00:00:00:01", "0")), map[string]string{"class/net/eth0/device": pci}, base},
		"nothing":                 {nil, nil, ""},
		"only a stick":            {card("eth1", "00:00:00:00:00:01", "0"), map[string]string{"class/net/eth1/device": usb}, ""},
	} {
		if got := of(row.files, row.links); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
	if other := of(card("eth0", "00:11:22:33:44:56", "0"), map[string]string{"class/net/eth0/device": pci}); other == base || other == "" {
		t.Error("another machine is the same")
	}
	board := merge(wired, map[string]string{"firmware/devicetree/base/serial-number": "10000000abcdef\x00"})
	if got := of(board, map[string]string{"class/net/eth0/device": pci}); got == base || got == "" {
		t.Error("a board's own number does not count")
	}
}
