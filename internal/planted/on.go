//go:build planted

package planted

// Marker is text that only a build with planted bugs contains.
const Marker = "this program was built with planted bugs: "

var chosen Bug

// Plant chooses the one bug of the following runs; the empty name chooses none.
// It must be called before any goroutine runs that asks [On].
func Plant(b Bug) string {
	chosen = b
	return Marker + string(b)
}

// On reports whether a bug is planted.
func On(b Bug) bool { return chosen == b }
