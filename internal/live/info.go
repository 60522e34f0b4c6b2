package live

import (
	"machi/internal/board"
	"machi/internal/catalog"
	"machi/internal/queue"
)

// InfoOf returns what boards need to know of an office of the catalogue.
func InfoOf(o *catalog.Office) board.Info {
	info := board.Info{
		ID: o.ID, Name: board.Text(o.Name), Kind: o.Kind, Area: o.Area, Address: o.Address,
		Kiosks: o.Kiosks, Services: map[queue.ServiceID]board.ServiceInfo{},
	}
	for _, v := range o.Services {
		info.Services[v.ID] = board.ServiceInfo{
			Name: board.Text(v.Name), Purpose: v.Purpose, Private: v.Private,
			Moderate: v.Levels[0], Busy: v.Levels[1], VeryBusy: v.Levels[2],
		}
	}
	return info
}
