package guide_test

import (
	"slices"
	"testing"

	"machi/internal/catalog"
	"machi/internal/guide"
)

func TestResidentsReadWhatIsForThem(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	g := guide.New(func() *catalog.Catalog { return c })
	kinds := func(w guide.Way) (list []string) {
		for _, i := range w.Instead {
			list = append(list, i.Kind)
		}
		return list
	}
	out, _ := g.Way("move-out")
	if !slices.Equal(kinds(out), []string{"online", "post"}) || len(out.Offices) != 10 {
		t.Errorf("moving out: %v at %d offices", kinds(out), len(out.Offices))
	}
	in, _ := g.Way("move-in")
	if slices.Contains(kinds(in), "online") {
		t.Error("moving in is said to be possible online, as moving out is")
	}
	if old, _ := g.Way("koseki-wide"); len(old.Instead) != 0 {
		t.Errorf("registers of other cities are given in person only, not %v", kinds(old))
	}
	if none, _ := g.Way("waste"); none.Where["en"] == "" || len(none.Offices) != 0 {
		t.Errorf("nobody's counter: %+v", none)
	}
	if shielded, _ := g.Way("protection"); shielded.Where != nil {
		t.Error("what is for the person at the desk is told to residents")
	}
	if found := g.Meant("搬家"); len(found) == 0 || found[0].Purpose != "moving" {
		t.Errorf("a Chinese word finds %v", found)
	}
	if _, ok := g.Way("no-such-matter"); ok || len(g.Meant("")) != 0 || len(g.Ways()) != len(c.Matters) || len(g.Towns()) != len(c.Towns) {
		t.Error("something is told of nothing")
	}
}
