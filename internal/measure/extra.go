package measure

import "machi/internal/queue"

// Extra is what is counted of an office's day beside its log.
type Extra struct {
	// Known says that somebody counted.
	Known bool
	// Offers are how often machines showed visitors a way not to wait, and how often
	// it was taken.
	Offers []Offer
}

// Offer is the offers of one service: how often shown, and how often taken.
type Offer struct {
	Service      queue.ServiceID
	Shown, Taken int
}
