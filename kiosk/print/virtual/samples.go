package virtual

import (
	"time"

	"machi/kiosk/print"
)

// Sample is a ticket to look at.
type Sample struct {
	Name   string
	Ticket print.Ticket
}

// Samples are tickets of every language, mark and length.
func Samples() []Sample {
	jst := time.FixedZone("JST", 9*3600)
	base := print.Ticket{
		Ward: "世田谷区", Office: "世田谷総合支所 くみん窓口", Number: "A012", Service: "引っ越し（転入・転居・転出）",
		At:    time.Date(2026, 4, 1, 8, 25, 0, 0, jst),
		Ahead: 12, Low: 30 * time.Minute, High: 45 * time.Minute,
		StatusURL: "https://machi.example.jp/t/0123456789abcdef0123456789abcdef",
		Bring:     []string{"本人確認書類（運転免許証、マイナンバーカードなど）", "転出証明書（マイナンバーカードで手続きした方は不要）", "住所を書きかえるカード（家族全員の分）"},
	}
	with := func(name string, change func(t *print.Ticket)) Sample {
		t := base
		change(&t)
		return Sample{name, t}
	}
	return []Sample{
		with("ja", func(*print.Ticket) {}),
		with("easy", func(t *print.Ticket) {
			t.Language, t.ServiceElse = "ja-x-easy", "引(ひ)っ越(こ)し"
			t.Bring = []string{"名前(なまえ)が わかる カード", "前(まえ)の 町(まち)で もらった 紙(かみ)"}
			t.Note = "わからない ときは、係(かかり)の 人(ひと)に 聞(き)いてください。"
		}),
		with("en", func(t *print.Ticket) {
			t.Language, t.OfficeOther, t.ServiceElse = "en", "Setagaya Citizens' Counter", "Moving in, out or within the ward"
			t.Bring = []string{"Residence card and passport", "Moving-out certificate from your last city", "My Number cards of everyone who moves"}
			t.Note = "Staff at counter 3 speak English."
		}),
		with("zh", func(t *print.Ticket) {
			t.Language, t.OfficeOther, t.ServiceElse = "zh", "世田谷综合支所 区民窗口", "迁入、迁居、迁出"
			t.Bring = []string{"在留卡和护照", "原居住地开具的迁出证明", "全家人的个人编号卡"}
			t.Note = "如有疑问，请向工作人员咨询。"
		}),
		with("ko", func(t *print.Ticket) {
			t.Language, t.OfficeOther, t.ServiceElse = "ko", "세타가야 종합지소 구민창구", "전입·전거·전출"
			t.Bring = []string{"재류카드와 여권", "이전 거주지의 전출증명서", "이사하는 가족 모두의 마이넘버카드"}
			t.Note = "모르는 것이 있으면 직원에게 문의해 주십시오."
		}),
		with("copy", func(t *print.Ticket) { t.Copy, t.Language = true, "en" }),
		with("rehearsal", func(t *print.Ticket) { t.Rehearsal = true }),
		with("sample", func(t *print.Ticket) { t.Sample = true }),
		with("test", func(t *print.Ticket) { t.Test, t.Number, t.Bring = true, "TEST", nil }),
		with("long", func(t *print.Ticket) {
			t.Number, t.Offline = "K1-0001", true
			t.Service = "住民票の写し・印鑑登録証明書・課税証明書・戸籍証明書等の交付（広域交付を含む）"
			t.Ahead, t.Low, t.High, t.StatusURL, t.CheckIn = 0, 0, 15*time.Minute, "", "123456"
		}),
		with("newcomer", func(t *print.Ticket) {
			t.CheckIn = "408213"
			t.Footer = []string{"世田谷区へようこそ", "お住まいの地区のご案内はこちら"}
			t.FooterURL = "https://www.city.setagaya.lg.jp/chiku/"
		}),
		with("rare", func(t *print.Ticket) {
			t.Office, t.Service = "髙島屋前① 𠮷野出張所", "㈱髙﨑・𠮷田 専用窓口"
			t.Ahead, t.High, t.Bring = -1, 0, nil
		}),
	}
}
