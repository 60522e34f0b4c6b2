package observe

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"machi/internal/catalog"
	"machi/internal/queue"
)

// all returns the offices of the built-in catalogue.
func all() []queue.OfficeID {
	c, err := catalog.Default()
	if err != nil {
		panic(err) // a test of its own package holds it
	}
	return c.IDs()
}

// variables are what a dashboard's reader chooses.
var variables = strings.NewReplacer("$office", ".*", "$service", ".*", "$instance", ".*")

// panel is what a dashboard draws in one place.
type panel struct {
	board, title string
	exprs        []string
}

type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Templating    struct {
		List []struct {
			Name, Type string
			Query      any
		}
	}
	Panels []struct {
		ID          int
		Type, Title string
		Datasource  *struct{ UID string }
		Targets     []struct {
			Expr       string
			Datasource struct{ UID string }
		}
	}
}

func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	files, err := filepath.Glob("../../deploy/grafana/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	list := map[string]dashboard{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list[filepath.Base(file)] = d
	}
	return list
}

func panels(t *testing.T) []panel {
	t.Helper()
	var list []panel
	for name, d := range dashboards(t) {
		for _, p := range d.Panels {
			one := panel{board: name, title: p.Title}
			for _, target := range p.Targets {
				one.exprs = append(one.exprs, target.Expr)
			}
			list = append(list, one)
		}
	}
	return list
}

// TestDashboardsFitAnyGrafana holds what makes a dashboard work elsewhere: an identity, a
// data source that its reader chooses, panels of their own.
func TestDashboardsFitAnyGrafana(t *testing.T) {
	uids := map[string]string{}
	for name, d := range dashboards(t) {
		if other := uids[d.UID]; d.UID == "" || d.Title == "" || other != "" {
			t.Errorf("%s: uid %q (also of %q), title %q", name, d.UID, other, d.Title)
		}
		uids[d.UID] = name
		if v := d.Templating.List; len(v) == 0 || v[0].Name != "datasource" || v[0].Type != "datasource" {
			t.Errorf("%s: the first variable is not the data source", name)
		}
		ids := map[int]bool{}
		for _, p := range d.Panels {
			if ids[p.ID] || p.Title == "" {
				t.Errorf("%s: panel %d %q", name, p.ID, p.Title)
			}
			ids[p.ID] = true
			if p.Type == "row" {
				continue
			}
			if p.Datasource == nil || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s: %q has another data source, or asks nothing", name, p.Title)
			}
			for _, target := range p.Targets {
				if target.Datasource.UID != "${datasource}" || target.Expr == "" {
					t.Errorf("%s: %q asks %q of %q", name, p.Title, target.Expr, target.Datasource.UID)
				}
			}
		}
	}
}

// promtool runs Prometheus' own judge of files.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestRulesAreValidAndDoWhatTheySay(t *testing.T) {
	const dir = "../../deploy/prometheus/"
	promtool(t, "check", "config", dir+"prometheus.yml")
	promtool(t, "check", "rules", "--lint-fatal", dir+"rules.yml", dir+"alerts.yml")
	promtool(t, "test", "rules", dir+"tests.yml")
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestEveryAlertHasATestAndARunbook compares names: an alert without what to do only
// frightens.
func TestEveryAlertHasATestAndARunbook(t *testing.T) {
	alerts, tests, book := read(t, "../../deploy/prometheus/alerts.yml"), read(t, "../../deploy/prometheus/tests.yml"), read(t, "../../docs/runbooks.md")
	var named []string
	for _, part := range strings.Split(alerts, "- alert: ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		named = append(named, name)
		if !strings.Contains(rest, "runbook: docs/runbooks.md#"+strings.ToLower(name)+"\n") || !strings.Contains(book, "\n## "+name+"\n") {
			t.Errorf("%s has no section in docs/runbooks.md", name)
		}
		if !strings.Contains(tests, `alertname="`+name+`"`) {
			t.Errorf("%s has no test in tests.yml", name)
		}
		if !regexp.MustCompile(`severity: (page|office|ticket)\b`).MatchString(rest) {
			t.Errorf("%s: who is told?", name)
		}
	}
	for _, section := range regexp.MustCompile(`(?m)^## (\S+)$`).FindAllStringSubmatch(book, -1) {
		if !slices.Contains(named, section[1]) {
			t.Errorf("the runbook %s is of no alert", section[1])
		}
	}
}

// What an expression may name beside the server's own metrics.
var others = map[string]bool{"up": true}

// names finds the metrics in an expression: words before a selector, a bracket or an end,
// that are no function and no label.
var (
	quoted = regexp.MustCompile(`"[^"]*"`)
	labels = regexp.MustCompile(`\{[^}]*\}|\b(by|without|on|ignoring)\s*\([^)]*\)|\[[^]]*\]`)
	word   = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
	call   = regexp.MustCompile(`[a-zA-Z_]+\s*\(`)
)

func names(expr string) []string {
	expr = labels.ReplaceAllString(quoted.ReplaceAllString(expr, ""), " ")
	expr = call.ReplaceAllString(expr, " ")
	return slices.DeleteFunc(word.FindAllString(expr, -1), func(w string) bool {
		return slices.Contains([]string{"and", "or", "unless", "e", "d", "h", "m", "s"}, w)
	})
}

// TestEveryMetricThatIsNamedExists compares what rules and dashboards ask for with what
// the server can tell, and what rules record.
func TestEveryMetricThatIsNamedExists(t *testing.T) {
	known := map[string]bool{}
	described := regexp.MustCompile(`fqName: "([^"]+)"`)
	for _, d := range newOffice(t).server.Metrics() {
		name := described.FindStringSubmatch(d.String())[1]
		known[name] = true
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			known[name+part] = true
		}
	}
	// Collectors of the runtime describe themselves only as they are collected.
	for _, name := range []string{"go_goroutines", "process_cpu_seconds_total", "process_resident_memory_bytes"} {
		if !known[name] {
			t.Errorf("the server does not tell %s", name)
		}
	}
	exprs := map[string]string{}
	for _, file := range []string{"rules.yml", "alerts.yml"} {
		text := read(t, "../../deploy/prometheus/"+file)
		for _, r := range regexp.MustCompile(`- record: (\S+)`).FindAllStringSubmatch(text, -1) {
			known[r[1]] = true
		}
		for _, r := range regexp.MustCompile(`(?s)- (?:record|alert): (\S+)\s+expr: (.*?)(?:\n\s+for:|\n\s+- |\n\n|\n*$)`).FindAllStringSubmatch(text, -1) {
			exprs[file+" "+r[1]] = strings.TrimPrefix(strings.TrimSpace(r[2]), ">-")
		}
	}
	if len(exprs) < 25 {
		t.Fatalf("%d rules were read", len(exprs))
	}
	for _, p := range panels(t) {
		for _, expr := range p.exprs {
			exprs[p.board+" "+p.title+" "+expr] = variables.Replace(expr)
		}
	}
	for where, expr := range exprs {
		found := names(expr)
		if len(found) == 0 {
			t.Errorf("%s asks for nothing: %s", where, expr)
		}
		for _, name := range found {
			if !known[name] && !others[name] {
				t.Errorf("%s asks for %s, which nobody tells", where, name)
			}
		}
	}
}
