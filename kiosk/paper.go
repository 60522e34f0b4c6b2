package kiosk

import (
	"time"

	"machi/internal/replica"
	"machi/kiosk/print"
)

// paperOf lays out what is printed of a press.
func (k *Kiosk) paperOf(p replica.Press, t Ticket) print.Ticket {
	plan := k.currentPlan()
	service := plan.Service(p.Service)
	out := print.Ticket{
		Ward: k.o.Ward, Office: plan.Office.Name.In("ja"), Number: string(p.Number), Service: service.Name.In("ja"),
		At: t.IssuedAt, Ahead: -1, StatusURL: t.StatusURL, Language: p.Language, Rehearsal: k.Rehearsal(), Offline: t.Offline,
		Bring: spoken(service.Bring, p.Language), FooterURL: service.FooterURL,
	}
	if text := service.Footer.In(p.Language); text != "" {
		out.Footer = []string{text}
	}
	if p.Language != "" && p.Language != "ja" {
		out.OfficeOther, out.ServiceElse = plan.Office.Name[p.Language], service.Name[p.Language]
	}
	if t.Quote != nil {
		out.Ahead = t.Quote.Ahead
		out.Low = time.Duration(t.Quote.LowMinutes) * time.Minute
		out.High = time.Duration(t.Quote.HighMinutes) * time.Minute
	}
	return out
}

func spoken(list []Words, language string) []string {
	var texts []string
	for _, w := range list {
		texts = append(texts, w.In(language))
	}
	return texts
}
