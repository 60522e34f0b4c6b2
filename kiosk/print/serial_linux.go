package print

import (
	"fmt"
	"net/url"
	"os"

	"golang.org/x/sys/unix"
)

// line is how a serial line is set.
type line struct {
	baud uint32
	flow string
}

// bauds are the speeds of serial printers.
var bauds = map[string]uint32{
	"4800": unix.B4800, "9600": unix.B9600, "19200": unix.B19200, "38400": unix.B38400,
	"57600": unix.B57600, "115200": unix.B115200,
}

// lineOf takes the settings of a serial line out of those of a target.
func lineOf(settings url.Values) (line, error) {
	l := line{baud: unix.B38400, flow: "none"}
	if b := settings.Get("baud"); b != "" {
		if l.baud = bauds[b]; l.baud == 0 {
			return l, fmt.Errorf("baud=%s: want 4800 to 115200", b)
		}
	}
	if f := settings.Get("flow"); f != "" {
		if l.flow = f; f != "none" && f != "hardware" && f != "xon" {
			return l, fmt.Errorf("flow=%s: want none, hardware or xon", f)
		}
	}
	settings.Del("baud")
	settings.Del("flow")
	return l, nil
}

// openSerial opens a line as raw bytes, eight bits, no parity.
func openSerial(path string, l line) (wire, error) {
	f, err := openFile(path, true)
	if err != nil {
		return nil, err
	}
	if err := l.apply(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (l line) apply(f *os.File) error {
	t := unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | l.baud, Ispeed: l.baud, Ospeed: l.baud}
	t.Cc[unix.VMIN] = 1
	switch l.flow {
	case "hardware":
		t.Cflag |= unix.CRTSCTS
	case "xon":
		t.Iflag |= unix.IXON
		t.Cc[unix.VSTART], t.Cc[unix.VSTOP] = 0x11, 0x13
	}
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Control(func(fd uintptr) {
		failed = unix.IoctlSetTermios(int(fd), unix.TCSETS, &t)
		_ = unix.IoctlSetInt(int(fd), unix.TCFLSH, unix.TCIFLUSH) // late answers of another time
	})
	if err != nil {
		return err
	}
	return failed
}
