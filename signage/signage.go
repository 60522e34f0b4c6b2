// Package signage is the wall screen of an office: files for a browser, and
// nothing else. It imports nothing of the project; the server is handed the
// files and draws the first state into wall.html.
//
// Its one invariant: every call gets its full time on the wall, one after
// another, whatever else happens meanwhile. The last state is kept in the
// browser, so a wall that restarts without a network still shows something, and
// says how old it is. The pure modules are tested with node.
package signage

import "embed"

// Files are the wall's template, style and modules.
//
//go:embed *.html *.css *.js
var Files embed.FS
