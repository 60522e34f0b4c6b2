package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// The limits of a body.
const (
	maxBody  = 64 << 10
	maxPush  = 1 << 20 // what a kiosk pushes
	maxDepth = 8
)

// decode reads a JSON object strictly: no unknown, repeated or mistyped field,
// nothing behind it. An empty body counts as {}.
func decode[T any](c echo.Context, limit int64) (T, error) {
	var into T
	raw, err := readBody(c.Request(), limit)
	if err != nil || len(raw) == 0 {
		return into, err
	}
	if err := checkShape(raw, fieldsOf(reflect.TypeOf(into))); err != nil {
		return into, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&into); err != nil {
		return into, decodeProblem(err)
	}
	return into, nil
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, problem(codeBadJSON, "body")
	case int64(len(raw)) > limit:
		return nil, problemf(codeBodyTooLarge, "body", "at most %d bytes", limit)
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, nil
	case !utf8.Valid(raw):
		return nil, problemf(codeBadJSON, "body", "not UTF-8")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return nil, problem(codeMediaType, echo.HeaderContentType)
	}
	return raw, nil
}

// level is one object or array that a scan is inside of.
type level struct {
	object bool
	onKey  bool            // the next token of the object is a key
	keys   map[string]bool // seen
	key    string
}

// checkShape walks over the tokens: what the decoder would forgive (repeated keys,
// keys in other letters, any depth, a second value) is refused here.
func checkShape(raw []byte, fields map[string]bool) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var path []level
	for first := true; first || len(path) > 0; first = false {
		token, err := d.Token()
		if err != nil {
			return problemf(codeBadJSON, "body", "at byte %d", d.InputOffset())
		}
		if first && token != json.Delim('{') {
			return problemf(codeWrongType, "body", "want an object")
		}
		if path, err = step(path, token, fields); err != nil {
			return err
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problem(codeTrailing, "body")
	}
	return nil
}

func step(path []level, token json.Token, fields map[string]bool) ([]level, error) {
	inside := len(path) > 0 && path[len(path)-1].object
	if delim, is := token.(json.Delim); is && (delim == '}' || delim == ']') {
		return closed(path[:len(path)-1]), nil
	}
	if inside && path[len(path)-1].onKey {
		return path, seeKey(path, token.(string), fields)
	}
	if delim, is := token.(json.Delim); is {
		if len(path) == maxDepth {
			return path, problemf(codeTooDeep, path[0].key, "at most %d levels", maxDepth)
		}
		return append(path, level{object: delim == '{', onKey: delim == '{', keys: map[string]bool{}}), nil
	}
	return closed(path), nil
}

// closed notes that a value is complete: an object goes on with a key.
func closed(path []level) []level {
	if n := len(path); n > 0 && path[n-1].object {
		path[n-1].onKey = true
	}
	return path
}

func seeKey(path []level, key string, fields map[string]bool) error {
	top := &path[len(path)-1]
	switch {
	case top.keys[key]:
		return problem(codeDuplicateField, key)
	case len(path) == 1 && !fields[key]:
		return problem(codeUnknownField, key)
	}
	top.keys[key], top.key, top.onKey = true, key, false
	return nil
}

// fieldsOf returns the JSON names of a struct's fields.
func fieldsOf(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

func decodeProblem(err error) error {
	var kind *json.UnmarshalTypeError
	switch text := err.Error(); {
	case errors.As(err, &kind):
		return problemf(codeWrongType, kind.Field, "got %s", kind.Value)
	case strings.HasPrefix(text, "json: unknown field "):
		name, _ := strconv.Unquote(strings.TrimPrefix(text, "json: unknown field "))
		return problem(codeUnknownField, name)
	case strings.HasPrefix(text, "parsing time"), strings.HasPrefix(text, "Time."):
		return problemf(codeWrongType, "body", "a moment is written like 2026-04-01T08:30:00+09:00")
	}
	return problem(codeBadJSON, "body")
}
