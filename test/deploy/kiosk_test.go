package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const kioskDir = "../../deploy/kiosk"

// command runs a program and returns what it printed; it must succeed.
func command(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Env = append(os.Environ(), env...)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, &out, &said)
	}
	return out.String()
}

// program builds the ticket machine's program.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "machi-kiosk")
	command(t, nil, "go", "build", "-o", path, "../../cmd/machi-kiosk")
	return path
}

func TestPackage(t *testing.T) {
	built := program(t)
	env := []string{"PROGRAM=" + built, "SOURCE_DATE_EPOCH=1775001600"}
	deb := strings.TrimSpace(command(t, env, kioskDir+"/build-deb", t.TempDir(), "1.2.3"))
	t.Run("is the same from the same commit", func(t *testing.T) {
		again := strings.TrimSpace(command(t, append(env, "TZ=Asia/Tokyo", "LC_ALL=C"), kioskDir+"/build-deb", t.TempDir(), "1.2.3"))
		one, err := os.ReadFile(deb)
		if err != nil {
			t.Fatal(err)
		}
		if other, err := os.ReadFile(again); err != nil || !bytes.Equal(one, other) {
			t.Errorf("two packages of one commit differ: %d and %d bytes, %v", len(one), len(other), err)
		}
	})
	root := t.TempDir()
	command(t, nil, "dpkg-deb", "-x", deb, root)
	t.Run("brings what it names", func(t *testing.T) { bringsWhatItNames(t, deb, root) })
	t.Run("has units that systemd takes", func(t *testing.T) { unitsAreGood(t, root, deb) })
	t.Run("is set up by variables that the program knows", func(t *testing.T) { variablesAreKnown(t, root, built) })
}

func bringsWhatItNames(t *testing.T, deb, root string) {
	if got := command(t, nil, "dpkg-deb", "-f", deb, "Version"); got != "1.2.3\n" {
		t.Errorf("version = %q", got)
	}
	for _, file := range strings.Fields(command(t, nil, "dpkg-deb", "-I", deb, "conffiles")) {
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			t.Errorf("the configuration file %s is not in the package", file)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(command(t, nil, "dpkg-deb", "-c", deb)), "\n") {
		mode, owner := strings.Fields(line)[0], strings.Fields(line)[1]
		link := mode[0] == 'l' // has no rights of its own
		if owner != "root/root" || !link && (mode[5] == 'w' || mode[8] == 'w') || strings.ContainsAny(mode, "sS") {
			t.Errorf("%s: want root's, and writable by nobody else", line)
		}
	}
	for _, script := range []string{"postinst", "prerm"} {
		body := command(t, nil, "dpkg-deb", "-I", deb, script)
		for _, unit := range units(t, root) {
			timed := strings.TrimSuffix(unit, ".service") + ".timer"
			if !strings.Contains(body, unit) && !strings.Contains(body, timed) {
				t.Errorf("%s does not know %s", script, unit)
			}
		}
	}
}

func units(t *testing.T, root string) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(root, "usr/lib/systemd/system"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d units, %v", len(files), err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

var shutsDevices = regexp.MustCompile(`(?m)^(ProtectClock|PrivateDevices|DevicePolicy|DeviceAllow)=.*`)

var execPath = regexp.MustCompile(`(?m)^Exec[A-Za-z]*=[-+!:@]*(\S+)`)

func unitsAreGood(t *testing.T, root, deb string) {
	depends := command(t, nil, "dpkg-deb", "-f", deb, "Depends")
	for _, unit := range units(t, root) {
		raw, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system", unit))
		if err != nil {
			t.Fatal(err)
		}
		// Any of these leaves a unit only the devices that are named: the printer, the
		// touch screen and the graphics are reached under no name known beforehand.
		if found := shutsDevices.FindString(string(raw)); found != "" {
			t.Errorf("%s says %s: no printer and no screen", unit, found)
		}
		for _, match := range execPath.FindAllStringSubmatch(string(raw), -1) {
			provide(t, root, match[1], depends)
		}
	}
	// What these units lean on is another package's; empty ones stand in for it.
	for _, unit := range []string{
		"sysinit.target", "basic.target", "shutdown.target", "multi-user.target", "graphical.target", "timers.target", "local-fs.target",
		"system.slice", "getty@.service", "systemd-user-sessions.service", "umount.target", "-.mount",
	} {
		path := filepath.Join(root, "usr/lib/systemd/system", unit)
		body := "[Unit]\nDescription=stand-in\nDefaultDependencies=no\n"
		if strings.HasSuffix(unit, ".service") {
			body += "[Service]\nExecStart=/usr/lib/machi/start\n"
		}
		if strings.HasSuffix(unit, ".mount") {
			body += "[Mount]\nWhat=none\nWhere=/\n"
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, unit := range []string{"machi-kiosk.service", "machi-kiosk-screen.service", "machi-kiosk-confirm.service", "machi-kiosk-confirm.timer"} {
		c := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--root="+root, "--man=no", unit)
		said, err := c.CombinedOutput()
		if err != nil || len(bytes.TrimSpace(said)) > 0 {
			t.Errorf("systemd-analyze verify %s: %v\n%s", unit, err, said)
		}
	}
}

// provide makes sure that a program of a unit is in the package, or is one that a
// package it depends on brings.
func provide(t *testing.T, root, path, depends string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, path)); err == nil {
		return
	}
	if !strings.Contains(depends, filepath.Base(path)) {
		t.Errorf("%s is neither in the package nor in %q", path, depends)
	}
	if err := os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, path), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func variablesAreKnown(t *testing.T, root, built string) {
	raw, err := os.ReadFile(filepath.Join(root, "etc/machi/kiosk.env"))
	if err != nil {
		t.Fatal(err)
	}
	help := command(t, nil, built, "run", "--help")
	names := regexp.MustCompile(`(?m)^#?(MACHI_[A-Z_]+)=`).FindAllStringSubmatch(string(raw), -1)
	if len(names) < 4 {
		t.Errorf("%d variables in kiosk.env", len(names))
	}
	for _, name := range names {
		if !strings.Contains(help, "$"+name[1]+")") && !strings.Contains(help, "$"+name[1]+",") {
			t.Errorf("the program does not know %s", name[1])
		}
	}
	sysusers, err := os.ReadFile(filepath.Join(root, "usr/lib/sysusers.d/machi-kiosk.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{"machi-kiosk.service", "machi-kiosk-screen.service"} {
		raw, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system", unit))
		if err != nil {
			t.Fatal(err)
		}
		user := regexp.MustCompile(`(?m)^User=(\S+)$`).FindStringSubmatch(string(raw))
		if user == nil || !slices.Contains(strings.Fields(string(sysusers)), user[1]) {
			t.Errorf("%s runs as %v, which nobody makes", unit, user)
		}
	}
}

func TestStartRunsTheUpdateOrThePackagedProgram(t *testing.T) {
	dir, slots := t.TempDir(), t.TempDir()
	script := func(path, says string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho "+says+" \"$@\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(kioskDir + "/start")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "start"), raw, 0o755); err != nil {
		t.Fatal(err)
	}
	script(filepath.Join(dir, "machi-kiosk"), "packaged")
	starts := func(want string) {
		t.Helper()
		if got := command(t, []string{"MACHI_UPDATE_ROOT=" + slots}, filepath.Join(dir, "start"), "run", "--data", "a b"); got != want+" run --data a b\n" {
			t.Errorf("start ran %q, want %s", got, want)
		}
	}
	starts("packaged")
	script(filepath.Join(slots, "b", "machi-kiosk"), "updated")
	starts("packaged")
	if err := os.Symlink("b", filepath.Join(slots, "current")); err != nil {
		t.Fatal(err)
	}
	starts("updated")
	if err := os.Chmod(filepath.Join(slots, "b", "machi-kiosk"), 0o644); err != nil {
		t.Fatal(err)
	}
	starts("packaged")
}
