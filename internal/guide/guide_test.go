package guide_test

import (
	"testing"
	"time"

	"machi/internal/catalog"
	"machi/internal/guide"
	"machi/internal/queue"
)

func TestAMatterIsToldAsTheOfficeDealsWithIt(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	g := guide.New(func() *catalog.Catalog { return c })
	tests := []struct {
		name, office, query string
		first               string
		service             queue.ServiceID
		elsewhere           int // at least
	}{
		{"a ticket of this office", "km-setagaya", "引越し", "move-in", "moving", 0},
		{"a branch does not take marriages", "br-kyodo", "結婚", "marriage", "", 5},
		{"a centre has a service of its own", "mn-center", "暗証番号", "pin", "card-pin", 0},
		{"the same matter under another ticket", "km-kinuta", "暗証番号", "pin", "mynumber", 0},
		{"nobody's counter", "km-setagaya", "パスポート", "koseki-cert", "koseki-certificate", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, ok := g.Find(queue.OfficeID(test.office), test.query)
			if !ok || len(answer.Matters) == 0 {
				t.Fatalf("%v %+v", ok, answer)
			}
			m := answer.Matters[0]
			if m.ID != test.first || m.Service != test.service || len(m.Elsewhere) < test.elsewhere {
				t.Errorf("got %s with ticket %q and %d offices elsewhere", m.ID, m.Service, len(m.Elsewhere))
			}
			if (m.Service == "") == (len(m.Elsewhere) == 0) {
				t.Errorf("%s has a ticket here and somewhere else, or neither", m.ID)
			}
		})
	}
	if _, ok := g.Find("nowhere", "引越し"); ok {
		t.Error("an office that does not exist answers")
	}
	if m, ok := g.Matter("km-setagaya", "move-in"); !ok || len(m.With) == 0 || len(m.Forms) == 0 {
		t.Errorf("%v %+v", ok, m)
	}
	if near, _ := g.Matter("br-kyodo", "marriage"); near.Elsewhere[0].Office != "km-setagaya" {
		t.Errorf("the office of the own area is not the first: %+v", near.Elsewhere)
	}
	if long, late := g.Patience("koseki"); long != 30*time.Minute || late != time.Hour {
		t.Errorf("a notification is long after %s and late after %s", long, late)
	}
	if long, late := g.Patience("none"); long <= 0 || late <= long {
		t.Errorf("what nobody knows is long after %s and late after %s", long, late)
	}
}

func TestANewCatalogueIsSearchedAtOnce(t *testing.T) {
	first, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	second := *first
	second.Matters = []catalog.Matter{{ID: "bike", Name: catalog.Text{"ja": "自転車"}, Words: []string{"自転車"}, Advice: catalog.Text{"ja": "土木の担当へ"}}}
	current := first
	g := guide.New(func() *catalog.Catalog { return current })
	if answer, _ := g.Find("km-setagaya", "自転車"); len(answer.Matters) != 0 {
		t.Fatalf("found %+v", answer)
	}
	current = &second
	if answer, _ := g.Find("km-setagaya", "自転車"); len(answer.Matters) != 1 {
		t.Errorf("found %+v", answer)
	}
}
