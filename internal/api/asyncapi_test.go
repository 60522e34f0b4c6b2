package api_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"machi/internal/api"
)

// liveDocument is what these tests read of the AsyncAPI document.
type liveDocument struct {
	Version  string `yaml:"asyncapi"`
	Channels map[string]struct {
		Address  string               `yaml:"address"`
		Messages map[string]reference `yaml:"messages"`
	} `yaml:"channels"`
	Operations map[string]struct {
		Action  string    `yaml:"action"`
		Channel reference `yaml:"channel"`
	} `yaml:"operations"`
	Components struct {
		Messages map[string]struct {
			Name    string    `yaml:"name"`
			Payload reference `yaml:"payload"`
		} `yaml:"messages"`
		Schemas map[string]any `yaml:"schemas"`
	} `yaml:"components"`
}

type reference struct {
	To string `yaml:"$ref"`
}

// last is the name that a reference ends in.
func (r reference) last() string { return r.To[strings.LastIndexByte(r.To, '/')+1:] }

func readLive(t *testing.T) liveDocument {
	t.Helper()
	var doc liveDocument
	if err := yaml.Unmarshal(api.LiveDescription, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// payload returns the schema of a message, with its references into the OpenAPI
// document looked up there.
func (d liveDocument) payload(t *testing.T, message string) *openapi3.Schema {
	t.Helper()
	raw, err := json.Marshal(d.Components.Schemas[d.Components.Messages[message].Payload.last()])
	if err != nil {
		t.Fatal(err)
	}
	var schema openapi3.Schema
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatalf("%s: %v", message, err)
	}
	if data := schema.Properties["data"]; data != nil && data.Ref != "" {
		name, ok := strings.CutPrefix(data.Ref, "./openapi.yaml#/components/schemas/")
		known := loadDescription(t).Components.Schemas[name]
		if !ok || known == nil {
			t.Fatalf("%s: no schema %s", message, data.Ref)
		}
		schema.Properties["data"] = known
	}
	return &schema
}

func TestLiveDescriptionListsExactlyTheLiveRoutes(t *testing.T) {
	doc := readLive(t)
	if doc.Version != "3.0.0" {
		t.Errorf("AsyncAPI %q", doc.Version)
	}
	var described, routed []string
	for _, c := range doc.Channels {
		described = append(described, c.Address)
		for name, message := range c.Messages {
			if message.last() != name || doc.Components.Messages[name].Name != name {
				t.Errorf("%s: message %s is %s", c.Address, name, message.To)
			}
		}
	}
	for name, o := range doc.Operations {
		if _, ok := doc.Channels[o.Channel.last()]; !ok || o.Action != "send" {
			t.Errorf("operation %s is %+v", name, o)
		}
	}
	for _, r := range newWorld(t).api.Echo().Routes() {
		if r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/api/v1/live") {
			routed = append(routed, r.Path)
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described %v, routed %v", described, routed)
	}
}

// TestLiveDescriptionSaysWhatIsSent follows an office and a counter both ways and
// wants each kind of message that the document names, and no other.
func TestLiveDescriptionSaysWhatIsSent(t *testing.T) {
	doc := readLive(t)
	w := newWorld(t)
	url := w.serve()
	for name, read := range map[string]func(t *testing.T, see func(kind string, raw []byte) bool){
		"events": func(t *testing.T, see func(string, []byte) bool) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v1/live/sse?office=o&console=1&heartbeat=1", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer staff")
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			lines := bufio.NewScanner(response.Body)
			lines.Buffer(nil, 1<<20)
			kind := ""
			for lines.Scan() {
				if after, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
					kind = after
				}
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && see(kind, []byte(data)) {
					return
				}
			}
			t.Fatalf("the stream ended: %v", lines.Err())
		},
		"live": func(t *testing.T, see func(string, []byte) bool) {
			conn, _, err := dial(t, url, "?office=o&console=1&heartbeat=1", http.Header{"Authorization": {"Bearer staff"}})
			if err != nil {
				t.Fatal(err)
			}
			for {
				_, raw, err := conn.ReadMessage()
				if err != nil {
					t.Fatal(err)
				}
				var m struct {
					Type string `json:"type"`
				}
				if json.Unmarshal(raw, &m) != nil || see(m.Type, raw) {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			missing := maps.Clone(doc.Channels[name].Messages)
			delete(missing, "heartbeat") // takes its time; TestWhoAsksIsSentHeartbeats waits for it
			read(t, func(kind string, raw []byte) bool {
				if _, ok := doc.Channels[name].Messages[kind]; !ok {
					t.Fatalf("a message %q, which is not described: %s", kind, raw)
				}
				delete(missing, kind)
				var value any
				if err := json.Unmarshal(raw, &value); err != nil {
					t.Fatal(err)
				}
				if err := doc.payload(t, kind).VisitJSON(value, jsonSchema); err != nil {
					t.Errorf("%s: %v", kind, err)
				}
				return len(missing) == 0
			})
		})
	}
}
