package keep

import (
	"fmt"
	"sync"

	"machi/internal/measure"
	"machi/internal/queue"
)

// maxRows bounds the rows of all answers that are kept.
const maxRows = 50_000

// answers are those of the newest questions. When there are too many, all are
// forgotten: they are found again in a fraction of a second.
type answers struct {
	mu   sync.Mutex
	all  map[string]measure.Answer
	rows int
	age  int // how often all were forgotten
}

func keyOf(q measure.Query, offices []queue.OfficeID) string {
	return fmt.Sprintf("%q %q %s %s %s", offices, q.Services, q.From, q.To, q.By)
}

func (a *answers) find(q measure.Query, offices []queue.OfficeID) (measure.Answer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.all[keyOf(q, offices)]
	found.Query = q
	return found, ok
}

// current returns what an answer must be of to be kept.
func (a *answers) current() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.age
}

// maxKey bounds the words of a question whose answer is kept, in bytes.
const maxKey = 2000

// keep keeps an answer that was begun at an age.
func (a *answers) keep(q measure.Query, offices []queue.OfficeID, found measure.Answer, age int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := keyOf(q, offices)
	if age != a.age || len(key) > maxKey {
		return
	}
	if a.rows += 1 + len(found.Rows); a.all == nil || a.rows > maxRows {
		a.all, a.rows = map[string]measure.Answer{}, 1+len(found.Rows)
	}
	a.all[key] = found
}

func (a *answers) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all, a.rows = nil, 0
	a.age++
}
