// The texts of the touch pages, by language. A test holds every language to the
// same keys.
export const languages = [["ja", "日本語"], ["ja-x-easy", "やさしい日本語"], ["en", "English"], ["zh", "中文"], ["ko", "한국어"]];

export const words = {
  ja: {
    title: "ご用件をお選びください", choose: "どの手続きですか", sub: "画面の下のボタンに触れてください。",
    waiting: "お待ちの方 {n}人", people: "お待ちの方", persons: "人", expected: "呼び出しまでの目安", minutes: "約{low}〜{high}", min: "分", within: "{high}", withinMin: "分以内",
    unknown: "わかりません", changes: "目安です。状況により変わります。", bring: "お持ちいただくもの", take: "番号札をとる", back: "もどる", home: "最初にもどる",
    making: "番号札を用意しています…", printing: "番号札を印刷しています。", printed: "下から番号札をお取りください。",
    failed: "紙が出ませんでした。この番号は有効です。番号を控えるか、スマートフォンで読み取ってください。",
    unsure: "紙が出ていなければ、職員にお声がけください。この番号は有効です。",
    follow: "スマートフォンで待ち状況を確認できます", keep: "番号が呼ばれるまでお待ちください。", done: "おわる",
    still: "操作を続けますか。", goOn: "続ける", rehearsal: "訓練中：この番号札は使えません", online: "", offline: "ただいま単独で発券しています。番号札はそのままお使いいただけます。",
    notReady: "この発券機はまだ使えません。", staff: "職員にお声がけください。", paused: "休止中", stale: "画面を更新できません。職員にお声がけください。",
    range_missing: "ただいま番号をお出しできません。", out_of_service: "この発券機は使えません。", service_not_accepting: "この手続きは、ただいま受付を止めています。",
    office_not_accepting: "ただいま受付を止めています。", outside_reception_hours: "受付時間外です。", day_closed: "本日の受付は終了しました。",
    office_full: "ただいま大変混み合っているため、番号をお出しできません。", too_soon: "少しお待ちになってから、もう一度触れてください。", other: "番号をお出しできませんでした。",
  },
  "ja-x-easy": {
    title: "何(なに)を しますか", choose: "どれですか", sub: "下(した)の ボタンを さわってください。",
    waiting: "待(ま)っている人(ひと) {n}人(にん)", people: "待(ま)っている人(ひと)", persons: "人(にん)", expected: "呼(よ)ばれるまで だいたい", minutes: "{low}〜{high}", min: "分(ぷん)", within: "{high}", withinMin: "分(ぷん)までに",
    unknown: "わかりません", changes: "変(か)わることが あります。", bring: "いるもの", take: "番号(ばんごう)の 紙(かみ)を とる", back: "もどる", home: "はじめに もどる",
    making: "待(ま)ってください…", printing: "紙(かみ)が 出(で)ます。", printed: "下(した)から 紙(かみ)を とってください。",
    failed: "紙(かみ)が 出(で)ませんでした。この番号(ばんごう)は 使(つか)えます。スマホで 写真(しゃしん)を とってください。",
    unsure: "紙(かみ)が ないときは、職員(しょくいん)に 言(い)ってください。この番号(ばんごう)は 使(つか)えます。",
    follow: "スマホで 見(み)ることが できます", keep: "番号(ばんごう)を 呼(よ)びます。待(ま)ってください。", done: "おわる",
    still: "つづけますか。", goOn: "つづける", rehearsal: "練習(れんしゅう)です。この紙(かみ)は 使(つか)えません", online: "", offline: "この機械(きかい)だけで 動(うご)いています。紙(かみ)は 使(つか)えます。",
    notReady: "この機械(きかい)は まだ 使(つか)えません。", staff: "職員(しょくいん)に 言(い)ってください。", paused: "休(やす)み", stale: "画面(がめん)が 古(ふる)いです。職員(しょくいん)に 言(い)ってください。",
    range_missing: "今(いま) 番号(ばんごう)を 出(だ)せません。", out_of_service: "この機械(きかい)は 使(つか)えません。", service_not_accepting: "今(いま) この受付(うけつけ)は 休(やす)みです。",
    office_not_accepting: "今(いま) 受付(うけつけ)は 休(やす)みです。", outside_reception_hours: "受付(うけつけ)の 時間(じかん)では ありません。", day_closed: "今日(きょう)の 受付(うけつけ)は 終(お)わりました。",
    office_full: "人(ひと)が 多(おお)いので、番号(ばんごう)を 出(だ)せません。", too_soon: "少(すこ)し 待(ま)って、もういちど さわってください。", other: "番号(ばんごう)を 出(だ)せませんでした。",
  },
  en: {
    title: "How can we help you?", choose: "Which procedure?", sub: "Touch a button below.",
    waiting: "{n} waiting", people: "People waiting", persons: "", expected: "Until you are called", minutes: "{low}–{high}", min: "min", within: "within {high}", withinMin: "min",
    unknown: "not known", changes: "An estimate; it may change.", bring: "What you need", take: "Take a number", back: "Back", home: "Start again",
    making: "Getting your number…", printing: "Your ticket is being printed.", printed: "Please take your ticket below.",
    failed: "No paper came out. Your number is valid: note it, or scan the code with your phone.",
    unsure: "If no paper came out, please speak to staff. Your number is valid.",
    follow: "Follow your place on your phone", keep: "Please wait until your number is called.", done: "Finish",
    still: "Are you still there?", goOn: "Continue", rehearsal: "TRAINING: tickets are not valid", online: "", offline: "This machine is working on its own. Your ticket is valid.",
    notReady: "This machine is not ready yet.", staff: "Please speak to staff.", paused: "closed", stale: "This screen is out of date. Please speak to staff.",
    range_missing: "No number can be given right now.", out_of_service: "This machine is out of service.", service_not_accepting: "This service is not taking tickets right now.",
    office_not_accepting: "The office is not taking tickets right now.", outside_reception_hours: "Outside reception hours.", day_closed: "Reception has closed for today.",
    office_full: "The office is very full; no number can be given right now.", too_soon: "Please wait a moment and touch again.", other: "No number could be given.",
  },
  zh: {
    title: "请选择要办理的事项", choose: "请选择手续", sub: "请触摸下方按钮。",
    waiting: "等候 {n} 人", people: "等候人数", persons: "人", expected: "预计等候时间", minutes: "约{low}〜{high}", min: "分钟", within: "{high}", withinMin: "分钟以内",
    unknown: "不明", changes: "仅供参考，可能变化。", bring: "所需物品", take: "取号", back: "返回", home: "回到首页",
    making: "正在取号…", printing: "正在打印号码票。", printed: "请从下方取走号码票。",
    failed: "未能打印。号码有效，请记下号码或用手机扫码。", unsure: "如果没有出票，请告知工作人员。号码有效。",
    follow: "可用手机查看等候情况", keep: "请等候叫号。", done: "结束",
    still: "是否继续操作？", goOn: "继续", rehearsal: "演练中：号码票无效", online: "", offline: "本机正在单独取号，号码票有效。",
    notReady: "本机尚不能使用。", staff: "请告知工作人员。", paused: "暂停", stale: "画面未更新，请告知工作人员。",
    range_missing: "目前无法取号。", out_of_service: "本机暂停使用。", service_not_accepting: "该业务目前暂停受理。",
    office_not_accepting: "目前暂停受理。", outside_reception_hours: "不在受理时间内。", day_closed: "今日受理已结束。",
    office_full: "目前非常拥挤，无法取号。", too_soon: "请稍候再触摸。", other: "未能取号。",
  },
  ko: {
    title: "용건을 선택해 주십시오", choose: "어떤 수속입니까", sub: "아래 버튼을 눌러 주십시오.",
    waiting: "대기 {n}명", people: "대기 인원", persons: "명", expected: "호출까지 예상 시간", minutes: "약 {low}~{high}", min: "분", within: "{high}", withinMin: "분 이내",
    unknown: "알 수 없음", changes: "예상이며 바뀔 수 있습니다.", bring: "필요한 것", take: "번호표 받기", back: "뒤로", home: "처음으로",
    making: "번호표를 준비 중입니다…", printing: "번호표를 인쇄하고 있습니다.", printed: "아래에서 번호표를 받아 주십시오.",
    failed: "종이가 나오지 않았습니다. 번호는 유효합니다. 번호를 적거나 휴대전화로 읽어 주십시오.", unsure: "종이가 없으면 직원에게 말씀해 주십시오. 번호는 유효합니다.",
    follow: "휴대전화로 대기 상황을 볼 수 있습니다", keep: "번호를 부를 때까지 기다려 주십시오.", done: "끝내기",
    still: "계속하시겠습니까?", goOn: "계속", rehearsal: "훈련 중: 번호표는 무효입니다", online: "", offline: "이 기계가 단독으로 발권 중입니다. 번호표는 유효합니다.",
    notReady: "이 기계는 아직 사용할 수 없습니다.", staff: "직원에게 말씀해 주십시오.", paused: "중지", stale: "화면이 갱신되지 않습니다. 직원에게 말씀해 주십시오.",
    range_missing: "지금은 번호를 드릴 수 없습니다.", out_of_service: "이 기계는 사용할 수 없습니다.", service_not_accepting: "이 업무는 지금 접수하지 않습니다.",
    office_not_accepting: "지금은 접수하지 않습니다.", outside_reception_hours: "접수 시간이 아닙니다.", day_closed: "오늘 접수는 끝났습니다.",
    office_full: "매우 혼잡하여 번호를 드릴 수 없습니다.", too_soon: "잠시 후 다시 눌러 주십시오.", other: "번호를 드릴 수 없었습니다.",
  },
};

/** Returns the text of a key in a language, with {names} filled in. */
export function say(language, key, values = {}) {
  const text = (words[language] ?? words.ja)[key] ?? words.ja[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Returns a text of the plan in a language, or in Japanese. */
export function pick(texts, language) {
  return texts?.[language] || texts?.ja || "";
}
