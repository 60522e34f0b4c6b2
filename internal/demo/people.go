package demo

import (
	"context"
	"fmt"

	"machi/internal/account"
	"machi/internal/queue"
	"machi/internal/server"
)

// person is somebody as whom a newcomer may sign in.
type person struct{ login, password, is string }

// hire makes the accounts of a small staff, with passwords of this run alone.
func hire(ctx context.Context, s *server.Server) ([]person, error) {
	var list []person
	for _, p := range []struct {
		login, name, is string
		role            account.Role
		office          queue.OfficeID
	}{
		{"clerk", "佐藤 花子", "窓口職員", account.Staff, mainOffice},
		{"reception", "鈴木 実", "受付案内", account.Reception, mainOffice},
		{"manager", "高橋 恵", "管理職", account.Manager, mainOffice},
		{"admin", "伊藤 健", "システム管理者", account.Admin, ""},
	} {
		password := account.DrawPassword()
		_, _, err := s.People().Add(ctx, account.New{
			Login: p.login, Name: p.name, Grants: []account.Grant{{Role: p.role, Office: p.office}}, Password: password,
		}, "demo")
		if err != nil {
			return nil, fmt.Errorf("demo: account %s: %w", p.login, err)
		}
		list = append(list, person{p.login, password, p.is})
	}
	return list, nil
}
