package server_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"machi/internal/server"
)

// wordsOf is a text by language.
type wordsOf map[string]string

// planOf is what a machine reads of its plan.
type planOf struct {
	PIN      string `json:"pin"`
	Services []struct {
		ID, Kana string
		Bring    []wordsOf
		Instead  []struct {
			Kind, Office, URL string
			Text              wordsOf
		}
		Footer    wordsOf
		FooterURL string `json:"footer_url"`
	}
	Elsewhere []place
}

type place struct {
	Office   string
	Name     wordsOf
	Services []string
}

func (r *running) plan(token, office string) planOf {
	r.t.Helper()
	status, out := r.send("GET", "/api/v1/offices/"+office+"/kiosks/K1/plan", token, "", "")
	if status != http.StatusOK {
		r.t.Fatalf("the plan of %s: %d %v", office, status, out)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		r.t.Fatal(err)
	}
	var plan planOf
	if err := json.Unmarshal(raw, &plan); err != nil {
		r.t.Fatal(err)
	}
	return plan
}

func TestAMachineIsToldAllThatItShowsAndPrints(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offices.yaml")
	if err := os.WriteFile(file, []byte("offices: [{id: br-kyodo, page: \"https://kyodo.example/\"}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, server.Options{Catalog: file})
	admin := s.grant("admin")
	for _, office := range []string{"km-setagaya", "br-kyodo", "cc-carrot", "mn-center"} {
		plan := s.plan(admin, office)
		for _, v := range plan.Services {
			if v.Kana == "" || len(v.Bring) == 0 {
				t.Errorf("%s: %s has kana %q and %d things to bring", office, v.ID, v.Kana, len(v.Bring))
			}
			for _, way := range v.Instead {
				if len(way.Text) != 5 || way.Office == office {
					t.Errorf("%s: %s instead: %+v", office, v.ID, way)
				}
			}
			if moving := v.ID == "moving"; moving != (len(v.Footer) == 5) || moving != strings.HasPrefix(v.FooterURL, "https://") {
				t.Errorf("%s: below %s stands %v %q", office, v.ID, v.Footer, v.FooterURL)
			}
			if v.ID == "moving" && office == "br-kyodo" && v.FooterURL != "https://kyodo.example/" {
				t.Errorf("the district's own page is %q", v.FooterURL)
			}
		}
		for _, e := range plan.Elsewhere {
			if e.Office == office || len(e.Name) != 5 || len(e.Services) == 0 {
				t.Errorf("%s: elsewhere %+v", office, e)
			}
		}
		carrot := slices.IndexFunc(plan.Elsewhere, func(e place) bool { return e.Office == "cc-carrot" })
		if (carrot >= 0) != (office == "km-setagaya" || office == "br-kyodo") {
			t.Errorf("%s: the certificate counter is elsewhere: %v", office, carrot)
		}
	}
}

func TestManagersEnrolAndRevokeAMachine(t *testing.T) {
	s := start(t, server.Options{})
	manager := s.grant("manager")
	kiosks := "/api/v1/offices/km-setagaya/kiosks"
	machine := func() map[string]any {
		t.Helper()
		_, dashboard := s.send("GET", "/api/v1/offices/km-setagaya/dashboard", manager, "", "")
		return dashboard["machines"].([]any)[0].(map[string]any)
	}
	if status, out := s.post(kiosks+"/pin", manager, "", `{"pin":"0042"}`); status != http.StatusOK {
		t.Fatalf("the PIN: %d %v", status, out)
	}
	if hash := s.plan(s.grant("kiosk"), "km-setagaya").PIN; !strings.HasPrefix(hash, "$argon2id$") || strings.Contains(hash, "0042") {
		t.Errorf("the plan's PIN is %q", hash)
	}
	status, code := s.post(kiosks+"/K1/enrol-code", manager, "", `{}`)
	key := base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
	if status != http.StatusCreated {
		t.Fatalf("the code: %d %v", status, code)
	}
	if status, out := s.post("/api/v1/enrol", "", "", `{"code":"`+code["code"].(string)+`","public_key":"`+key+`"}`); status != http.StatusCreated {
		t.Fatalf("the enrolment: %d %v", status, out)
	}
	if m := machine(); m["enrolled"] != true {
		t.Errorf("after the enrolment the machine is shown as %v", m)
	}
	if status, out := s.post(kiosks+"/K1/revoke", manager, "", `{}`); status != http.StatusOK {
		t.Fatalf("the revocation: %d %v", status, out)
	}
	if m := machine(); m["state"] != "unused" || m["enrolled"] != false {
		t.Errorf("after the revocation the machine is shown as %v", m)
	}
}
