package kiosk

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"machi/internal/queue"
	"machi/internal/ui"
	"machi/kiosk/print"
)

//go:embed page
var pageFiles embed.FS

// maxBody bounds what the pages send.
const maxBody = 4 << 10

// pages returns the touch pages.
func (k *Kiosk) pages() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /told.js", getTold)
	mux.HandleFunc("GET /screen", k.getScreen)
	mux.HandleFunc("GET /ticket/{command}", k.getTicket)
	mux.HandleFunc("GET /ticket/{command}/qr.svg", k.getCode)
	mux.HandleFunc("POST /press", k.postPress)
	mux.HandleFunc("POST /taken", k.postTaken)
	mux.HandleFunc("POST /offer", k.postOffer)
	mux.HandleFunc("GET /offer/{service}/{n}/qr.svg", k.getOfferCode)
	mux.HandleFunc("POST /heartbeat", k.postHeartbeat)
	mux.HandleFunc("GET /heartbeat", k.getHeartbeat)
	mux.HandleFunc("GET /speech", k.getSpeech)
	mux.HandleFunc("POST /scan", k.postScan)
	mux.HandleFunc("POST /scan/act", k.postScanAct)
	mux.HandleFunc("POST /desk/sign-in", k.postSignIn)
	mux.HandleFunc("POST /desk/sign-out", k.postSignOut)
	mux.HandleFunc("POST /desk/list", k.postDeskList)
	mux.HandleFunc("POST /desk/act", k.postDeskAct)
	mux.HandleFunc("POST /desk/state", k.postDeskState)
	mux.HandleFunc("POST /desk/enrol", k.postEnrol)
	mux.HandleFunc("GET /press", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", http.MethodPost) // looking never prints
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed")
	})
	return newGate(k.listeners, k.token).guard(mux)
}

// getTold answers with the module that all of Machi's pages tell a wait by.
func getTold(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(ui.Told()) // a browser that has gone asks again
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (k *Kiosk) getScreen(w http.ResponseWriter, r *http.Request) {
	s, err := k.newScreen(r.Context(), r.URL.Query().Get("after"))
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	w.Header().Set("ETag", s.etag())
	answer(w, http.StatusOK, s)
}

func (k *Kiosk) getTicket(w http.ResponseWriter, r *http.Request) {
	t, ok := k.Ticket(queue.CommandID(r.PathValue("command")))
	if !ok {
		refuse(w, http.StatusNotFound, "unknown_ticket")
		return
	}
	answer(w, http.StatusOK, t)
}

// postPress answers 201 with a ticket and 409 with a refusal, either as a Ticket.
// A choice that its session made before is answered with what became of it.
func (k *Kiosk) postPress(w http.ResponseWriter, r *http.Request) {
	c, ok := decode[Choice](w, r)
	if !ok {
		return
	}
	t, err := k.Press(r.Context(), c)
	switch {
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, "stopping")
	case t.Code != "":
		answer(w, http.StatusConflict, t)
	default:
		answer(w, http.StatusCreated, t)
	}
}

// postTaken says that the visitor has the ticket, on paper or noted: 204, and
// nothing of its secret stays.
func (k *Kiosk) postTaken(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		Command queue.CommandID `json:"command"`
	}](w, r)
	if ok {
		k.Taken(in.Command)
		w.WriteHeader(http.StatusNoContent)
	}
}

// decode reads a body: one JSON value without unknown fields. Otherwise it answers
// 400 bad_json and reports false.
func decode[T any](w http.ResponseWriter, r *http.Request) (in T, ok bool) {
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	if err := body.Decode(&in); err != nil || body.Decode(&struct{}{}) != io.EOF {
		refuse(w, http.StatusBadRequest, "bad_json")
		return in, false
	}
	return in, true
}

// getCode draws the QR code of a ticket's status page.
func (k *Kiosk) getCode(w http.ResponseWriter, r *http.Request) {
	t, ok := k.Ticket(queue.CommandID(r.PathValue("command")))
	if !ok || t.StatusURL == "" {
		refuse(w, http.StatusNotFound, "unknown_ticket")
		return
	}
	drawCode(w, t.StatusURL)
}

// drawCode answers with a QR code as SVG, with the white that it needs around.
func drawCode(w http.ResponseWriter, text string) {
	modules, err := print.Code(text)
	if err != nil {
		refuse(w, http.StatusNotFound, "too_long")
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	const quiet = 4
	size := len(modules) + 2*quiet
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, size, size, size, size)
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(w, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	fmt.Fprint(w, `"/></svg>`)
}
