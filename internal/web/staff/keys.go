package staff

import (
	"encoding/json"
	"strings"
)

// KeyGroup is a group of the console's actions, for the settings and the printed
// card. Title and Action are keys of the texts.
type KeyGroup struct {
	Title string
	Rows  []KeyRow
}

// KeyRow is an action and the keys that stand for it before a clerk changes them.
// Keys are named by their place on the keyboard, as browsers do (KeyA, Space,
// NumpadAdd): with a Japanese input method on, the sign is kana.
type KeyRow struct {
	Act    string // name of the action, under which a clerk's own keys are kept
	Action string // text
	Key    string
	Pad    string // on the numeric pad; empty: none
}

// keyTable is the law. A key stands for one action of a scope: the counter, or
// the ticket that was looked for.
var keyTable = []struct {
	scope string
	KeyGroup
}{
	{"counter", KeyGroup{"keys.talk", rows(
		"main Space NumpadAdd", "recall KeyR NumpadMultiply", "no-show KeyX NumpadSubtract", "finish-next KeyN", "finish KeyF",
		"processing KeyB", "hold KeyH NumpadDivide", "transfer KeyT", "add-service KeyA", "note KeyM", "undo KeyU",
	)}},
	{"counter", KeyGroup{"keys.line", rows(
		"skip KeyS", "call-service KeyV", "announce KeyD", "find Slash NumpadDecimal", "line KeyL", "issue KeyI", "check-in KeyC", "quick KeyQ",
	)}},
	{"counter", KeyGroup{"keys.counter", rows(
		"help KeyE", "answer KeyY", "pause KeyP", "close KeyK", "services KeyO", "take-over KeyJ", "settings KeyG",
	)}},
	{"card", KeyGroup{"keys.card", rows(
		"back KeyR", "priority KeyP", "change-service KeyG", "withdraw KeyW", "merge KeyJ", "serve KeyV", "hand-over KeyY",
	)}},
}

// rows reads lines of "act key pad".
func rows(lines ...string) []KeyRow {
	list := make([]KeyRow, 0, len(lines))
	for _, line := range lines {
		part := append(strings.Fields(line), "", "")
		list = append(list, KeyRow{Act: part[0], Action: "key." + part[0], Key: part[1], Pad: part[2]})
	}
	return list
}

// written is how keys are written on caps, where that is not the end of their name.
var written = map[string]string{
	"NumpadAdd": "＋", "NumpadSubtract": "−", "NumpadMultiply": "＊", "NumpadDivide": "／", "NumpadDecimal": "．", "Slash": "/",
}

// KeyCard returns the console's actions with the keys they begin with, as they are
// written on the caps.
func KeyCard() []KeyGroup {
	list := make([]KeyGroup, 0, len(keyTable))
	for _, group := range keyTable {
		card := KeyGroup{Title: group.Title}
		for _, row := range group.Rows {
			row.Key, row.Pad = label(row.Key), label(row.Pad)
			card.Rows = append(card.Rows, row)
		}
		list = append(list, card)
	}
	return list
}

func label(key string) string {
	if sign, ok := written[key]; ok {
		return sign
	}
	return strings.TrimPrefix(key, "Key")
}

// keyJSON is the table as the browser's module reads it: for each action its
// scope and its keys.
var keyJSON = func() string {
	type entry struct {
		Act   string   `json:"act"`
		Scope string   `json:"scope"`
		Group string   `json:"group"`
		Keys  []string `json:"keys"`
	}
	var list []entry
	for _, group := range keyTable {
		for _, row := range group.Rows {
			keys := []string{row.Key}
			if row.Pad != "" {
				keys = append(keys, row.Pad)
			}
			list = append(list, entry{row.Act, group.scope, group.Title, keys})
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		panic("staff: keys: " + err.Error()) // texts always encode
	}
	return string(raw)
}()

// Keys returns the table of keys for the browser.
func (consolePage) Keys() string { return keyJSON }
