package report

import (
	"fmt"

	"machi/internal/queue"
)

// BeforeWords says what a report's period is compared with first.
func BeforeWords(k Kind) Words {
	return map[Kind]Words{Day: {"前週同曜日", "A week before"}, Month: {"前月", "Month before"}, Year: {"前年度", "Year before"}}[k]
}

// YearAgoWords says what it is compared with besides; empty for a year.
func YearAgoWords(k Kind) Words {
	return map[Kind]Words{Day: {"前年同曜日", "A year before"}, Month: {"前年同月", "A year before"}}[k]
}

// WhyWords says why a day is not in a report.
func WhyWords(code string) Words {
	switch code {
	case "damaged":
		return Words{"記録を読み取れません", "the record cannot be read"}
	case "unread":
		return Words{"まだ読み込んでいません", "not read yet"}
	}
	return Words{"開庁日ですが記録がありません", "a business day without a record"}
}

// StandingWords says which revision a report is, and when it was made.
func (r Report) StandingWords() Words {
	at := r.Made
	if at.IsZero() {
		at = r.Asked
	}
	ja, en := at.In(queue.JST).Format("2006年1月2日 15:04"), at.In(queue.JST).Format("2 January 2006 15:04")
	switch {
	case r.Standing == Running:
		return Words{"途中経過（期間は終わっていません）　" + ja + " 現在", "So far (the period is not over), as of " + en}
	case r.Standing == Reading:
		return Words{"集計中（記録を読み込んでいます）　" + ja + " 現在", "Closed days are being read, as of " + en}
	case r.Standing == Changed:
		return Words{fmt.Sprintf("第%d版の後に記録が訂正されました（次の版を作成中）", r.Revision), fmt.Sprintf("Records changed after revision %d; the next follows", r.Revision)}
	case r.Revision == 0:
		return Words{ja + " 作成", "Made " + en}
	case r.Revision > 1:
		return Words{fmt.Sprintf("第%d版（記録の訂正による）　%s 作成", r.Revision, ja), fmt.Sprintf("Revision %d (records were corrected), made %s", r.Revision, en)}
	}
	return Words{"第1版　" + ja + " 作成", "Revision 1, made " + en}
}
