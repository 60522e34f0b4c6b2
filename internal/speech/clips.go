package speech

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// clips are an office's own recordings: phrases.tsv holds a language, a phrase and
// the name of its file on each line, separated by tabs; # begins a remark. A text is
// put together from the longest phrases that make it up. All files have one format.
type clips map[string]map[string]sound

func openClips(dir string) (Speaker, error) {
	if dir == "" {
		return nil, fmt.Errorf("speech: clips needs a folder: clips:DIR")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("speech: %w", err)
	}
	defer root.Close()
	list, err := root.Open("phrases.tsv")
	if err != nil {
		return nil, fmt.Errorf("speech: %w", err)
	}
	defer list.Close()
	all, format, n := clips{}, [16]byte{}, 0
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		n++
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("speech: %s:%d: want language, phrase and file, separated by tabs", filepath.Join(dir, "phrases.tsv"), n)
		}
		raw, err := root.ReadFile(fields[2])
		if err != nil {
			return nil, fmt.Errorf("speech: %w", err)
		}
		clip, err := read(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, fields[2])
		}
		if format == [16]byte{} {
			format = clip.format
		}
		if clip.format != format {
			return nil, fmt.Errorf("speech: %s: its format differs from the other files'", fields[2])
		}
		if all[fields[0]] == nil {
			all[fields[0]] = map[string]sound{}
		}
		all[fields[0]][fields[1]] = clip
	}
	return all, lines.Err()
}

// Speak fails with [ErrNoVoice] where a part of the text has no recording.
func (c clips) Speak(_ context.Context, language, text string) ([]byte, error) {
	phrases := c[language]
	if phrases == nil && language == "ja-x-easy" {
		phrases = c["ja"]
	}
	var out sound
	for rest := strings.TrimLeft(text, between); rest != ""; rest = strings.TrimLeft(rest, between) {
		phrase := longest(phrases, rest)
		if phrase == "" {
			return nil, ErrNoVoice
		}
		out.format = phrases[phrase].format
		out.samples = append(out.samples, phrases[phrase].samples...)
		rest = rest[len(phrase):]
	}
	if len(out.samples) == 0 {
		return nil, ErrNoVoice
	}
	return out.write(), nil
}

// between is what is not said.
const between = " 　、。，．,.:：・！？!?"

// longest returns the longest phrase that a text begins with. A figure is never cut:
// "1" is not the beginning of "12".
func longest(phrases map[string]sound, text string) string {
	found := ""
	for phrase := range phrases {
		if len(phrase) > len(found) && strings.HasPrefix(text, phrase) && !cuts(phrase, text[len(phrase):]) {
			found = phrase
		}
	}
	return found
}

func cuts(phrase, rest string) bool {
	last, _ := utf8.DecodeLastRuneInString(phrase)
	first, _ := utf8.DecodeRuneInString(rest)
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	return digit(last) && digit(first)
}
