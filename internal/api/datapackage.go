package api

import (
	"encoding/json"

	"github.com/labstack/echo/v4"
)

// The open data as the Data Package standard describes it.
type (
	dataPackage struct {
		Profile   string         `json:"profile"`
		Name      string         `json:"name"`
		Title     string         `json:"title"`
		About     string         `json:"description"`
		Licences  []dataLicence  `json:"licenses"`
		Resources []dataResource `json:"resources"`
	}
	dataLicence struct {
		Name  string `json:"name"`
		Title string `json:"title"`
		Path  string `json:"path"`
	}
	dataResource struct {
		Profile  string      `json:"profile"`
		Name     string      `json:"name"`
		Title    string      `json:"title"`
		About    string      `json:"description"`
		Path     string      `json:"path"`
		Format   string      `json:"format"`
		Media    string      `json:"mediatype"`
		Encoding string      `json:"encoding"`
		Dialect  dataDialect `json:"dialect"`
		Schema   dataSchema  `json:"schema"`
	}
	dataDialect struct {
		Delimiter string `json:"delimiter"`
		Line      string `json:"lineTerminator"`
		Header    bool   `json:"header"`
	}
	dataSchema struct {
		Fields  []dataField `json:"fields"`
		Missing []string    `json:"missingValues"`
		Key     []string    `json:"primaryKey"`
	}
	// dataField is a column; its description is Japanese, and English behind a stroke.
	dataField struct {
		Name  string `json:"name"`
		Kind  string `json:"type"`
		About string `json:"description"`
	}
)

func resourceOf[R any](name, title, about string, columns []column[R], key ...string) dataResource {
	r := dataResource{
		Profile: "tabular-data-resource", Name: name, Title: title, About: about, Path: name + ".csv",
		Format: "csv", Media: "text/csv", Encoding: "utf-8", Dialect: dataDialect{",", "\r\n", true},
		Schema: dataSchema{Missing: []string{""}, Key: key},
	}
	for _, c := range columns {
		r.Schema.Fields = append(r.Schema.Fields, dataField{c.name, c.kind, c.ja + " / " + c.en})
	}
	return r
}

// datapackage is the dictionary of the tables, made of what writes them.
func (a *API) datapackage(c echo.Context) error {
	sjisToo := "UTF-8（BOM付き）。?encoding=sjis で Shift_JIS（ない文字は〓）/ UTF-8 with BOM; Shift_JIS with ?encoding=sjis"
	raw, err := json.Marshal(dataPackage{
		Profile: "tabular-data-package", Name: "machi-open-data",
		Title:    "窓口の混みぐあい / How busy the counters are",
		About:    "個人に関する情報は含みません。待ち時間は目安です。/ Nothing about persons. Waits are a guide.",
		Licences: []dataLicence{{"CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"}},
		Resources: []dataResource{
			resourceOf("congestion", "いまの混みぐあい / Waits now", sjisToo, congestionColumns, "office_id", "service_id"),
			resourceOf("history", "過去の混みぐあい（30分ごと）/ Closed days by half hour", "直近8週間の終わった日。?from ?to（31日まで）?office。"+sjisToo+" Closed days of the last eight weeks", historyColumns, "office_id", "service_id", "date", "from"),
			resourceOf("days", "窓口・手続き・日ごとの件数と時間 / Closed days by office and service", "?from ?to（93日まで）?office。"+sjisToo, dayColumns, "office_id", "service_id", "date"),
			resourceOf("months", "窓口・手続き・月ごとの件数と時間 / Months by office and service", "?from ?to（YYYY-MM、36か月まで）?office。日ごとの値の平均ではなく、月の全件からの集計 / Made of all visits of a month, never averages of days. "+sjisToo, monthColumns, "office_id", "service_id", "month"),
			resourceOf("plan", "年次別計画・実績 / Plan and results by fiscal year", "区全体の取組みと指標。?year。"+sjisToo, planColumns, "item_id", "fiscal_year"),
			resourceOf("record", "お知らせした目安と結果 / What people were told, and what became of it", sjisToo, recordColumns, "office_id", "told_from_seconds"),
			resourceOf("offices", "窓口の一覧 / Offices", sjisToo, officeColumns, "ID"),
		},
	})
	if err != nil {
		return err
	}
	return sendOpen(c, recordCache, echo.MIMEApplicationJSON, raw)
}
