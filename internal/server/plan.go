package server

import (
	"time"

	"machi/internal/board"
	"machi/internal/catalog"
	"machi/internal/office"
	"machi/internal/queue"
)

// kioskPlan is what a ticket machine keeps of the catalogue, to work from it alone.
type kioskPlan struct {
	Settings  queue.Settings      `json:"settings"`
	Office    planOffice          `json:"office"`
	Services  []planService       `json:"services"`
	Purposes  []catalog.Purpose   `json:"purposes"`
	Elsewhere []catalog.Elsewhere `json:"elsewhere"`
	// PIN is the hash of the PIN of the staff mode; empty: none is set.
	PIN  string    `json:"pin"`
	Time time.Time `json:"time"`
}

type planOffice struct {
	ID   queue.OfficeID `json:"id"`
	Name catalog.Text   `json:"name"`
}

// planService is a service as a machine shows and prints it.
type planService struct {
	ID        queue.ServiceID   `json:"id"`
	Name      catalog.Text      `json:"name"`
	Kana      string            `json:"kana,omitempty"`
	Purpose   string            `json:"purpose"`
	Bring     []catalog.Text    `json:"bring,omitempty"`
	Instead   []catalog.Instead `json:"instead,omitempty"`
	Footer    catalog.Text      `json:"footer,omitempty"`
	FooterURL string            `json:"footer_url,omitempty"`
}

// plan returns what a kiosk keeps of the catalogue.
func (s *Server) plan(id queue.OfficeID, settings queue.Settings) (any, error) {
	c, _ := s.source.Catalog()
	o, ok := c.Office(id)
	if !ok {
		return nil, office.ErrUnknownOffice
	}
	plan := kioskPlan{
		Settings: settings, Office: planOffice{o.ID, o.Name}, Services: []planService{}, Purposes: c.Purposes,
		Elsewhere: c.Elsewhere(o), PIN: s.keeper.PIN(id), Time: s.now().In(queue.JST),
	}
	for _, v := range o.Services {
		plan.Services = append(plan.Services, serviceOf(o, v))
	}
	return plan, nil
}

// serviceOf describes a service at an office. The district's own page stands
// below its tickets where it has one; the office itself is no other place to go.
func serviceOf(o *catalog.Office, v catalog.Offered) planService {
	p := planService{
		ID: v.ID, Name: v.Name, Kana: v.Kana, Purpose: v.Purpose, Bring: v.Bring, Footer: v.Footer, FooterURL: v.FooterURL,
	}
	for _, instead := range v.Instead {
		if instead.Office != o.ID {
			p.Instead = append(p.Instead, instead)
		}
	}
	if o.Page != "" && p.Footer != nil {
		p.FooterURL = o.Page
	}
	return p
}

// devices says what is known of the keys of an office's machines: of each the
// newest one.
func (s *Server) devices(id queue.OfficeID) map[queue.KioskID]board.Device {
	all := map[queue.KioskID]board.Device{}
	for _, d := range s.keeper.Devices(id) {
		shown := board.Device{Enrolled: d.Revoked.IsZero(), Revoked: !d.Revoked.IsZero()}
		if shown.Enrolled && d.Barred != "" {
			shown.Barred = "store_copied"
		}
		all[d.Kiosk] = shown
	}
	return all
}
