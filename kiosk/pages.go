package kiosk

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"machi/internal/queue"
	"machi/kiosk/print"
)

//go:embed page
var pageFiles embed.FS

// maxChoice bounds the body of a press.
const maxChoice = 4 << 10

// pages returns the touch pages.
func (k *Kiosk) pages() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /screen", k.getScreen)
	mux.HandleFunc("GET /ticket/{command}", k.getTicket)
	mux.HandleFunc("GET /ticket/{command}/qr.svg", k.getCode)
	mux.HandleFunc("POST /press", k.postPress)
	mux.HandleFunc("GET /press", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", http.MethodPost) // looking never prints
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed")
	})
	return newGate(k.listeners, k.token).guard(mux)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code, "title": http.StatusText(status)})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (k *Kiosk) getScreen(w http.ResponseWriter, r *http.Request) {
	s, err := k.Screen(r.Context())
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "stopping")
		return
	}
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
func (k *Kiosk) postPress(w http.ResponseWriter, r *http.Request) {
	var c Choice
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxChoice))
	body.DisallowUnknownFields()
	if err := body.Decode(&c); err != nil || body.Decode(&struct{}{}) != io.EOF {
		refuse(w, http.StatusBadRequest, "bad_json")
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

// getCode draws the QR code of a ticket's status page.
func (k *Kiosk) getCode(w http.ResponseWriter, r *http.Request) {
	t, ok := k.Ticket(queue.CommandID(r.PathValue("command")))
	if !ok || t.StatusURL == "" {
		refuse(w, http.StatusNotFound, "unknown_ticket")
		return
	}
	modules, err := print.Code(t.StatusURL)
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
