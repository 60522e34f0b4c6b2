package kiosk

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"machi/internal/queue"
)

// OfferCount is how often visitors of today were shown an offer, and how often
// they took it.
type OfferCount struct {
	Service queue.ServiceID `json:"service"`
	Kind    string          `json:"kind"`
	Shown   int             `json:"shown"`
	Taken   int             `json:"taken"`
}

// offers counts what visitors made of the offers. It begins anew with every day
// and every start: the server keeps what it was told.
type offers struct {
	mu     sync.Mutex
	day    queue.Date
	counts map[offer]*OfferCount
}

type offer struct {
	service queue.ServiceID
	kind    string
}

func newOffers() *offers { return &offers{counts: map[offer]*OfferCount{}} }

func (o *offers) of(day queue.Date) map[offer]*OfferCount {
	if o.day != day {
		o.day = day
		clear(o.counts)
	}
	return o.counts
}

func (o *offers) count(day queue.Date, at offer, taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	counts := o.of(day)
	c, ok := counts[at]
	if !ok {
		c = &OfferCount{Service: at.service, Kind: at.kind}
		counts[at] = c
	}
	if taken {
		c.Taken++
	} else {
		c.Shown++
	}
}

// list returns the counts of a day by service and kind.
func (o *offers) list(day queue.Date) []OfferCount {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := []OfferCount{}
	for _, c := range o.of(day) {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b OfferCount) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind, b.Kind))
	})
	return list
}

func (k *Kiosk) today() queue.Date { return queue.BusinessDay(k.watch.now().Wall) }

// postOffer counts an offer that a visitor was shown or has taken: 204, or 400 for
// one that the machine does not make.
func (k *Kiosk) postOffer(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		Service queue.ServiceID `json:"service"`
		Kind    string          `json:"kind"`
		Taken   bool            `json:"taken"`
	}](w, r)
	if !ok {
		return
	}
	made := slices.ContainsFunc(k.instead(k.currentPlan(), in.Service), func(i ScreenInstead) bool { return i.Kind == in.Kind })
	if !made {
		refuse(w, http.StatusBadRequest, "unknown_offer")
		return
	}
	k.offers.count(k.today(), offer{in.Service, in.Kind}, in.Taken)
	w.WriteHeader(http.StatusNoContent)
}

// getOfferCode draws the QR code of the nth offer's address.
func (k *Kiosk) getOfferCode(w http.ResponseWriter, r *http.Request) {
	list := k.instead(k.currentPlan(), queue.ServiceID(r.PathValue("service")))
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(list) || list[n].URL == "" {
		refuse(w, http.StatusNotFound, "unknown_offer")
		return
	}
	drawCode(w, list[n].URL)
}
