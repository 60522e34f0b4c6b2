package main

import (
	"fmt"
	"runtime/debug"
)

type versionCmd struct{}

// Run prints the version of the module and of the source that it was built from.
func (versionCmd) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		fmt.Println("machi (built without module information)")
		return nil
	}
	revision := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value + revision
		case "vcs.modified":
			if s.Value == "true" {
				revision += " (changed)"
			}
		}
	}
	fmt.Println("machi", info.Main.Version, revision, info.GoVersion)
	return nil
}
