package sim

// disk is a file of lines that are only ever appended, as a crash sees it: what
// was written but not synced is lost, wholly or but for a beginning.
type disk[T any] struct {
	synced  []T
	written []T // not yet safe
}

// write appends without making anything safe.
func (d *disk[T]) write(lines ...T) { d.written = append(d.written, lines...) }

// sync makes everything safe that was written.
func (d *disk[T]) sync() {
	d.synced = append(d.synced, d.written...)
	d.written = nil
}

// crash loses what was not safe, but for its first kept lines.
func (d *disk[T]) crash(kept int) {
	d.synced = append(d.synced, d.written[:min(kept, len(d.written))]...)
	d.written = nil
}

// lines returns what a program reads back that starts now.
func (d *disk[T]) lines() []T { return d.synced[:len(d.synced):len(d.synced)] }
