package page

import "regexp"

var codeForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)

// CodeOf returns the code in an address that says what became of a form, or nothing: a
// link that somebody sends must not put words of its own on a page of ours.
func CodeOf(text string) string {
	if codeForm.MatchString(text) {
		return text
	}
	return ""
}
