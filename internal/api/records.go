package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

type recordsAnswer struct {
	Records []eventlog.Record `json:"records"`
	Head    eventlog.Head     `json:"head"`
	Time    time.Time         `json:"time"`
}

// records hands out confirmed records, waiting for the next one if asked to.
func (a *API) records(c echo.Context) error {
	q, err := a.recordsQuery(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), q.wait)
	defer cancel()
	if q.wait > 0 {
		go a.endWithServer(ctx, cancel)
		go a.endWithDevice(ctx, cancel, identityOf(c))
	}
	for {
		list, head, err := a.ward.Records(c.Request().Context(), officeOf(c), q.date, q.after, q.limit)
		if outOfReach(err) {
			list, head, err = nil, eventlog.Head{}, nil
		}
		if err != nil {
			return err
		}
		if len(list) == 0 && q.wait > 0 && a.ward.Wait(ctx, officeOf(c), head) == nil {
			continue
		}
		if err := a.stillDevice(c); err != nil {
			return err
		}
		if list == nil {
			list = []eventlog.Record{}
		}
		return answer(c, http.StatusOK, recordsAnswer{list, head, a.now().In(queue.JST)})
	}
}

// outOfReach reports whether a day is too far away to have records here. A machine
// whose clock is wrong asks for such days, and needs the server's time to mend it.
func outOfReach(err error) bool {
	var no *queue.Refusal
	return errors.As(err, &no) && no.Code == queue.OutOfRange && no.Field == "date"
}

// endWithServer ends a wait when the server goes down: nobody should have to wait
// for a poll that waits for news. It ends with the wait itself.
func (a *API) endWithServer(ctx context.Context, cancel context.CancelFunc) {
	select {
	case <-a.hub.Done():
		cancel()
	case <-ctx.Done():
	}
}

type recordsQuery struct {
	after int64
	limit int
	wait  time.Duration
	date  queue.Date
}

func (a *API) recordsQuery(c echo.Context) (recordsQuery, error) {
	after, err := numberParam(c, "after", 0, 0, 1<<53)
	if err != nil {
		return recordsQuery{}, err
	}
	limit, err := numberParam(c, "limit", maxRecords, 1, maxRecords)
	if err != nil {
		return recordsQuery{}, err
	}
	wait, err := numberParam(c, "wait", 0, 0, int64(maxWait/time.Second))
	if err != nil {
		return recordsQuery{}, err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return recordsQuery{}, err
	}
	date, err := dateParam(c, "date", view.Date)
	q := recordsQuery{after, int(limit), time.Duration(wait) * time.Second, date}
	if date != view.Date {
		q.wait = 0 // another day's log does not grow
	}
	return q, err
}

func numberParam(c echo.Context, name string, otherwise, least, most int64) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, problemf(codeBadValue, name, "want a number from %d to %d", least, most)
	}
	return n, nil
}
