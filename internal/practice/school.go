package practice

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"machi/internal/account"
	"machi/internal/api"
	"machi/internal/board"
	"machi/internal/live"
	"machi/internal/queue"
)

// Prefix begins the id of every practice office; no office of a catalogue may bear it.
const Prefix = "practice-"

// The limits of a school: a room is a day of an office in memory.
const (
	maxRooms  = 12
	idleAfter = 30 * time.Minute // without a request of its pupil a room ends
	longest   = 3 * time.Hour    // and however busy, after this
	lookEvery = time.Minute
)

// Options are what a school needs of the real server.
type Options struct {
	// Auth knows the staff; whoever may sign in to a counter may practise.
	Auth api.Authenticator
	// People keeps the sessions of those who practise alive; nil: nobody has one.
	People *account.Keeper
	// Settings and Info describe the real office that a room is made after.
	Settings func(queue.OfficeID, queue.Date) (queue.Settings, error)
	Info     func(queue.OfficeID) (board.Info, bool)
	// Guide is what visitors of a room come for, as at the office that it is made after.
	Guide func(room, after queue.OfficeID) api.Guide
	// Pages draws the pages of a room.
	Pages func(Stage) (api.Pages, error)
	// Now is the clock of the real offices: a room is of the same day. Wall is the
	// clock that rooms are kept by; Random returns 128 random bits.
	Now    func() time.Time
	Wall   func() time.Time
	Random func() [16]byte
	// Proxies and Secure are those of the real server.
	Proxies []netip.Prefix
	Secure  bool
	Logger  *slog.Logger
}

// Stage is what a room's pages are drawn from.
type Stage struct {
	Hub    *live.Hub
	Office queue.OfficeID
	After  queue.OfficeID // the office that it is made after
	Now    func() time.Time
	// Identify says who asks; it works once the pages are registered.
	Identify func(*http.Request) (api.Identity, error)
}

// School holds the rooms in which people practise now.
type School struct {
	o Options

	mu      sync.Mutex
	rooms   map[queue.OfficeID]*room
	context context.Context // of Run; nil before
	ended   bool
	group   sync.WaitGroup
}

// New returns a school without rooms.
func New(o Options) *School {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &School{o: o, rooms: map[queue.OfficeID]*room{}}
}

// Run keeps the rooms until the context ends: it ends those that were left.
func (s *School) Run(ctx context.Context) error {
	s.mu.Lock()
	s.context = ctx
	s.mu.Unlock()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-look.C:
			s.endLeft(s.o.Wall())
		}
	}
	s.mu.Lock()
	s.ended = true
	for id := range s.rooms {
		s.end(id)
	}
	s.mu.Unlock()
	s.group.Wait()
	return nil
}

// Begin gives a pupil a room after a real office, and returns the practice
// office's id. A pupil has one room: the one before ends. It returns api.ErrSchoolFull when
// every room is taken, and an error for an office that does not exist.
func (s *School) Begin(pupil string, after queue.OfficeID, counter queue.CounterID) (queue.OfficeID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.context == nil || s.ended {
		return "", errClosed
	}
	if old, ok := s.of(pupil); ok {
		s.end(old.id)
	}
	if len(s.rooms) >= maxRooms {
		return "", api.ErrSchoolFull
	}
	random := s.o.Random()
	id := queue.OfficeID(fmt.Sprintf("%s%x", Prefix, random[:4]))
	r, err := newRoom(s.o, id, pupil, after, counter)
	if err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(s.context)
	r.stop = stop
	s.rooms[id] = r
	s.group.Go(func() { r.run(ctx) })
	return id, nil
}

// Of returns the room of a pupil, if there is one.
func (s *School) Of(pupil string) (Progress, bool) {
	s.mu.Lock()
	r, ok := s.of(pupil)
	s.mu.Unlock()
	if !ok {
		return Progress{}, false
	}
	return r.progress(), true
}

// End ends the room of a pupil.
func (s *School) End(pupil string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.of(pupil); ok {
		s.end(r.id)
	}
}

// of finds a pupil's room. The caller holds mu.
func (s *School) of(pupil string) (*room, bool) {
	for _, r := range s.rooms {
		if r.pupil == pupil {
			return r, true
		}
	}
	return nil, false
}

// end ends a room. The caller holds mu.
func (s *School) end(id queue.OfficeID) {
	s.rooms[id].stop()
	delete(s.rooms, id)
}

func (s *School) endLeft(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.rooms {
		if now.Sub(r.seen) > idleAfter || now.Sub(r.began) > longest {
			s.end(id)
		}
	}
}

// Wrap returns a handler that sends requests for practice offices to their rooms,
// and everything else on. A room that has ended is like an office that never was.
func (s *School) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := asked(r)
		if id == "" {
			next.ServeHTTP(w, r)
			return
		}
		s.mu.Lock()
		room, ok := s.rooms[id]
		if ok {
			room.seen = s.o.Wall()
		}
		s.mu.Unlock()
		switch {
		case ok:
			room.api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/staff/") && r.Method == http.MethodGet:
			http.Redirect(w, r, "/staff/practice", http.StatusSeeOther)
		default:
			next.ServeHTTP(w, r) // which knows no such office
		}
	})
}

// asked returns the practice office that a request is for, or "". The name stands
// in the path, or for live connections in the query.
func asked(r *http.Request) queue.OfficeID {
	path := r.URL.Path
	for _, before := range []string{"/api/v1/offices/", "/staff/", "/offices/", "/signage/"} {
		if rest, ok := strings.CutPrefix(path, before); ok {
			id, _, _ := strings.Cut(rest, "/")
			if strings.HasPrefix(id, Prefix) {
				return queue.OfficeID(id)
			}
		}
	}
	if path == "/api/v1/live" || path == "/api/v1/live/sse" {
		if id := r.URL.Query().Get("office"); strings.HasPrefix(id, Prefix) {
			return queue.OfficeID(id)
		}
	}
	return ""
}
