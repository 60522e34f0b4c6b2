package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"machi/internal/queue"
)

// inJapanese says what an event means to a branch manager.
var inJapanese = map[string]string{
	"day_opened": "開庁", "settings_changed": "設定変更", "day_closed": "閉庁", "range_bound": "番号帯の割当",
	"service_set": "業務の受付", "office_set": "拠点の受付", "action_undone": "取り消し（元に戻す）",
	"counter_opened": "窓口開設", "counter_suspended": "窓口休止", "counter_shut": "窓口閉鎖",
	"help_asked": "応援依頼", "help_answered": "応援回答", "ticket_issued": "発券", "ticket_called": "呼出",
	"ticket_recalled": "再呼出", "service_started": "対応開始", "service_finished": "対応終了", "quick_served": "番号札なし対応",
	"ticket_ready": "交付準備完了", "ticket_missed": "不在", "ticket_restored": "復帰", "ticket_held": "保留",
	"ticket_resumed": "保留解除", "ticket_transferred": "振替", "ticket_sent_away": "他拠点へ", "service_added": "業務追加",
	"priority_set": "優先扱い", "ticket_deferred": "後回し", "ticket_withdrawn": "辞退", "note_added": "メモ",
	"ticket_arrived": "来庁", "kiosk_reported": "発券機の報告", "kiosk_acted": "発券機での操作",
	"ticket_flagged": "印", "ticket_closed": "不在のまま終了", "ticket_expired": "時間切れ",
	"ticket_served": "番号で対応", "ticket_announced": "交付の呼出", "ticket_merged": "札をまとめた",
}

var reasonsInJapanese = map[queue.ReasonCode]string{
	queue.ReasonOvertaken: "これ以上追い越さない", queue.ReasonAppointment: "予約の時刻", queue.ReasonMaxWait: "最大待ち時間を超えた",
	queue.ReasonOwnService: "この窓口の担当業務", queue.ReasonPriority: "優先", queue.ReasonTurn: "一般の順番",
	queue.ReasonLongest: "最も長く待っている", queue.ReasonChosen: "職員が選んだ",
}

// describe writes events for people.
func (s *story) describe(state *queue.State, events []queue.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		words := []string{inJapanese[queue.Kind(e)]}
		if t, ok := state.Ticket(queue.TicketOf(e)); ok {
			words = append(words, s.label(t))
		}
		out[i] = strings.Join(append(words, details(e)...), " ")
	}
	if len(events) == 0 {
		return []string{"（何も起きない）"}
	}
	return out
}

// label names a ticket: its number, what it was before, and its flags.
func (s *story) label(t *queue.Ticket) string {
	text := string(t.Number)
	if text == "" {
		text = "（番号なし）"
	}
	if t.Priority {
		text += "優"
	}
	if t.Away {
		text += "（来庁前）"
	}
	for _, former := range t.Former {
		text += fmt.Sprintf("（旧%s）", former)
	}
	for _, f := range t.Flags {
		text += fmt.Sprintf("[%s]", f)
	}
	return text
}

func details(e queue.Event) []string {
	switch e := e.(type) {
	case queue.TicketIssued:
		return []string{string(e.Service)}
	case queue.TicketCalled:
		return []string{"窓口" + string(e.Counter), reasonsInJapanese[e.Reason.Code]}
	case queue.ServiceStarted:
		return append([]string{"窓口" + string(e.Counter)}, pressedAt(e.At)...)
	case queue.ServiceFinished:
		words := ended(e.Counter, e.Status, e.To)
		for _, v := range e.Served {
			words = append(words, fmt.Sprintf("%s×%d", v.Service, v.Quantity))
		}
		return append(words, pressedAt(e.At)...)
	case queue.TicketServed:
		words := ended(e.Counter, e.Status, e.To)
		if !e.Started.IsZero() {
			words = append(words, e.Started.In(queue.JST).Format("15:04から"))
		}
		return append(words, pressedAt(e.At)...)
	case queue.TicketAnnounced:
		return []string{"窓口" + string(e.Counter)}
	case queue.TicketMerged:
		return append([]string{e.Arrival.In(queue.JST).Format("15:04着")}, idWords(e.Further)...)
	case queue.TicketMissed:
		return pressedAt(e.At)
	case queue.TicketDeferred:
		return []string{e.Until.In(queue.JST).Format("15:04まで")}
	case queue.NoteAdded:
		return []string{e.Note.Text, e.Note.At.In(queue.JST).Format("（15:04）")}
	case queue.CounterOpened:
		words := []string{string(e.Counter), e.Staff}
		if e.From != "" {
			words = append(words, "（"+e.From+"から引き継ぎ）")
		}
		return words
	case queue.CounterSuspended:
		return []string{string(e.Counter), e.Reason}
	case queue.CounterShut:
		return []string{string(e.Counter)}
	case queue.TicketTransferred:
		return []string{"→ " + string(e.To.Service), string(e.Only)}
	case queue.TicketSentAway:
		return []string{"→ " + string(e.Office)}
	case queue.TicketHeld:
		words := []string{e.Reason, e.By}
		if e.Room != "" {
			words = append(words, "@"+e.Room)
		}
		return append(words, pressedAt(e.At)...)
	case queue.ServiceSet:
		return []string{string(e.Service), e.State, e.Message}
	case queue.RangeBound:
		return []string{string(e.Kiosk), fmt.Sprint(e.Slot), e.Store}
	case queue.KioskReported:
		r := e.Report
		return []string{string(e.Kiosk), "プリンター:" + r.Printer, "用紙:" + r.Paper, "回線:" + r.Link}
	case queue.KioskActed:
		return slices.DeleteFunc([]string{string(e.Kiosk), string(e.Action), string(e.Service), e.Detail}, func(w string) bool { return w == "" })
	case queue.ServiceAdded:
		return []string{string(e.Service)}
	}
	return nil
}

// ended tells where a talk was, and where the visitor goes.
func ended(counter queue.CounterID, to queue.Status, line queue.Line) []string {
	words := []string{"窓口" + string(counter), statusesInJapanese[to]}
	if to == queue.Waiting {
		words = append(words, "→ "+string(line.Service))
	}
	return words
}

// pressedAt tells when a press was made that came late.
func pressedAt(at time.Time) []string {
	if at.IsZero() {
		return nil
	}
	return []string{at.In(queue.JST).Format("（押したのは15:04:05）")}
}

func idWords(ids []queue.ServiceID) []string {
	var words []string
	for _, id := range ids {
		words = append(words, "+"+string(id))
	}
	return words
}

var statusesInJapanese = map[queue.Status]string{
	queue.Waiting: "待ち", queue.Called: "呼出中", queue.Serving: "対応中", queue.Processing: "処理中", queue.Held: "保留",
	queue.NoShow: "不在", queue.Done: "終了", queue.Withdrawn: "辞退", queue.Closed: "不在のまま終了", queue.Expired: "時間切れ",
}

// board shows the office: its counters, its lines in order, and everybody else.
func (s *story) board() []string {
	state := s.log("").State
	var out []string
	for _, c := range state.Counters() {
		if c.State == queue.CounterClosed && c.Ticket == "" {
			continue
		}
		text := fmt.Sprintf("窓口%s %s", c.ID, c.State)
		if t, ok := state.Ticket(c.Ticket); ok {
			text += " " + s.label(t) + statusesInJapanese[t.Status]
		}
		out = append(out, text)
	}
	for _, line := range state.Lines() {
		words := []string{fmt.Sprintf("%s・%s:", line.Service, line.Stage)}
		for _, t := range state.Line(line) {
			words = append(words, s.label(t))
		}
		out = append(out, strings.Join(words, " "))
	}
	for _, status := range queue.Statuses {
		var words []string
		for _, t := range state.Tickets() {
			if t.Status == status && status != queue.Waiting && !status.AtCounter() {
				words = append(words, s.label(t))
			}
		}
		if len(words) > 0 {
			out = append(out, statusesInJapanese[status]+": "+strings.Join(words, " "))
		}
	}
	return out
}
