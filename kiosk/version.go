package kiosk

import (
	"runtime/debug"
	"sync"
)

// Version names the program as the machine reports it: the module's version and
// the first twelve digits of the source it was built from, or "unknown".
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	name := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			name += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	if name == "" {
		return "unknown"
	}
	return name
})
