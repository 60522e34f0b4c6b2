package api

import (
	"slices"
	"strconv"
)

// measuresColumns are the columns of the table: those of the key first.
var measuresColumns = slices.Concat(measuresKeys, measuresCounts,
	spreadColumns("until_called", "呼ばれるまで", "Until called", func(m measured) spread { return m.UntilCalled }),
	spreadColumns("until_leaving", "来庁から帰庁まで", "Arrival to leaving", func(m measured) spread { return m.Visit }),
	spreadColumns("at_counter", "窓口での手続き", "Talk at the counter", func(m measured) spread { return m.Counter }),
	spreadColumns("processing", "事務処理", "Back office", func(m measured) spread { return m.Processing }),
	spreadColumns("delivery", "交付（準備完了から）", "Delivery, from ready on", func(m measured) spread { return m.Delivery }),
	spreadColumns("told_error", "目安と実際の差", "Between what was told and the wait", func(m measured) spread { return m.ToldError }))

var measuresKeys = []column[measuresRow]{
	{"office_id", "string", "窓口のID", "Office", func(r measuresRow) string { return string(r.Office) }},
	{"service_id", "string", "手続きのID", "Service", func(r measuresRow) string { return string(r.Service) }},
	{"stage", "string", "段階", "Stage", func(r measuresRow) string { return string(r.Stage) }},
	{"from", "string", "時間帯の始まり", "When the hour or half hour begins", func(r measuresRow) string { return r.Clock }},
	{"weekday", "integer", "曜日（1が月曜日）", "Weekday, 1 is Monday", func(r measuresRow) string { return orNothing(r.Weekday) }},
	{"kind", "string", "日の種類", "Kind of day", func(r measuresRow) string { return r.Kind }},
	{"date", "date", "開庁日", "Business day", func(r measuresRow) string { return string(r.Date) }},
	{"month", "string", "月", "Month", func(r measuresRow) string { return r.Month }},
	{"year", "integer", "年", "Year", func(r measuresRow) string { return orNothing(r.Year) }},
	{"fiscal_year", "integer", "年度", "Fiscal year", func(r measuresRow) string { return orNothing(r.Fiscal) }},
}

func orNothing(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// measuresCounts are the counts of a row.
var measuresCounts = func() []column[measuresRow] {
	count := func(name, ja, en string, of func(measured) int) column[measuresRow] {
		return column[measuresRow]{name, "integer", ja, en, func(r measuresRow) string { return strconv.Itoa(of(r.measured)) }}
	}
	maybe := func(name, ja, en string, of func(measured) *int) column[measuresRow] {
		return column[measuresRow]{name, "integer", ja, en, func(r measuresRow) string { return whole(of(r.measured)) }}
	}
	number := func(name, ja, en string, of func(measured) *float64) column[measuresRow] {
		return column[measuresRow]{name, "number", ja, en, func(r measuresRow) string { return fraction(of(r.measured)) }}
	}
	return []column[measuresRow]{
		count("day_count", "日数", "Days", func(m measured) int { return m.Days }),
		count("arrivals", "受付数", "Numbers given", func(m measured) int { return m.Arrivals }),
		count("called", "呼出数", "Called", func(m measured) int { return m.Called }),
		count("served", "対応数", "Served", func(m measured) int { return m.Served }),
		count("no_shows", "不在", "Did not come", func(m measured) int { return m.NoShow }),
		count("withdrawn", "取消", "Withdrawn", func(m measured) int { return m.Left }),
		count("left_unseen", "未対応のまま終了", "Left unseen", func(m measured) int { return m.Unseen }),
		number("within_15_minutes_share", "15分以内に呼ばれた割合", "Share called within 15 minutes", func(m measured) *float64 { return m.Within15 }),
		number("within_30_minutes_share", "30分以内に呼ばれた割合", "Share called within 30 minutes", func(m measured) *float64 { return m.Within30 }),
		count("asked_for_more_time", "後回しを希望", "Asked for more time", func(m measured) int { return m.Postponed }),
		count("calls_unanswered", "呼出不在の回数", "Calls that nobody answered", func(m measured) int { return m.Absent }),
		maybe("restored", "復活", "Restored", func(m measured) *int { return m.Restored }),
		maybe("recalls", "再呼出", "Repeated calls", func(m measured) *int { return m.Recalls }),
		maybe("transfers", "転送", "Transfers", func(m measured) *int { return m.Transfers }),
		count("issued_offline", "通信断中の発券", "Given by machines on their own", func(m measured) int { return m.Alone }),
		count("priority", "優先", "Priority", func(m measured) int { return m.Priority }),
		count("by_kiosk", "発券機", "From machines", func(m measured) int { return m.Kiosk }),
		count("by_reception", "総合案内", "From the desk", func(m measured) int { return m.Reception }),
		count("by_web", "ウェブ", "From home", func(m measured) int { return m.Web }),
		count("by_appointment", "予約", "By appointment", func(m measured) int { return m.Appoint }),
		count("appointments", "予約数", "Appointments", func(m measured) int { return m.Booked }),
		count("appointments_kept", "予約来庁", "Appointments kept", func(m measured) int { return m.Kept }),
		count("appointments_missed", "予約不来庁", "Appointments missed", func(m measured) int { return m.Missed }),
		maybe("offered", "来庁不要の案内", "Ways not to wait shown", func(m measured) *int { return m.Offered }),
		maybe("diverted", "窓口以外へ誘導", "Diverted", func(m measured) *int { return m.Diverted }),
		maybe("kiosk_offline_seconds", "発券機の単独運転（秒）", "Machines on their own (s)", func(m measured) *int { return m.Offline }),
		maybe("counters_open_seconds", "窓口の開設時間の合計（秒）", "Counters open (s)", func(m measured) *int { return m.Open }),
		count("counters_busy_seconds", "窓口の対応時間の合計（秒）", "Counters busy (s)", func(m measured) int { return m.Busy }),
		count("staff_saved_seconds", "職員時間の削減見込み（秒）", "Staff time saved, by estimate (s)", func(m measured) int { return m.Saved }),
		number("flattening", "平準化指数（最多の1時間÷平均の1時間）", "Busiest hour over the mean hour", func(m measured) *float64 { return m.Peak }),
		count("told", "目安を比べた数", "Promises compared", func(m measured) int { return m.ToldPeople }),
		count("told_kept", "目安のとおり", "Within what was told", func(m measured) int { return m.ToldKept }),
		count("told_early", "目安より早い", "Earlier", func(m measured) int { return m.ToldEarly }),
		count("told_late", "目安より遅い", "Later", func(m measured) int { return m.ToldLate }),
		maybe("told_mean_bias_seconds", "目安との差の平均（秒）", "Mean of wait minus what was told (s)", func(m measured) *int { return m.ToldBias }),
	}
}()

func fraction(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

func spreadColumns(name, ja, en string, of func(measured) spread) []column[measuresRow] {
	second := func(suffix, more, moreEN string, pick func(spread) *int) column[measuresRow] {
		return column[measuresRow]{name + "_" + suffix, "integer", ja + more, en + moreEN, func(r measuresRow) string { return whole(pick(of(r.measured))) }}
	}
	return []column[measuresRow]{
		{name + "_count", "integer", ja + "：件数", en + ": how many", func(r measuresRow) string { return strconv.Itoa(of(r.measured).Count) }},
		second("mean_seconds", "：平均（秒）", ", mean (s)", func(s spread) *int { return s.Mean }),
		second("p50_seconds", "：中央値（秒）", ", median (s)", func(s spread) *int { return s.P50 }),
		second("p90_seconds", "：90％値（秒）", ", 90th percentile (s)", func(s spread) *int { return s.P90 }),
		second("max_seconds", "：最大（秒）", ", longest (s)", func(s spread) *int { return s.Max }),
	}
}
