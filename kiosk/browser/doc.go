// Package browser keeps the touch screen's browser alive: it starts Chromium on
// the ticket machine's own pages, and starts it anew when it has ended, when its
// page gives no sign of life, when the agent has moved to another address, and
// once a night.
//
// The page sends the agent a heartbeat; this package asks the agent how old the
// newest one is. So what is watched is what a visitor needs, a page that runs, and
// not merely a process that exists.
//
// The invariant: at most one browser runs, in a process group of its own, and none
// is left when Run returns.
//
// Run is called once. The tests kill and stop real browsers.
package browser
