package print

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
)

// File is the printer that prints into a folder: a picture and a text for each
// ticket. It is what a demonstration, a rehearsal and a test print on, and a
// spool that other software can watch.
type File struct {
	Dir   string
	Case  *Case
	Paper int // millimetres: 58 or 80; 0 is 80
}

// Print writes NAME.png and NAME.txt. An error means that there is no whole paper,
// or, where it wraps [ErrUnknown], that there may be.
func (f File) Print(ctx context.Context, name string, t Ticket) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	page, err := f.Case.PictureOn(t, f.Paper)
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, page); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if err := put(filepath.Join(f.Dir, name+".txt"), []byte(t.Text())); err != nil {
		return err
	}
	return put(filepath.Join(f.Dir, name+".png"), picture.Bytes())
}

// Status is always well: a folder has no cover.
func (f File) Status(ctx context.Context) (Status, error) {
	return Status{Printer: OK, Paper: OK}, ctx.Err()
}

// put writes a file under its name only when it is whole.
func put(path string, content []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, content, 0o644); err != nil {
		return &Failed{Code: Error, Err: errors.Join(err, os.Remove(part))}
	}
	if err := os.Rename(part, path); err != nil {
		return &Failed{Code: Error, Err: err}
	}
	return nil
}
