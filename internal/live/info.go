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
		Access: board.Text(o.Access), Phone: o.Phone, WaitArea: board.Text(o.WaitArea),
		Kiosks: o.Kiosks, Services: map[queue.ServiceID]board.ServiceInfo{},
	}
	if len(o.Position) == 2 {
		info.Place = &board.Place{Lat: o.Position[0], Lng: o.Position[1], Unconfirmed: o.Unsure("position")}
	}
	for _, v := range o.Services {
		info.Services[v.ID] = board.ServiceInfo{
			Name: board.Text(v.Name), Purpose: v.Purpose, Private: v.Private,
			Moderate: v.Levels[0], Busy: v.Levels[1], VeryBusy: v.Levels[2],
		}
	}
	a := o.Announce
	info.Announce = &board.Announce{
		Times: a.Times, Gap: int(a.Gap.Seconds()), Show: int(a.Show.Seconds()), Languages: a.Languages, Sound: a.Sound, Voice: a.Voice,
	}
	info.Counters = map[queue.CounterID]board.CounterInfo{}
	for id, way := range o.Ways {
		info.Counters[id] = board.CounterInfo{Direction: way.Direction, Place: board.Text(way.Place)}
	}
	return info
}
