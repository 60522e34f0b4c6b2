package history

import (
	"context"
	"fmt"

	"machi/internal/queue"
)

// Versions says of each date of an office's tables, of those from one date to another,
// which table is in force: the text of a date is another one where the table is, and
// sometimes where the table is the same.
func (a *Archive) Versions(ctx context.Context, office queue.OfficeID, from, to queue.Date) (map[queue.Date]string, error) {
	versions := map[queue.Date]string{}
	from = max(from, a.oldest())
	for _, name := range a.between(office, from, to) {
		err := a.within(ctx, office, name, func(m *month) error {
			for date, at := range m.index.Tables {
				if from <= date && date <= to {
					versions[date] = fmt.Sprintf("%x/%d/%d", m.head.Incarnation[:], at.Part, at.Number)
				}
			}
			return nil
		})
		if err != nil {
			return versions, err
		}
	}
	return versions, nil
}
