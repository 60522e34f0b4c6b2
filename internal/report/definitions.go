package report

import (
	"time"

	"machi/internal/measure"
)

// Dictionary is every figure that a report can hold, in the order in which it is told.
var Dictionary = []Definition{
	{"arrivals", Words{"発券数", "Numbers given"}, Count, Words{"番号札を受け取った件数。自宅などで取った番号は、窓口に着いて確認した時刻に数えます（来庁のないまま失効したものは発券した時刻）。", "How many took a number. Numbers taken from home count at the time of the check-in, or of the issue where nobody came."}, 0, counted(func(f measure.Figures) int { return f.Arrivals })},
	{"called", Words{"呼出数", "Called"}, Count, Words{"発券数のうち、一度でもお呼びした件数。", "Of the numbers given, those that were called at least once."}, 0, counted(func(f measure.Figures) int { return f.Called })},
	{"served", Words{"対応数", "Served"}, Count, Words{"発券数のうち、窓口で対応した件数。", "Of the numbers given, those that were served."}, 0, counted(func(f measure.Figures) int { return f.Served })},
	{"no_show", Words{"不在", "No-shows"}, Count, Words{"お呼びしても来られず、対応しないまま終わった件数。", "Called, did not come, and never served."}, -1, counted(func(f measure.Figures) int { return f.NoShow })},
	{"left", Words{"取下げ", "Withdrawn"}, Count, Words{"対応の前に本人または職員が取り下げた件数。自宅などで取った番号で、来庁のないまま失効したものを含みます。", "Withdrawn before they were served, or taken from home by somebody who never came."}, -1, counted(func(f measure.Figures) int { return f.Left })},
	{"unseen", Words{"未対応", "Left unseen"}, Count, Words{"受付終了までに対応できなかった件数。発券数＝対応数＋不在＋取下げ＋未対応。", "The day ended first. Numbers given = served + no-shows + withdrawn + left unseen."}, -1, counted(func(f measure.Figures) int { return f.Unseen })},
	{"wait_p50", Words{"呼出まで 中央値", "Until called, median"}, Minutes, Words{"来庁から最初の呼出までの時間。半数の方がこの時間以内でした。後で呼ぶよう希望した方は含みません。", "From arrival to the first call; half waited at most so long. Without those who asked to be called later."}, -1, took(wait, middle)},
	{"wait_p90", Words{"呼出まで 9割", "Until called, 90%"}, Minutes, Words{"9割の方がこの時間以内に呼び出されました。", "Nine in ten were called within this time."}, -1, took(wait, ninth)},
	{"wait_max", Words{"呼出まで 最大", "Until called, longest"}, Minutes, Words{"最も長くお待ちになった方の、呼出までの時間。", "The longest wait until the first call."}, -1, took(wait, most)},
	{"within15", Words{"15分以内", "Within 15 min"}, Share, Words{"呼び出した方のうち、15分以内に呼び出した割合。", "Of those called, the share that was called within 15 minutes."}, 1, part(func(f measure.Figures) (int, int) { return f.Within15, f.UntilCalled.Count })},
	{"within30", Words{"30分以内", "Within 30 min"}, Share, Words{"呼び出した方のうち、30分以内に呼び出した割合。", "Of those called, the share that was called within 30 minutes."}, 1, part(func(f measure.Figures) (int, int) { return f.Within30, f.UntilCalled.Count })},
	{"visit_p50", Words{"来庁から帰庁 中央値", "Arrival to leaving, median"}, Minutes, Words{"来庁から、最後の手続き（交付を含む）が終わるまでの時間。半数の方がこの時間以内でした。", "From arrival until the last step, delivery included, was over; half took at most so long."}, -1, took(visit, middle)},
	{"visit_p90", Words{"来庁から帰庁 9割", "Arrival to leaving, 90%"}, Minutes, Words{"9割の方がこの時間以内に手続きを終えました。", "Nine in ten were done within this time."}, -1, took(visit, ninth)},
	{"visit_max", Words{"来庁から帰庁 最大", "Arrival to leaving, longest"}, Minutes, Words{"最も長くかかった方の、来庁から帰庁までの時間。", "The longest time from arrival to leaving."}, -1, took(visit, most)},
	{"talk_p50", Words{"応対 中央値", "Service, median"}, Minutes, Words{"受付窓口での1回の応対時間の中央値。", "The median of one service at a counter."}, 0, took(talk, middle)},
	{"talk_p90", Words{"応対 9割", "Service, 90%"}, Minutes, Words{"受付窓口での応対の9割がこの時間以内でした。", "Nine in ten services took at most so long."}, 0, took(talk, ninth)},
	{"processing_p50", Words{"処理 中央値", "Processing, median"}, Minutes, Words{"窓口を離れてから書類ができるまでの事務処理時間の中央値。", "The median of the back office's time, from the counter until documents were ready."}, -1, took(processing, middle)},
	{"delivery_p50", Words{"交付 中央値", "Delivery, median"}, Minutes, Words{"書類ができてからお渡しが終わるまでの時間の中央値。", "The median from documents being ready until they were handed over."}, -1, took(delivery, middle)},
	{"no_show_share", Words{"不在率", "No-show share"}, Share, Words{"不在 ÷ 呼出数。", "No-shows of those called."}, -1, part(func(f measure.Figures) (int, int) { return f.NoShow, f.Called })},
	{"left_share", Words{"取下げ・未対応率", "Gone or left unseen"}, Share, Words{"（取下げ＋未対応）÷ 発券数。", "Withdrawn or left unseen, of the numbers given."}, -1, part(func(f measure.Figures) (int, int) { return f.Left + f.Unseen, f.Arrivals })},
	{"peak", Words{"集中度", "Peak"}, Ratio, Words{"最も多い1時間の発券数 ÷ 1時間あたりの平均。1.0に近いほど来庁が分散しています。全体の1％未満の時間は除きます。", "Numbers given in the busiest hour over those of the mean hour; 1.0 is a flat day. Hours with under one in a hundred do not count."}, -1, func(f measure.Figures) (float64, int, bool) { n, ok := f.Peak(); return n, f.Arrivals, ok }},
	{"kiosk", Words{"発券機", "By machine"}, Count, Words{"発券機で発券した件数。", "Numbers given by ticket machines."}, 0, counted(func(f measure.Figures) int { return f.Channels.Kiosk })},
	{"reception", Words{"職員による発券", "By staff"}, Count, Words{"受付の職員が発券した件数。", "Numbers given by staff."}, 0, counted(func(f measure.Figures) int { return f.Channels.Reception })},
	{"web", Words{"ウェブ", "From home"}, Count, Words{"自宅などからウェブで取った番号の件数。", "Numbers taken on the web."}, 0, counted(func(f measure.Figures) int { return f.Channels.Web })},
	{"appointment", Words{"予約", "By appointment"}, Count, Words{"予約で来庁した件数。", "Visits by appointment."}, 0, counted(func(f measure.Figures) int { return f.Channels.Appointment })},
	{"booked", Words{"予約受付", "Appointments"}, Count, Words{"予約により発券した件数。", "Visits by appointment that were booked."}, 0, counted(func(f measure.Figures) int { return f.Appointments.Booked })},
	{"kept_share", Words{"予約来庁率", "Appointments kept"}, Share, Words{"予約のうち、来庁して対応した割合。", "Of the appointments, the share that was kept and served."}, 1, part(func(f measure.Figures) (int, int) { return f.Appointments.Kept, f.Appointments.Booked })},
	{"restored", Words{"不在後の復帰", "Restored"}, Count, Words{"不在の後に列へ戻した回数。当方の記録がある日のみ。", "No-shows that came back into the line. Only of days with records of our own."}, 0, logged(func(f measure.Figures) int { return f.Restored })},
	{"transfers", Words{"窓口間の引継ぎ", "Transfers"}, Count, Words{"別の手続きや窓口へ引き継いだ回数。当方の記録がある日のみ。", "Handed over to another service or counter. Only of days with records of our own."}, 0, logged(func(f measure.Figures) int { return f.Transfers })},
	{"recalls", Words{"再呼出", "Recalls"}, Count, Words{"同じ番号を繰り返し呼び出した回数。当方の記録がある日のみ。", "Calls that were repeated. Only of days with records of our own."}, 0, logged(func(f measure.Figures) int { return f.Recalls })},
	{"told_kept", Words{"目安どおり", "As told"}, Share, Words{"お知らせした待ち時間の目安（幅）の中で呼び出した割合。目標は80％です。", "The share that was called within the range they had been told; the aim is 80%."}, 1, part(func(f measure.Figures) (int, int) { return f.Told.Kept, f.Told.People })},
	{"told_late", Words{"目安より遅い", "Later than told"}, Share, Words{"お知らせした目安より遅く呼び出した割合。", "The share that was called later than they had been told."}, -1, part(func(f measure.Figures) (int, int) { return f.Told.Late, f.Told.People })},
	{"told_error", Words{"目安との差 中央値", "Error of the estimate, median"}, Minutes, Words{"お知らせした目安の中央と、実際の待ち時間との差の中央値。", "The median distance between the middle of what was told and the wait."}, -1, took(toldError, middle)},
	{"offered", Words{"代替案内", "Ways offered"}, Count, Words{"発券機で、コンビニ交付・オンライン・予約など待たない方法を案内した回数。発券機の報告がある日のみ。", "How often machines offered a way not to wait. Only of days of which machines reported."}, 0, func(f measure.Figures) (float64, int, bool) { return float64(f.Offered), f.Counted, f.Counted > 0 }},
	{"diverted", Words{"代替の利用", "Visits diverted"}, Count, Words{"案内を受けて、番号札を取らずに別の方法を選んだ件数。発券機の報告がある日のみ。", "Of those, how often a visitor chose it instead of a number. Only of days of which machines reported."}, 1, func(f measure.Figures) (float64, int, bool) { return float64(f.Diverted), f.Counted, f.Counted > 0 }},
	{"offline", Words{"発券機の単独運転", "Machines on their own"}, Minutes, Words{"受付時間中に、通信が切れて発券機が単独で動いていた時間の合計（台数分）。発券機の報告がある日のみ。", "Minutes of reception hours in which machines worked without the server, added up. Only of days of which machines reported."}, -1, func(f measure.Figures) (float64, int, bool) {
		return f.Offline.Minutes(), max(Enough, f.Counted), f.Counted > 0
	}},
	{"open_hours", Words{"窓口の開設", "Counters open"}, Hours, Words{"窓口を開いていた時間の合計（窓口数×時間）。", "Hours for which counters were open, added up."}, 0, spent(func(f measure.Figures) time.Duration { return f.Open }, func(f measure.Figures) bool { return f.Open > 0 })},
	{"busy_share", Words{"応対の割合", "Counters busy"}, Share, Words{"窓口を開いていた時間のうち、応対していた割合。職員ごとには集計しません。", "Of the time for which counters were open, the share in which they served. Never by person."}, 0, func(f measure.Figures) (float64, int, bool) {
		return min(1, float64(f.Busy)/max(1, float64(f.Open))), f.Service.Count, f.Open > 0
	}},
	{"saved_hours", Words{"職員の時間の節減（推計）", "Staff time saved (estimate)"}, Hours, Words{"発券機の発券×30秒＋ウェブの番号×90秒＋代替の利用×応対の中央値。仮定に基づく推計です。", "Numbers by machine x 30 s + numbers from home x 90 s + visits diverted x the median service. An estimate on assumptions."}, 1, spent(func(f measure.Figures) time.Duration { return f.Saved().Total() }, func(f measure.Figures) bool { return f.Days > 0 })},
}
