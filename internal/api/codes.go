package api

import (
	"net/http"

	"machi/internal/queue"
)

// The problem codes of the edge. Those of the domain are [queue.Code]; those of a
// store that cannot confirm come with [office.Unavailable]. A published code never
// changes its meaning.
const (
	codeBadJSON         = "bad_json"
	codeBodyTooLarge    = "body_too_large"
	codeMediaType       = "unsupported_media_type"
	codeUnknownField    = "unknown_field"
	codeDuplicateField  = "duplicate_field"
	codeWrongType       = "wrong_type"
	codeTooDeep         = "too_deep"
	codeTrailing        = "trailing_data"
	codeBadValue        = "bad_value"
	codeKeyMissing      = "idempotency_key_missing"
	codeKeyBad          = "idempotency_key_bad"
	codeKeyReused       = "idempotency_key_reused"
	codeUnauthenticated = "unauthenticated"
	codeForbidden       = "forbidden"
	codeCrossSite       = "cross_site"
	codeNotFound        = "not_found"
	codeMethod          = "method_not_allowed"
	codeUnknownOffice   = "unknown_office"
	codeUnknownSecret   = "unknown_secret"
	codeTwinNumber      = "number_not_unique"
	codeRateLimited     = "rate_limited"
	codeOtherPerson     = "other_person"
	codeArrivedLate     = "arrived_late"
	codeTooManyWatchers = "too_many_watchers"
	codeOriginGap       = "origin_gap"
	codeOriginForked    = "origin_forked"
	codeForeignRecord   = "foreign_record"
	codeUpgrade         = "upgrade_required"
	codeInternal        = "internal_error"
	codeShuttingDown    = "shutting_down"
	codeRuleChanged     = "rule_changed"
	codeNobodyCalled    = "nobody_called"
	codeDayTooLong      = "day_too_long"
	codePracticeFull    = "practice_full"
	codeLessonsDamaged  = "lessons_damaged"
	codeSignChanged     = "sign_changed"
	codeSignState       = "sign_state"
	codeOwnSign         = "own_sign"
	codeSignsFull       = "signs_full"
	codePersonNeeded    = "person_needed"
	codeCheckInFirst    = "check_in_first"
	codeChannelOff      = "channel_off"
	codeTooManyRules    = "too_many_rules"
	codeAddressLimit    = "address_limit"
	codeVisitOver       = "visit_over"
	codePlanChanged     = "plan_changed"
	codePlanFull        = "plan_full"
	codeNoSuchDay       = "no_such_day"
	codeTooFewDays      = "too_few_days"
	codeDayDamaged      = "day_damaged"
	codeAlertOver       = "alert_over"
	codeAlertTaken      = "alert_taken"
)

// meaning is what a code says to machines (status) and to people.
type meaning struct {
	status int
	ja, en string
}

// meanings is the one table of codes. The test of the table demands a row for
// every code of the domain.
var meanings = map[string]meaning{
	codeBadJSON:          {http.StatusBadRequest, "送信内容がJSONとして読めません", "The body is not JSON"},
	codeBodyTooLarge:     {http.StatusRequestEntityTooLarge, "送信内容が大きすぎます", "The body is too large"},
	codeMediaType:        {http.StatusUnsupportedMediaType, "Content-Typeはapplication/jsonにしてください", "The body must be application/json"},
	codeUnknownField:     {http.StatusBadRequest, "知らない項目があります", "The body has an unknown field"},
	codeDuplicateField:   {http.StatusBadRequest, "同じ項目が2回あります", "The body names a field twice"},
	codeWrongType:        {http.StatusBadRequest, "項目の型が違います", "A field is of the wrong type"},
	codeTooDeep:          {http.StatusBadRequest, "入れ子が深すぎます", "The body is nested too deeply"},
	codeTrailing:         {http.StatusBadRequest, "JSONの後ろに余分な文字があります", "There is something behind the JSON value"},
	codeAlertOver:        {http.StatusConflict, "このアラートは終わりました", "The alert is over"},
	codeAlertTaken:       {http.StatusConflict, "ほかの職員が対応しています", "Somebody else sees to it"},
	codeBadValue:         {http.StatusUnprocessableEntity, "項目の値が正しくありません", "A value is not acceptable"},
	codeKeyMissing:       {http.StatusBadRequest, "Idempotency-Keyが必要です", "The Idempotency-Key header is missing"},
	codeKeyBad:           {http.StatusBadRequest, "Idempotency-Keyの形が正しくありません", "The Idempotency-Key header is malformed"},
	codeKeyReused:        {http.StatusUnprocessableEntity, "このIdempotency-Keyは別の操作に使われました", "The Idempotency-Key was used for another request"},
	codeUnauthenticated:  {http.StatusUnauthorized, "ログインまたはトークンが必要です", "A valid token is needed"},
	codeForbidden:        {http.StatusForbidden, "この操作をする権限がありません", "The token may not do this"},
	string(OwesPassword): {http.StatusForbidden, "先にパスワードを変えてください", "Change the password first"},
	string(OwesTOTP):     {http.StatusForbidden, "先に認証アプリを登録してください", "Set up the authenticator app first"},
	codeCrossSite:        {http.StatusForbidden, "ほかのサイトからの操作は受け付けません", "Requests from other sites are not accepted"},
	codeNotFound:         {http.StatusNotFound, "見つかりません", "Not found"},
	codeMethod:           {http.StatusMethodNotAllowed, "このメソッドは使えません", "The method is not allowed here"},
	codeUnknownOffice:    {http.StatusNotFound, "その窓口はありません", "There is no such office"},
	codeUnknownSecret:    {http.StatusNotFound, "この番号札は見つかりません", "There is no such ticket"},
	codeSignChanged:      {http.StatusConflict, "ほかの人が先に変更しました。今の内容を確かめてください", "Somebody else changed it first: look at it again"},
	codeSignState:        {http.StatusConflict, "この状態ではできない操作です", "This cannot be done in its state"},
	codeOwnSign:          {http.StatusConflict, "自分が書いたものは、ほかの人の承認が必要です", "Another person must approve what you wrote"},
	codeSignsFull:        {http.StatusConflict, "登録できる数や大きさの上限です。古いものを終了してください", "There is no room for more: end old ones first"},
	codePersonNeeded:     {http.StatusForbidden, "承認は、個人のアカウントでログインした人だけができます", "Only a person with an account of their own can approve"},
	codeTwinNumber:       {http.StatusConflict, "同じ番号の札が複数あります", "Several tickets bear this number"},
	codeOtherPerson:      {http.StatusConflict, "別の方がログインしています", "Somebody else has signed in meanwhile"},
	codeArrivedLate:      {http.StatusConflict, "届くのが遅れたため行いませんでした", "The command arrived too late and was not done"},
	codeRateLimited:      {http.StatusTooManyRequests, "回数が多すぎます。しばらくお待ちください", "Too many requests; wait a while"},
	codeTooManyWatchers:  {http.StatusServiceUnavailable, "ただいま混み合っています。更新は定期的に取得してください", "Too many live connections; poll instead"},
	codeOriginGap:        {http.StatusConflict, "前の記録が届いていません", "An earlier record of the origin is missing"},
	codeOriginForked:     {http.StatusConflict, "同じ番号の記録が2つあります。発券機の複製を確認してください", "The origin wrote two records with one number"},
	codeForeignRecord:    {http.StatusForbidden, "この発券機のものではない記録です", "The record is not this kiosk's to write"},
	codeUpgrade:          {http.StatusUpgradeRequired, "WebSocketで接続してください", "Connect with WebSocket here"},
	codeInternal:         {http.StatusInternalServerError, "サーバーで問題が起きました", "Something went wrong on the server"},
	codePlanChanged:      {http.StatusConflict, "ほかの管理職が先にこの行を変えました。新しい内容を確かめてください", "Another manager has changed this row; look at it again"},
	codePlanFull:         {http.StatusConflict, "表にこれ以上の行を加えられません", "The table takes no more rows"},
	codeRuleChanged:      {http.StatusConflict, "ほかの管理職が先に決まりを変えました。新しい内容を確かめてください", "Another manager has changed the rule; look at it again"},
	codeNobodyCalled:     {http.StatusUnprocessableEntity, "その日は呼び出しがありません", "Nobody was called on that day"},
	codeDayTooLong:       {http.StatusUnprocessableEntity, "その日の記録は長すぎて試算できません", "The day is too long to be played again"},
	codeCheckInFirst:     {http.StatusConflict, "先に窓口で来庁の受付をしてください", "Check in at the office first"},
	codeShuttingDown:     {http.StatusServiceUnavailable, "サーバーを停止しています", "The server is shutting down"},
	codePracticeFull:     {http.StatusServiceUnavailable, "練習用の窓口がいっぱいです。少し待ってからお試しください", "Every practice counter is taken; try again later"},
	codeChannelOff:       {http.StatusConflict, "このお知らせ方法は使えません", "This way of being told is not set up here"},
	codeTooManyRules:     {http.StatusConflict, "お知らせの設定は番号札1枚につき3つまでです", "A ticket may have three notices at most"},
	codeAddressLimit:     {http.StatusTooManyRequests, "このあて先には本日これ以上お知らせできません", "No more messages to this address today"},
	codeVisitOver:        {http.StatusConflict, "この番号札の手続きは終わっています", "The visit is over"},
	codeNoSuchDay:        {http.StatusNotFound, "この日の記録はありません", "There is no record of this day"},
	codeTooFewDays:       {http.StatusConflict, "試算に使える過去の記録がまだ足りません", "Too few days were closed yet to play one"},
	codeDayDamaged:       {http.StatusInternalServerError, "この日の記録が読めません", "The record of this day cannot be read"},
	codeLessonsDamaged:   {http.StatusInternalServerError, "学習した実績が読めません", "What was learnt cannot be read"},

	"store_unreachable": {http.StatusServiceUnavailable, "記録先に届きません", "The store cannot be reached"},
	"number_not_safe":   {http.StatusServiceUnavailable, "番号を確実に記録できませんでした", "The number could not be confirmed on every disk"},
	"overloaded":        {http.StatusServiceUnavailable, "処理が混み合っています", "Too many requests are waiting"},
	"in_doubt":          {http.StatusServiceUnavailable, "記録を確認しています", "The server is repairing its copy of the day"},
}

// domainMeanings are the refusals of the domain.
var domainMeanings = map[queue.Code]meaning{
	queue.AlreadyDone:       {http.StatusConflict, "この操作は済んでいます", "This was done already"},
	queue.DayNotOpen:        {http.StatusConflict, "本日の受付はまだ始まっていません", "The day has not been opened"},
	queue.DayIsClosed:       {http.StatusConflict, "本日の受付は終わりました", "The day is closed"},
	queue.DayIsOpen:         {http.StatusConflict, "本日の受付はもう始まっています", "The day is open already"},
	queue.BadSettings:       {http.StatusUnprocessableEntity, "設定が正しくありません", "The settings are not valid"},
	queue.UnknownService:    {http.StatusUnprocessableEntity, "その手続きはこの窓口にありません", "The office has no such service"},
	queue.UnknownCounter:    {http.StatusNotFound, "その番号の窓口はありません", "The office has no such counter"},
	queue.UnknownTicket:     {http.StatusNotFound, "その番号の札はありません", "There is no such ticket"},
	queue.UnknownKiosk:      {http.StatusNotFound, "その発券機はありません", "The office has no such kiosk"},
	queue.UnknownChannel:    {http.StatusUnprocessableEntity, "発券方法が正しくありません", "The channel is unknown"},
	queue.UnknownPool:       {http.StatusUnprocessableEntity, "番号の区分が正しくありません", "The pool is unknown"},
	queue.UnknownPlace:      {http.StatusUnprocessableEntity, "戻す位置が正しくありません", "The place is unknown"},
	queue.UnknownState:      {http.StatusUnprocessableEntity, "状態が正しくありません", "The state is unknown"},
	queue.TicketExists:      {http.StatusConflict, "その札はもうあります", "The ticket exists already"},
	queue.ServiceNotOpen:    {http.StatusConflict, "この手続きは受付を休止しています", "The service does not take tickets now"},
	queue.OfficeNotOpen:     {http.StatusConflict, "この窓口は受付を休止しています", "The office does not take tickets now"},
	queue.OutsideHours:      {http.StatusConflict, "受付時間外です", "Outside reception hours"},
	queue.OfficeFull:        {http.StatusConflict, "お待ちの方が上限に達しました", "The office is full"},
	queue.RangeNotBound:     {http.StatusConflict, "番号の範囲が割り当てられていません", "The range is not bound"},
	queue.NoRangeLeft:       {http.StatusConflict, "割り当てられる番号の範囲がありません", "No range is left for another store"},
	queue.NumbersUsedUp:     {http.StatusConflict, "番号を使い切りました", "The numbers are used up"},
	queue.CounterNotOpen:    {http.StatusConflict, "この窓口は開いていません", "The counter is not open"},
	queue.CounterTaken:      {http.StatusConflict, "この窓口はほかの職員が使っています", "Another member of staff has the counter"},
	queue.CounterBusy:       {http.StatusConflict, "この窓口は応対中です", "The counter has a ticket already"},
	queue.CounterFree:       {http.StatusConflict, "この窓口には応対中の札がありません", "The counter has no ticket"},
	queue.NobodyWaits:       {http.StatusConflict, "お待ちの方はいません", "Nobody waits"},
	queue.NotServedHere:     {http.StatusUnprocessableEntity, "この窓口では扱っていません", "The counter does not serve this"},
	queue.OtherCounter:      {http.StatusConflict, "ほかの窓口の札です", "The ticket is at another counter"},
	queue.WrongStatus:       {http.StatusConflict, "札の状態が変わっています", "The ticket's state does not allow this"},
	queue.TooSoon:           {http.StatusConflict, "呼び直しには早すぎます", "Too soon to call again"},
	queue.MoreCallsFirst:    {http.StatusConflict, "先に呼び直してください", "Call again first"},
	queue.NoSuchStage:       {http.StatusUnprocessableEntity, "この手続きにその段階はありません", "The service has no such stage"},
	queue.NothingToUndo:     {http.StatusConflict, "取り消せる操作がありません", "There is nothing to undo"},
	queue.UndoTooLate:       {http.StatusConflict, "取り消せる時間を過ぎました", "Too late to undo"},
	queue.OvertakenByEvents: {http.StatusConflict, "その後に変わったため取り消せません", "It has changed since"},
	queue.NoHelpAsked:       {http.StatusConflict, "応援は呼ばれていません", "No help was asked for"},
	queue.MissingField:      {http.StatusUnprocessableEntity, "必要な項目がありません", "A field is missing"},
	queue.TooLong:           {http.StatusUnprocessableEntity, "文字数が多すぎます", "A text is too long"},
	queue.UnknownAction:     {http.StatusUnprocessableEntity, "その操作は発券機でできません", "The machine has no such act"},
	queue.UnknownCode:       {http.StatusNotFound, "この受付コードの番号札はありません", "No ticket of today has this code"},
	queue.CodeAmbiguous:     {http.StatusConflict, "QRコードをかざしてください", "Two tickets have this code; show the QR"},
	queue.AlreadyHere:       {http.StatusConflict, "来庁の受付は済んでいます", "The ticket has checked in"},
	queue.TooOften:          {http.StatusConflict, "これ以上は延ばせません", "More time was asked for too often"},
	queue.HomeOff:           {http.StatusForbidden, "この窓口では、来庁前の発券を行っていません", "This office gives no tickets to people at home now"},
	queue.HomeQuota:         {http.StatusConflict, "来庁前の発券は、この時間の枠がいっぱいです", "No ticket from home is left at this time"},
	queue.HomeDevice:        {http.StatusConflict, "この端末では、すでに番号をおとりになっています", "This device has a ticket that counts"},
	queue.HomeNetwork:       {http.StatusTooManyRequests, "同じ回線からの発券が多いため、受け付けられません", "Too many tickets were taken from this network"},
	queue.NotAllowed:        {http.StatusForbidden, "この操作は、この事務所のきまりでは行えません", "The rule of this office does not allow this"},
	queue.OutOfRange:        {http.StatusUnprocessableEntity, "値が範囲の外です", "A value is out of range"},
}

func meaningOf(code string) meaning {
	if m, ok := meanings[code]; ok {
		return m
	}
	if m, ok := accountMeanings[code]; ok {
		return m
	}
	if m, ok := ssoMeanings[code]; ok {
		return m
	}
	if m, ok := voiceMeanings[code]; ok {
		return m
	}
	if m, ok := homeMeanings[code]; ok {
		return m
	}
	if m, ok := deviceMeanings[code]; ok {
		return m
	}
	if m, ok := domainMeanings[queue.Code(code)]; ok {
		return m
	}
	return meanings[codeInternal]
}
