package virtual

// Scripts returns every fault that this printer plays, the harmless ones first.
func Scripts() []Script {
	var all []Script
	all = append(all, peculiar()...)
	all = append(all, before()...)
	all = append(all, during()...)
	return append(all, after()...)
}

// at is a fault that comes with an event.
func at(name, about string, on Event, nth int, do ...Act) Script {
	return Script{Name: name, About: about, Steps: []Step{{On: on, Nth: nth, Do: do}}}
}

// start is a fault that is there from the start.
func start(name, about string, do ...Act) Script {
	return Script{Name: name, About: about, Start: do}
}

// peculiar printers are whole, and know less than others or say more.
func peculiar() []Script {
	return []Script{
		{Name: "well", About: "nothing is wrong"},
		{Name: "never-answers", About: "prints, and never says anything", Lacks: Lacks{Status: true, Auto: true, Confirm: true, Name: true}},
		{Name: "never-confirms", About: "says how it is, never that it has printed", Lacks: Lacks{Auto: true, Confirm: true, Name: true}},
		{Name: "confirms-only", About: "answers only in its turn", Lacks: Lacks{Status: true, Auto: true}},
		{Name: "tells-nothing-by-itself", About: "has no automatic status", Lacks: Lacks{Auto: true}},
		{Name: "nameless", About: "does not know its name", Lacks: Lacks{Name: true}},
		{Name: "knows-no-causes", About: "does not say what is wrong beyond the cover", Lacks: Lacks{Causes: true}},
		{Name: "knows-no-codes", About: "draws no QR codes", Lacks: Lacks{Code: true}},
		at("noise-at-first", "the line crackles when it is opened", Connected, 1, Say(0x00, 0xFF, 0x80, 0x00)),
		at("noise-in-between", "the line crackles while it prints", Row, 3, Say(0xFF, 0x00, 0x81, 0x11, 0x13)),
		start("near-end", "little paper is left", NearEnd),
		at("near-end-in-between", "the paper comes near its end while it prints", Row, 4, NearEnd),
	}
}

// before come faults that are there when a ticket comes.
func before() []Script {
	return []Script{
		start("paper-out", "there is no paper", PaperOut),
		start("cover-open", "the cover stands open", CoverOpen),
		start("paper-out-and-cover-open", "someone is putting paper in", PaperOut, CoverOpen),
		start("blade-jammed", "the blade is jammed", BladeJams),
		start("off-line", "someone holds the feed button", GoOffline),
		start("unplugged", "its cable is not in", Unplug),
		start("no-power", "it has no power", PowerOff),
		start("fallen-mute", "it answers no more", FallMute),
		start("hung", "it hangs", Hang),
		at("closes-at-once", "it closes each connection", Connected, 1, Close),
		at("unplugged-when-asked", "its cable is pulled at the first question", Asked, 1, Unplug),
		at("unplugged-when-asked-more", "its cable is pulled at the second question", Asked, 2, Unplug),
		at("paper-out-when-asked", "the paper ends just before the question after it", Asked, 3, PaperOut),
	}
}

// during come faults within a ticket.
func during() []Script {
	return []Script{
		at("paper-out-at-first-row", "the paper ends before the first row", Row, 1, PaperOut),
		at("paper-out-in-number", "the paper ends in the number", Picture, 3, PaperOut),
		at("paper-out-at-code", "the paper ends before the QR code", Code, 1, PaperOut),
		at("paper-out-before-cut", "the paper ends before it is cut", Cut, 1, PaperOut),
		at("cover-open-at-row", "the cover is opened while it prints", Row, 3, CoverOpen),
		at("cover-open-in-number", "the cover is opened in the number", Picture, 4, CoverOpen),
		at("cover-opened-and-shut", "the cover is opened and shut", Row, 3, CoverOpen, CoverShut),
		at("blade-jams", "the blade jams in the cut", Cut, 1, BladeJams),
		at("goes-off-line", "it goes off line in mid-ticket", Row, 2, GoOffline),
		at("hangs-at-row", "it hangs in mid-ticket", Row, 2, Hang),
		at("hangs-in-number", "it hangs in the number", Picture, 3, Hang),
		at("hangs-before-cut", "it hangs before it cuts", Cut, 1, Hang),
		at("unplugged-at-row", "its cable is pulled in mid-ticket", Row, 1, Unplug),
		at("unplugged-in-number", "its cable is pulled in the number", Received, 6000, Unplug),
		at("unplugged-before-cut", "its cable is pulled before it cuts", Cut, 1, Unplug),
		at("power-off-at-row", "its power fails in mid-ticket", Row, 2, PowerOff),
		at("power-off-in-number", "its power fails in the number", Received, 6000, PowerOff),
		at("power-off-before-cut", "its power fails before it cuts", Cut, 1, PowerOff),
		at("closes-in-number", "it closes the connection in the number", Picture, 3, Close),
		at("mute-at-row", "it answers no more, and prints", Row, 2, FallMute),
		start("keeps-it", "it takes the ticket and does not print it", Hold),
		{
			Name: "paper-put-in", About: "the paper ends in the number and is put in before anybody asks",
			Lacks: Lacks{Auto: true},
			Steps: []Step{{On: Picture, Nth: 3, Do: []Act{PaperOut}}, {On: Asked, Nth: 4, Do: []Act{PaperIn}}},
		},
		{
			Name: "paper-out-untold", About: "the paper ends in the number of a printer that tells nothing by itself",
			Lacks: Lacks{Auto: true}, Steps: []Step{{On: Picture, Nth: 3, Do: []Act{PaperOut}}},
		},
	}
}

// after come faults when the paper is out, or nearly said to be.
func after() []Script {
	return []Script{
		at("paper-out-after-cut", "the paper ends with the ticket", Fallen, 1, PaperOut),
		at("cover-open-after-cut", "the cover is opened when the ticket has fallen", Fallen, 1, CoverOpen),
		at("unplugged-after-cut", "its cable is pulled when the ticket has fallen", Fallen, 1, Unplug),
		at("power-off-after-cut", "its power fails when the ticket has fallen", Fallen, 1, PowerOff),
		at("closes-after-cut", "it closes the connection when the ticket has fallen", Fallen, 1, Close),
		at("mute-after-cut", "it answers no more when the ticket has fallen", Fallen, 1, FallMute),
		at("hangs-after-cut", "it hangs when the ticket has fallen", Fallen, 1, Hang),
		at("paper-out-after-all", "the paper ends when it has said that all is printed", Proved, 1, PaperOut),
		at("cover-open-after-all", "the cover is opened when it has said that all is printed", Proved, 1, CoverOpen),
		at("unplugged-after-all", "its cable is pulled when it has said that all is printed", Proved, 1, Unplug),
	}
}
