package server

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/api"
	"machi/internal/guide"
	"machi/internal/practice"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// openPractice opens the school: practice offices live in this server's memory,
// also in a rehearsal, and end with it.
func (s *Server) openPractice() error {
	s.school = practice.New(practice.Options{
		Auth: authenticator{s.keeper, s.people}, People: s.people, Settings: s.settings, Info: s.infos.of, Now: s.now, Wall: time.Now, Random: random16,
		Proxies: s.options.Proxies, Secure: s.options.Secure, Logger: s.options.Logger,
		Guide: func(room, after queue.OfficeID) api.Guide { return guideAfter{s.guide, room, after} },
		Pages: func(stage practice.Stage) (api.Pages, error) {
			identify := func(c echo.Context) (page.Identity, bool) {
				id, err := stage.Identify(c.Request())
				return page.Identity{Name: id.Name}, err == nil && id.Role == api.RoleStaff && id.Owes == ""
			}
			source := views{stage.Hub, func() []queue.OfficeID { return []queue.OfficeID{stage.Office} }, page.NoRecords{}}
			return s.pagesOf(source, guideAfter{s.guide, stage.Office, stage.After}, true, stage.Now, identify)
		},
	})
	return nil
}

// guideAfter is the guide of a practice office: that of the office it is made after.
type guideAfter struct {
	*guide.Guide
	room, after queue.OfficeID
}

// Find returns what a query means at the room.
func (g guideAfter) Find(office queue.OfficeID, query string) (guide.Answer, bool) {
	return g.Guide.Find(g.real(office), query)
}

// Matter returns a matter as the room has it.
func (g guideAfter) Matter(office queue.OfficeID, id string) (guide.Matter, bool) {
	return g.Guide.Matter(g.real(office), id)
}

func (g guideAfter) real(office queue.OfficeID) queue.OfficeID {
	if office == g.room {
		return g.after
	}
	return office
}

// front is what the public listener answers with: practice offices apart, the API
// and the pages.
func (s *Server) front() http.Handler { return s.school.Wrap(s.api) }

// practiceRoom tells a page how far the person who asks has come in practice.
func (s *Server) practiceRoom(c echo.Context) (page.Practice, bool) {
	id, err := s.api.IdentityOf(c.Request())
	if err != nil {
		return page.Practice{}, false
	}
	p, ok := s.school.Of(id.Pupil())
	if !ok {
		return page.Practice{}, false
	}
	room := page.Practice{Office: p.Office, Counter: p.Counter, Done: p.Done, Total: p.Total}
	for _, l := range p.Lessons {
		room.Lessons = append(room.Lessons, page.Lesson{ID: l.ID, Done: l.Done})
	}
	return room, true
}
