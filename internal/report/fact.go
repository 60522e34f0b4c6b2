package report

import (
	"time"

	"machi/internal/measure"
	"machi/internal/queue"
)

// Fact is a row for business intelligence: one service of one office on one day, or in
// one hour of it. Counts and seconds can be added up, quantiles and maxima cannot; with
// the sums and counts beside them means can be made of any rows together.
type Fact struct {
	Office     string `parquet:"office_id,dict"`
	OfficeName string `parquet:"office_name,dict"`
	Service    string `parquet:"service_id,dict"`
	Name       string `parquet:"service_name,dict"`
	Date       int32  `parquet:"date,date"` // days since 1970
	Hour       *int32 `parquet:"hour,optional"`
	Weekday    int32  `parquet:"weekday"` // 1, Monday, to 7
	Fiscal     int32  `parquet:"fiscal_year"`

	Arrivals int64 `parquet:"arrivals"`
	Called   int64 `parquet:"called"`
	Served   int64 `parquet:"served"`
	NoShow   int64 `parquet:"no_show"`
	Left     int64 `parquet:"left"`
	Unseen   int64 `parquet:"unseen"`
	Within15 int64 `parquet:"within_15"`
	Within30 int64 `parquet:"within_30"`

	ByKiosk       int64 `parquet:"by_kiosk"`
	ByReception   int64 `parquet:"by_reception"`
	ByWeb         int64 `parquet:"by_web"`
	ByAppointment int64 `parquet:"by_appointment"`
	Booked        int64 `parquet:"appointments"`
	Kept          int64 `parquet:"appointments_kept"`

	ToldPeople int64 `parquet:"told"`
	ToldKept   int64 `parquet:"told_kept"`
	ToldLate   int64 `parquet:"told_late"`

	Restored  *int64 `parquet:"restored,optional"`
	Recalls   *int64 `parquet:"recalls,optional"`
	Transfers *int64 `parquet:"transfers,optional"`
	Offered   *int64 `parquet:"offered,optional"`
	Diverted  *int64 `parquet:"diverted,optional"`

	Wait       Took `parquet:"until_called"`
	Visit      Took `parquet:"visit"`
	Talk       Took `parquet:"service"`
	Processing Took `parquet:"processing"`
	Delivery   Took `parquet:"delivery"`
}

// Took is how long something took. All but the count and the sum are empty where it
// never happened.
type Took struct {
	Count int64    `parquet:"count"`
	Sum   float64  `parquet:"sum_seconds"`
	P50   *float64 `parquet:"p50_seconds,optional"`
	P90   *float64 `parquet:"p90_seconds,optional"`
	Max   *float64 `parquet:"max_seconds,optional"`
}

// Facts returns the rows of some offices' days, one answer for each month and office so
// that none is too large. With hourly each row is an hour. The error is that of ask or
// of take, which is given the rows of one answer after the other.
func Facts(offices []Office, from, to queue.Date, hourly bool, ask Ask, take func([]Fact) error) error {
	by := []measure.Dimension{measure.ByService, measure.ByDate}
	if hourly {
		by = append(by, measure.ByHour)
	}
	for at := from; at <= to; {
		end := min(PeriodOf(Month, at).To, to)
		for _, office := range offices {
			a, err := ask(measure.Query{Offices: []queue.OfficeID{office.ID}, From: at, To: end, By: by})
			if err != nil {
				return err
			}
			rows := make([]Fact, len(a.Rows))
			for i, r := range a.Rows {
				rows[i] = factOf(office, r, hourly)
			}
			if err := take(rows); err != nil {
				return err
			}
		}
		at = dateOf(timeOf(end).AddDate(0, 0, 1))
	}
	return nil
}

func factOf(office Office, r measure.Row, hourly bool) Fact {
	name := Words{JA: string(r.Key.Service)}
	for _, s := range office.Services {
		if s.ID == r.Key.Service {
			name = s.Name
		}
	}
	day := timeOf(r.Date)
	f := Fact{
		Office: string(office.ID), OfficeName: office.Name.JA, Service: string(r.Key.Service), Name: name.JA,
		Date: int32(day.Unix() / int64(24*time.Hour/time.Second)), Weekday: int32((day.Weekday()+6)%7 + 1), Fiscal: int32(timeOf(PeriodOf(Year, r.Date).From).Year()),
		Arrivals: int64(r.Arrivals), Called: int64(r.Called), Served: int64(r.Served), NoShow: int64(r.NoShow), Left: int64(r.Left), Unseen: int64(r.Unseen),
		Within15: int64(r.Within15), Within30: int64(r.Within30),
		ByKiosk: int64(r.Channels.Kiosk), ByReception: int64(r.Channels.Reception), ByWeb: int64(r.Channels.Web), ByAppointment: int64(r.Channels.Appointment),
		Booked: int64(r.Appointments.Booked), Kept: int64(r.Appointments.Kept),
		ToldPeople: int64(r.Told.People), ToldKept: int64(r.Told.Kept), ToldLate: int64(r.Told.Late),
		Wait: tookOf(r.UntilCalled), Visit: tookOf(r.Visit), Talk: tookOf(r.Figures.Service), Processing: tookOf(r.Processing), Delivery: tookOf(r.Delivery),
	}
	if hourly {
		hour := int32(r.Half / 2)
		f.Hour = &hour
	}
	if r.Logged > 0 {
		f.Restored, f.Recalls, f.Transfers = known(r.Restored), known(r.Recalls), known(r.Transfers)
	}
	if r.Counted > 0 && !hourly { // no hour is known of them
		f.Offered, f.Diverted = known(r.Offered), known(r.Diverted)
	}
	return f
}

func known(n int) *int64 {
	wide := int64(n)
	return &wide
}

func tookOf(d measure.Dist) Took {
	t := Took{Count: int64(d.Count), Sum: d.Sum().Seconds()}
	if d.Count > 0 {
		p50, p90, most := d.P50.Seconds(), d.P90.Seconds(), d.Max.Seconds()
		t.P50, t.P90, t.Max = &p50, &p90, &most
	}
	return t
}
