package catalog

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed default.yaml
var builtIn []byte

// builtInName stands for the built-in catalogue in errors.
const builtInName = "built-in catalogue"

// maxFile bounds an operator's file.
const maxFile = 4 << 20

// Problem is one thing wrong with a catalogue.
type Problem struct {
	File string
	Line int    // 0 where the key is not in a file
	Key  string // such as offices.km-setagaya.counters.3.services
	Text string
}

func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Key, p.Text)
}

// Error is a catalogue that cannot be used: all that is wrong with it.
type Error struct{ Problems []Problem }

// Error lists the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Default returns the built-in catalogue.
func Default() (*Catalog, error) { return parse(nil, "") }

// Load returns the built-in catalogue with an operator's file laid over it. It
// returns an *[Error] naming file, line and key for everything that is wrong.
func Load(path string) (*Catalog, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	if len(raw) > maxFile {
		return nil, &Error{[]Problem{{File: path, Text: fmt.Sprintf("larger than %d bytes", maxFile)}}}
	}
	return parse(raw, path)
}

// parse builds the catalogue of the built-in document and an operator's.
func parse(over []byte, name string) (*Catalog, error) {
	base, err := readBuiltIn()
	if err != nil {
		return nil, err
	}
	doc, node, err := read(over, name)
	if err != nil {
		return nil, err
	}
	b := &builder{doc: merge(base.document, doc)}
	c := b.build()
	if len(b.problems) > 0 {
		return nil, place(b.problems, source{name, node}, source{guideName, base.guide}, source{builtInName, base.node})
	}
	sum := sha256.Sum256(bytes.Join([][]byte{builtIn, builtInGuide, over}, []byte{0}))
	c.Version = hex.EncodeToString(sum[:8])
	return c, nil
}

// builtInSource is the built-in document with the guide in it, read once. Nothing
// changes it: merging makes lists of its own.
type builtInSource struct {
	document
	node, guide *yaml.Node
}

var readBuiltIn = sync.OnceValues(func() (builtInSource, error) {
	doc, node, err := read(builtIn, builtInName)
	if err != nil {
		return builtInSource{}, err
	}
	matters, guide, err := read(builtInGuide, guideName)
	return builtInSource{merge(doc, matters), node, guide}, err
})

// read decodes one document strictly, and once more as nodes for the lines.
func read(raw []byte, name string) (document, *yaml.Node, error) {
	var doc document
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return document{}, nil, decodeError(name, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return document{}, nil, &Error{[]Problem{{File: name, Text: "want one document"}}}
	}
	var node yaml.Node
	_ = yaml.Unmarshal(raw, &node) // it was decoded above
	if problems := duplicates(&node, name); len(problems) > 0 {
		return document{}, nil, &Error{problems}
	}
	return doc, &node, nil
}

// lineText matches what the decoder says of a line: "line 12: field x not found in type y".
var lineText = regexp.MustCompile(`line (\d+): (.*)`)

var unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)

// decodeError turns the decoder's words into problems.
func decodeError(name string, err error) error {
	lines := []string{err.Error()}
	var types *yaml.TypeError
	if errors.As(err, &types) {
		lines = types.Errors
	}
	var problems []Problem
	for _, text := range lines {
		p := Problem{File: name, Text: text}
		if m := lineText.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Text = m[2]
		}
		if m := unknownField.FindStringSubmatch(p.Text); m != nil {
			p.Key, p.Text = m[1], "unknown key"
		}
		problems = append(problems, p)
	}
	return &Error{problems}
}

// source is a file with its nodes.
type source struct {
	name string
	node *yaml.Node
}

// place finds the lines of problems: in the first source that states the key, or
// as much of its path as any source states.
func place(problems []problem, sources ...source) error {
	out := &Error{}
	for _, p := range problems {
		best := Problem{File: sources[len(sources)-1].name, Key: strings.Join(p.path, "."), Text: p.text}
		deepest := 0
		for _, s := range sources {
			if line, depth := find(s.node, p.path); depth > deepest {
				best.File, best.Line, deepest = s.name, line, depth
			}
		}
		out.Problems = append(out.Problems, best)
	}
	return out
}

// find follows a path of keys and ids as far as it goes.
func find(node *yaml.Node, path []string) (line, depth int) {
	if node == nil {
		return 0, 0
	}
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	for depth < len(path) {
		next := step(node, path[depth])
		if next == nil {
			break
		}
		node, depth = next, depth+1
	}
	return node.Line, depth
}

// step returns the value of a key, or the entry of a list that has the id.
func step(node *yaml.Node, key string) *yaml.Node {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		for _, entry := range node.Content {
			if id := step(entry, "id"); entry.Kind == yaml.MappingNode && id != nil && id.Value == key {
				return entry
			}
		}
	}
	return nil
}

// duplicates finds lists in which one id stands twice.
func duplicates(node *yaml.Node, name string) []Problem {
	var found []Problem
	if node.Kind == yaml.SequenceNode {
		seen := map[string]bool{}
		for _, entry := range node.Content {
			if entry.Kind != yaml.MappingNode {
				continue
			}
			if id := step(entry, "id"); id != nil {
				if seen[id.Value] {
					found = append(found, Problem{File: name, Line: id.Line, Key: id.Value, Text: "the id is there twice"})
				}
				seen[id.Value] = true
			}
		}
	}
	for _, child := range node.Content {
		found = append(found, duplicates(child, name)...)
	}
	return found
}
