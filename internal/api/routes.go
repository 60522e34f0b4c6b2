package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
)

// route is one row of the table of routes.
type route struct {
	method, path string
	policy       policy
	handler      echo.HandlerFunc
}

const base = "/api/v1"

// routes is the one table: what there is, and who may use it.
func (a *API) routes() []route {
	list := append(a.publicRoutes(), a.kioskRoutes()...)
	list = append(list, a.counterRoutes()...)
	list = append(list, a.accountRoutes()...)
	list = append(list, a.auditRoutes()...)
	list = append(list, a.ssoRoutes()...)
	list = append(list, a.clerkRoutes()...)
	list = append(list, a.floorRoutes()...)
	list = append(list, a.triageRoutes()...)
	list = append(list, a.practiceRoutes()...)
	list = append(list, a.ruleRoutes()...)
	list = append(list, a.spokenRoutes()...)
	list = append(list, a.voiceRoutes()...)
	list = append(list, a.lessonRoutes()...)
	list = append(list, a.promiseRoutes()...)
	list = append(list, a.measureRoutes()...)
	list = append(list, a.signRoutes()...)
	list = append(list, a.curveRoutes()...)
	list = append(list, a.almanacRoutes()...)
	list = append(list, a.filmRoutes()...)
	list = append(list, a.staffingRoutes()...)
	list = append(list, a.homeRoutes()...)
	list = append(list, a.subscriptionRoutes()...)
	list = append(list, a.mineRoutes()...)
	list = append(list, a.tellRoutes()...)
	list = append(list, a.webhookRoutes()...)
	list = append(list, a.reportRoutes()...)
	list = append(list, a.planRoutes()...)
	list = append(list, a.openDayRoutes()...)
	list = append(list, a.alertRoutes()...)
	return append(list, a.ticketRoutes()...)
}

func (a *API) publicRoutes() []route {
	return []route{
		{"GET", base + "/offices", public, a.offices},
		{"GET", base + "/offices/:office", public, a.office},
		{"GET", base + "/offices/:office/forecast", public, a.forecast},
		{"GET", base + "/live", public, a.live},
		{"GET", base + "/live/sse", public, a.liveSSE},
		{"GET", base + "/tickets/:secret", public, a.holderStatus},
		{"DELETE", base + "/tickets/:secret", public, a.withdraw},
		{"POST", base + "/tickets/:secret/later", public, a.later},
		{"GET", base + "/open-data/congestion.json", public, a.congestionJSON},
		{"GET", base + "/open-data/congestion.csv", public, a.congestionCSV},
		{"GET", "/openapi.yaml", public, a.openapi},
		{"GET", "/healthz", public, a.healthz},
		{"GET", "/readyz", public, a.readyz},
		{"POST", base + "/enrol", public, a.enrol},
		{"POST", "/staff/login", public, a.login},
		{"POST", "/staff/logout", public, a.logout},
	}
}

func (a *API) kioskRoutes() []route {
	office := base + "/offices/:office"
	return []route{
		{"POST", office + "/tickets", issuers, a.issue},
		{"POST", office + "/commands", machines, a.commands},
		{"GET", office + "/records", machines, a.records},
		{"POST", office + "/kiosks/:kiosk/bind", machines, a.bind},
		{"GET", office + "/kiosks/:kiosk/plan", machines, a.plan},
		{"POST", office + "/kiosks/:kiosk/health", machines, a.health},
		{"POST", office + "/kiosks/:kiosk/acts", machines, a.act},
		{"GET", office + "/kiosks/:kiosk/tickets", machines, a.machineTickets},
		{"POST", office + "/check-in", helpers, a.checkIn},
		{"POST", office + "/kiosks/:kiosk/start", machines, a.start},
		{"POST", office + "/kiosks/:kiosk/enrol-code", managers, a.audited(ActKioskCode, a.enrolCode)},
		{"POST", office + "/kiosks/:kiosk/revoke", managers, a.audited(ActKioskRevoke, a.endKiosk)},
		{"POST", office + "/kiosks/pin", managers, a.audited(ActKioskPIN, a.setPIN)},
		{"GET", office + "/kiosks", managers, a.kiosks},
	}
}

func (a *API) counterRoutes() []route {
	office := base + "/offices/:office"
	counter := office + "/counters/:counter/"
	return []route{
		{"GET", office + "/console", clerks, a.console},
		{"GET", office + "/dashboard", managers, a.dashboard},
		{"POST", office + "/state", managers, a.setOffice},
		{"POST", office + "/services/:service/state", managers, a.setService},
		{"GET", counter + "preview", clerks, a.preview},
		{"POST", counter + "call-next", clerks, a.callNext},
		{"POST", counter + "finish-and-call-next", clerks, a.finishAndCallNext},
		{"POST", counter + "quick-serve", clerks, a.quickServe},
		{"POST", counter + "open", clerks, a.openCounter},
		{"POST", counter + "pause", clerks, counterCommand(a, func(c queue.CounterID, b reasonBody) queue.Command {
			return queue.PauseCounter{Counter: c, Reason: b.Reason}
		})},
		{"POST", counter + "close", clerks, counterCommand(a, func(c queue.CounterID, _ emptyBody) queue.Command {
			return queue.CloseCounter{Counter: c}
		})},
		{"POST", counter + "ask-help", clerks, counterCommand(a, func(c queue.CounterID, b textBody) queue.Command {
			return queue.AskHelp{Counter: c, Text: b.Text}
		})},
		{"POST", counter + "answer-help", clerks, counterCommand(a, func(c queue.CounterID, _ emptyBody) queue.Command {
			return queue.AnswerHelp{Counter: c}
		})},
		{"POST", counter + "undo", clerks, counterCommand(a, func(c queue.CounterID, b undoBody) queue.Command {
			return queue.Undo{Counter: c, Command: b.Command}
		})},
	}
}

func (a *API) ticketRoutes() []route {
	ticket := base + "/offices/:office/tickets/:number"
	counter := func(name string, handler echo.HandlerFunc) route { // of a counter's own ticket
		return route{"POST", ticket + "/" + name, clerks, handler}
	}
	floor := func(name string, handler echo.HandlerFunc) route { // also of the reception desk
		return route{"POST", ticket + "/" + name, receptionists, handler}
	}
	type id = queue.TicketID
	return []route{
		{"GET", ticket, receptionists, a.staffTicket},
		counter("call", ticketCommand(a, sure(func(t id, b counterBody) queue.Command {
			return queue.CallTicket{Ticket: t, Counter: b.Counter}
		}))),
		counter("recall", ticketCommand(a, sure(func(t id, b counterBody) queue.Command {
			return queue.Recall{Ticket: t, Counter: b.Counter}
		}))),
		counter("start", ticketCommand(a, startCommand)),
		counter("finish", ticketCommand(a, finishCommand)),
		counter("no-show", ticketCommand(a, noShowCommand)),
		floor("ready", ticketCommand(a, sure(func(t id, _ emptyBody) queue.Command { return queue.MarkReady{Ticket: t} }))),
		floor("restore", ticketCommand(a, sure(func(t id, b restoreBody) queue.Command {
			return queue.Restore{Ticket: t, Place: b.Place, Back: b.Back}
		}))),
		floor("hold", ticketCommand(a, holdCommand)),
		floor("resume", ticketCommand(a, sure(func(t id, _ emptyBody) queue.Command { return queue.Resume{Ticket: t} }))),
		floor("transfer", a.transfer),
		floor("add-service", ticketCommand(a, sure(func(t id, b serviceBody) queue.Command {
			return queue.AddService{Ticket: t, Service: b.Service}
		}))),
		floor("change-service", ticketCommand(a, sure(func(t id, b serviceBody) queue.Command {
			return queue.ChangeService{Ticket: t, Service: b.Service}
		}))),
		floor("priority", ticketCommand(a, priorityCommand)),
		counter("defer", ticketCommand(a, deferCommand)),
		floor("withdraw", ticketCommand(a, sure(func(t id, _ emptyBody) queue.Command { return queue.Withdraw{Ticket: t} }))),
		floor("note", ticketCommand(a, noteCommand)),
	}
}

// register puts the table into the router. Every GET answers HEAD as well, and
// public reads of the API answer a page of any site.
func (a *API) register() {
	for _, r := range a.routes() {
		handler := a.guard(r.policy, r.handler)
		if r.open() {
			handler = shared(handler)
			a.echo.OPTIONS(r.path, preflight)
		}
		a.echo.Add(r.method, r.path, handler)
		if r.method == http.MethodGet && r.path != base+"/live" {
			a.echo.HEAD(r.path, handler)
		}
	}
}

// open reports whether pages of other sites may read a route: public data only,
// never a holder's ticket.
func (r route) open() bool {
	switch r.path {
	case base + "/offices", base + "/offices/:office", base + "/offices/:office/forecast", base + "/offices/:office/spoken",
		base + "/open-data/congestion.json", base + "/open-data/congestion.csv", base + "/open-data/record.json", base + "/open-data/record.csv", base + "/live/sse", "/openapi.yaml":
		return r.method == http.MethodGet
	}
	return slices.Contains(openToo, r.path) && r.method == http.MethodGet
}

// openToo are more routes that pages of every site may read.
var openToo = []string{
	"/offices/:office/closures.ics", "/offices/:office/forecast.ics", "/offices/:office/feed.json", "/feed.json", "/asyncapi.yaml",
	base + "/offices/:office/curve", base + "/open-data/history.json", base + "/open-data/history.csv",
	base + "/open-data/offices.json", base + "/open-data/offices.csv", base + "/open-data/datapackage.json",
	base + "/open-data/days.json", base + "/open-data/days.csv", base + "/open-data/months.json", base + "/open-data/months.csv",
	base + "/open-data/plan.json", base + "/open-data/plan.csv",
}
