package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"machi/internal/account"
	"machi/internal/eventlog/redistest"
	"machi/internal/server"
)

// signedOut is the code with which a clerk's socket is closed.
const signedOut = 4401

// TestWhatIsEndedAtOneServerEndsAtTheOther signs a clerk in at one server, who follows
// a counter at the other one, and ends the session in each way that there is.
func TestWhatIsEndedAtOneServerEndsAtTheOther(t *testing.T) {
	redis := redistest.Start(t)
	here := start(t, server.Options{Redis: redis.URL()})
	there := start(t, server.Options{Redis: redis.URL()})
	const password = "ねこが三匹 屋根の上で寝る"
	clerk, _, err := here.People().Add(t.Context(), account.New{
		Login: "sato", Name: "佐藤", Grants: []account.Grant{{Role: account.Staff, Office: "km-setagaya"}}, Password: password,
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(in account.SignedIn) error{
		"the session is revoked":  func(in account.SignedIn) error { return here.People().EndSession(t.Context(), in.Session.ID, "x") },
		"all of them are":         func(account.SignedIn) error { return here.People().EndSessions(t.Context(), clerk.ID, "x") },
		"the account is disabled": func(account.SignedIn) error { return here.People().Disable(t.Context(), clerk.ID, "x") },
	} {
		in, err := here.People().SignIn(t.Context(), account.Credentials{Login: "sato", Password: password, Source: "s"})
		if err != nil {
			t.Fatal(err)
		}
		if status, body := there.send("GET", setagaya+"/console?counter=1", in.Token, "", ""); status != http.StatusOK {
			t.Fatalf("the other server answers %d: %v", status, body)
		}
		socket := follow(t, there, in.Token)
		began := time.Now()
		if err := end(in); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+": the other server refuses it", func() bool {
			status, _ := there.send("GET", setagaya+"/console?counter=1", in.Token, "", "")
			return status == http.StatusUnauthorized
		})
		if code := closeCode(t, socket); code != signedOut {
			t.Errorf("%s: the socket was closed with %d", name, code)
		}
		t.Logf("%s: over everywhere after %v", name, time.Since(began))
		if err := here.People().Enable(t.Context(), clerk.ID, "x"); err != nil {
			t.Fatal(err)
		}
	}
}

// follow opens a clerk's socket.
func follow(t *testing.T, s *running, token string) *websocket.Conn {
	t.Helper()
	address := "ws" + strings.TrimPrefix(s.Addr(), "http") + "/api/v1/live?office=km-setagaya&console=1"
	conn, _, err := websocket.DefaultDialer.Dial(address, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// closeCode reads until a socket is closed.
func closeCode(t *testing.T, conn *websocket.Conn) int {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for {
		_, _, err := conn.ReadMessage()
		if closed, ok := err.(*websocket.CloseError); ok {
			return closed.Code
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
