package kiosk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/queue"
)

const (
	// lessonsEvery is how often the server is asked for lessons that it may have by
	// now; it answers in a line where nothing has changed.
	lessonsEvery = 5 * time.Minute
	// maxLessons bounds what is read of them.
	maxLessons = 1 << 20
)

// lessons are what the days before have taught about waits, as the server keeps
// them. The machine keeps the newest on its disk and works with them while it is
// cut off, however old they are.
type lessons struct {
	path string

	mu    sync.Mutex
	known storedLessons
	asked time.Duration // on the timer; 0: never
}

// storedLessons is the server's answer, and the file.
type storedLessons struct {
	Date    queue.Date     `json:"date"`
	Hash    string         `json:"hash"`
	ETag    string         `json:"etag,omitempty"`
	Lessons *place.Lessons `json:"lessons"`
}

// openLessons reads what is kept. What cannot be read is asked for again.
func openLessons(dir string) *lessons {
	l := &lessons{path: filepath.Join(dir, "lessons.json")}
	raw, err := os.ReadFile(l.path)
	if err == nil {
		err = json.Unmarshal(raw, &l.known)
	}
	if err != nil {
		l.known = storedLessons{}
	}
	return l
}

// current returns the newest lessons; nil: none are known.
func (l *lessons) current() *place.Lessons {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known.Lessons
}

// due reports whether the server should be asked, and what for: at once for a day
// whose lessons are not known, then now and then.
func (l *lessons) due(date queue.Date, timer time.Duration) (etag string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := lessonsEvery
	if l.known.Date != date {
		wait = healthEvery
	}
	if l.asked != 0 && timer-l.asked < wait {
		return "", false
	}
	l.asked = max(1, timer)
	return l.known.ETag, true
}

// keep takes other lessons. The same ones of another day change nothing, so that no
// estimator begins again for them.
func (l *lessons) keep(got storedLessons) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if got.Hash == l.known.Hash && got.Hash != "" {
		got.Lessons = l.known.Lessons
	}
	l.known = got
	raw, err := json.Marshal(got)
	if err == nil {
		err = replaceFile(l.path, raw)
	}
	if err != nil {
		return fmt.Errorf("kiosk: lessons: %w", err)
	}
	return nil
}

// askLessons asks the server, if that is due. An older server knows none.
func (k *Kiosk) askLessons(ctx context.Context, date queue.Date) {
	etag, due := k.lessons.due(date, k.watch.now().Timer)
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	got, changed, err := k.client.lessons(ctx, etag)
	if err == nil && changed {
		err = k.lessons.keep(got)
	}
	if err != nil {
		k.o.Logger.Warn("no lessons for the wait estimates", "error", err)
	}
}

// lessons fetches today's lessons; false: those of the tag are still the newest, or the
// server is an older one.
func (c *client) lessons(ctx context.Context, etag string) (storedLessons, bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.JoinPath("lessons").String(), http.NoBody)
	if err != nil {
		return storedLessons{}, false, err
	}
	req.Header.Set("Accept", "application/json")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return storedLessons{}, false, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxLessons))
	switch {
	case err != nil:
		return storedLessons{}, false, err
	case answer.StatusCode == http.StatusNotModified, answer.StatusCode == http.StatusNotFound:
		return storedLessons{}, false, nil
	case answer.StatusCode != http.StatusOK:
		return storedLessons{}, false, fmt.Errorf("server: %s", answer.Status)
	}
	got := storedLessons{}
	if err := json.Unmarshal(raw, &got); err != nil {
		return storedLessons{}, false, err
	}
	got.ETag = answer.Header.Get("ETag")
	return got, true, nil
}

// replaceFile writes a file so that a crash leaves the old or the new one.
func replaceFile(path string, raw []byte) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
