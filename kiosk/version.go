package kiosk

import "runtime/debug"

// Version names the program as the machine reports it: the module's version and
// the first twelve digits of the source it was built from, or "unknown".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	if version == "" {
		return "unknown"
	}
	return version
}
