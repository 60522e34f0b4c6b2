package measure

import (
	"slices"
	"time"

	"machi/internal/queue"
)

// Extra is what is counted of an office's day beside its log.
type Extra struct {
	// Known says that somebody counted.
	Known bool
	// Offers are how often machines showed visitors a way not to wait, and how often
	// it was taken: one of each service.
	Offers []Offer
	// Offline is how long machines worked without a server in reception hours, added up.
	Offline time.Duration
}

// Offer is the offers of one service: how often shown, and how often taken.
type Offer struct {
	Service      queue.ServiceID
	Shown, Taken int
}

// plus returns both together. Neither is changed.
func (x Extra) plus(o Extra) Extra {
	sum := Extra{Known: x.Known || o.Known, Offers: slices.Clone(x.Offers), Offline: x.Offline + o.Offline}
	for _, one := range o.Offers {
		i := slices.IndexFunc(sum.Offers, func(have Offer) bool { return have.Service == one.Service })
		if i < 0 {
			sum.Offers = append(sum.Offers, one)
			continue
		}
		sum.Offers[i].Shown += one.Shown
		sum.Offers[i].Taken += one.Taken
	}
	return sum
}
