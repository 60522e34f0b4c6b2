package learn

// keyGroup is one block of the card, keyRow one line: the action's name as keys.js
// knows it, the text that says it, and its keys.
type (
	keyGroup struct {
		Title string
		Rows  []keyRow
	}
	keyRow struct{ Name, Action, Key, Pad string }
)

var card []keyGroup
