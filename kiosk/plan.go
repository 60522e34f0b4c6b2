package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"machi/internal/queue"
)

// Plan is what the server tells a machine about its office: enough to work alone.
type Plan struct {
	Settings queue.Settings `json:"settings"`
	Office   struct {
		Name Words `json:"name"`
	} `json:"office"`
	Services []PlanService `json:"services"`
	Purposes []Purpose     `json:"purposes"`
	// PIN opens the staff mode: its argon2id hash, or "" where none is set.
	PIN string `json:"pin,omitempty"`
	// Elsewhere are the other offices that handle a service of this one.
	Elsewhere []Neighbour `json:"elsewhere,omitempty"`
}

// Neighbour is another office, with those of its services that this one has too.
type Neighbour struct {
	Office   queue.OfficeID    `json:"office"`
	Name     Words             `json:"name"`
	Services []queue.ServiceID `json:"services"`
}

// Instead is a way to do without this counter: a convenience store, the ward's
// online service, a reservation, another office.
type Instead struct {
	Kind   string         `json:"kind"` // convenience_store, online, reservation, office
	Text   Words          `json:"text"`
	Office queue.OfficeID `json:"office,omitempty"`
	URL    string         `json:"url,omitempty"`
}

// Words is a text by language: ja, ja-x-easy, en, zh, ko.
type Words map[string]string

// In returns the text in a language, or in Japanese.
func (w Words) In(language string) string {
	if text := w[language]; text != "" {
		return text
	}
	return w["ja"]
}

// PlanService is a service as a visitor reads it.
type PlanService struct {
	ID      queue.ServiceID `json:"id"`
	Name    Words           `json:"name"`
	Purpose string          `json:"purpose"`
	Bring   bring           `json:"bring,omitempty"`
	Kana    string          `json:"kana,omitempty"` // how the name is read
	Instead []Instead       `json:"instead,omitempty"`
	// Footer is what the ward adds on the paper, and FooterURL where it leads.
	Footer    Words  `json:"footer,omitempty"`
	FooterURL string `json:"footer_url,omitempty"`
}

// bring is what to have at hand. It is read from a list of texts by language, or
// of plain Japanese ones.
type bring []Words

// UnmarshalJSON reads either form.
func (b *bring) UnmarshalJSON(raw []byte) error {
	var items []Words
	if json.Unmarshal(raw, &items) == nil {
		*b = items
		return nil
	}
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return err
	}
	for _, text := range texts {
		*b = append(*b, Words{"ja": text})
	}
	return nil
}

// Purpose is what a visitor came for: a group of services.
type Purpose struct {
	ID   string `json:"id"`
	Name Words  `json:"name"`
}

// Service returns a service as a visitor reads it; one that only the settings
// know goes by its id.
func (p *Plan) Service(id queue.ServiceID) PlanService {
	for _, v := range p.Services {
		if v.ID == id {
			return v
		}
	}
	return PlanService{ID: id, Name: Words{"ja": string(id)}}
}

func readPlan(dir string) (*Plan, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	return parsePlan(raw)
}

func parsePlan(raw []byte) (*Plan, error) {
	p := &Plan{}
	if err := json.Unmarshal(raw, p); err != nil {
		return nil, fmt.Errorf("kiosk: plan: %w", err)
	}
	if err := p.Settings.Validate(); err != nil {
		return nil, fmt.Errorf("kiosk: plan: %w", err)
	}
	return p, nil
}

// writePlan replaces the stored plan so that a crash leaves the old or the new one.
func writePlan(dir string, raw []byte) error {
	if err := replaceFile(filepath.Join(dir, "plan.json"), raw); err != nil {
		return fmt.Errorf("kiosk: plan: %w", err)
	}
	return nil
}
