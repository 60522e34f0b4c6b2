package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/calendar"
	"machi/internal/catalog"
	"machi/internal/queue"
)

// officeRow is an office as municipal open data lists facilities.
type officeRow struct {
	Code         string         `json:"municipality_code"` // national code, check digit included
	ID           queue.OfficeID `json:"id"`
	Municipality string         `json:"municipality_name"`
	Name         string         `json:"name"`
	Kana         string         `json:"name_kana"`
	English      string         `json:"name_en"`
	Address      string         `json:"address"`
	Lat          *float64       `json:"latitude"`
	Lng          *float64       `json:"longitude"`
	Phone        string         `json:"phone"`
	Weekdays     string         `json:"weekdays"` // 月火水木金
	Opens        string         `json:"opens"`    // of weekdays
	Closes       string         `json:"closes"`
	Remark       string         `json:"hours_remark"`
	Access       string         `json:"access"`
	Page         string         `json:"url"`
	Note         string         `json:"note"` // what the municipality must still confirm
}

// officeColumns bear the names of the municipal standard for lists of facilities.
var officeColumns = []column[officeRow]{
	{"全国地方公共団体コード", "string", "検査数字を含む6桁", "National local-government code, with its check digit", func(r officeRow) string { return r.Code }},
	{"ID", "string", "窓口のID", "Office", func(r officeRow) string { return string(r.ID) }},
	{"地方公共団体名", "string", "都道府県と市区町村の名称", "Prefecture and municipality", func(r officeRow) string { return r.Municipality }},
	{"名称", "string", "窓口の名称", "Name", func(r officeRow) string { return r.Name }},
	{"名称_カナ", "string", "窓口の名称のカナ", "Reading", func(r officeRow) string { return r.Kana }},
	{"名称_英語", "string", "窓口の英語の名称", "Name in English", func(r officeRow) string { return r.English }},
	{"所在地_連結表記", "string", "住所", "Address", func(r officeRow) string { return r.Address }},
	{"緯度", "number", "緯度（世界測地系、度。空欄は未登録）", "Latitude (degrees); empty: not known", func(r officeRow) string { return degrees(r.Lat) }},
	{"経度", "number", "経度（世界測地系、度。空欄は未登録）", "Longitude (degrees); empty: not known", func(r officeRow) string { return degrees(r.Lng) }},
	{"電話番号", "string", "電話番号", "Telephone", func(r officeRow) string { return r.Phone }},
	{"利用可能曜日", "string", "受付する曜日", "Days of the week with reception", func(r officeRow) string { return r.Weekdays }},
	{"開始時間", "time", "平日の受付の始まり", "Reception begins, on weekdays", func(r officeRow) string { return r.Opens }},
	{"終了時間", "time", "平日の受付の終わり", "Reception ends, on weekdays", func(r officeRow) string { return r.Closes }},
	{"利用可能日時特記事項", "string", "土日の受付時間と、これから先の臨時の休み・時間の変更", "Hours on weekends, and exceptions to come", func(r officeRow) string { return r.Remark }},
	{"アクセス方法", "string", "行き方", "How to get there", func(r officeRow) string { return r.Access }},
	{"URL", "string", "案内ページ", "Page of the district", func(r officeRow) string { return r.Page }},
	{"備考", "string", "区の確認が済んでいない項目", "What the municipality must still confirm", func(r officeRow) string { return r.Note }},
}

func degrees(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

func (a *API) officeRows() []officeRow {
	rows := []officeRow{}
	if a.catalog == nil {
		return rows
	}
	c := a.catalog()
	today := calendar.DayOf(a.now().In(queue.JST))
	for _, o := range c.Offices {
		rows = append(rows, officeRowOf(c, o, today))
	}
	return rows
}

func officeRowOf(c *catalog.Catalog, o *catalog.Office, today calendar.Day) officeRow {
	r := officeRow{
		Code: c.Of.Code, ID: o.ID, Municipality: c.Of.Prefecture + c.Ward["ja"], Name: o.Name["ja"], Kana: katakana(o.Kana), English: o.Name["en"],
		Address: o.Address, Phone: o.Phone, Access: o.Access["ja"], Page: o.Page, Note: strings.Join(o.Unconfirmed, "; "),
	}
	if len(o.Position) == 2 {
		r.Lat, r.Lng = &o.Position[0], &o.Position[1]
	}
	for _, day := range []struct {
		hours calendar.Hours
		names string
	}{{o.Schedule.Weekdays, "月火水木金"}, {o.Schedule.Saturday, "土"}, {o.Schedule.Sunday, "日"}} {
		if !day.hours.Closed() {
			r.Weekdays += day.names
		}
	}
	if h := o.Schedule.Weekdays; !h.Closed() {
		r.Opens, r.Closes = timeOfDay(h.Opens), timeOfDay(h.Closes)
	}
	r.Remark = remark(o.Schedule, today)
	return r
}

// remark says in words when an office does not keep its weekday hours.
func remark(s calendar.Schedule, today calendar.Day) string {
	var parts []string
	if !s.Saturday.Closed() {
		parts = append(parts, "土曜 "+spanOfDay(s.Saturday))
	}
	if !s.Sunday.Closed() {
		parts = append(parts, "日曜・祝日 "+spanOfDay(s.Sunday))
	}
	var days []calendar.Day
	for d := range s.Exceptions {
		if d.String() >= today.String() {
			days = append(days, d)
		}
	}
	slices.SortFunc(days, func(a, b calendar.Day) int { return strings.Compare(a.String(), b.String()) })
	for _, d := range days {
		parts = append(parts, strings.TrimSpace(d.String()+" "+spanOfDay(s.Exceptions[d])+" "+s.Exceptions[d].Reason))
	}
	return strings.Join(parts, "; ")
}

func spanOfDay(h calendar.Hours) string {
	if h.Closed() {
		return "休み"
	}
	return timeOfDay(h.Opens) + "-" + timeOfDay(h.Closes)
}

func timeOfDay(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// katakana writes hiragana as katakana.
func katakana(text string) string {
	return strings.Map(func(r rune) rune {
		if 'ぁ' <= r && r <= 'ゖ' {
			return r + 'ァ' - 'ぁ'
		}
		return r
	}, text)
}

func (a *API) officesJSON(c echo.Context) error {
	raw, err := json.Marshal(map[string]any{"rows": a.officeRows()})
	if err != nil {
		return err
	}
	return sendOpen(c, recordCache, echo.MIMEApplicationJSON, raw)
}

func (a *API) officesCSV(c echo.Context) error {
	return sendTable(a, c, recordCache, "offices.csv", officeColumns, a.officeRows())
}
