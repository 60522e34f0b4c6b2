package demo

import (
	"context"
	"fmt"
	"net/http"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/signs"
)

// wallNotice is what the main office's walls show between calls.
var wallNotice = struct{ title, body board.Text }{
	title: board.Text{
		"ja": "証明書はコンビニでも取れます", "en": "Certificates at convenience stores",
		"zh": "证明也可在便利店领取", "ko": "증명서는 편의점에서도 받을 수 있습니다",
	},
	body: board.Text{
		"ja": "マイナンバーカードをお持ちの方は、朝6時半から夜11時まで、お近くのコンビニをご利用ください。",
		"en": "With a My Number Card, from 6:30 to 23:00.",
		"zh": "持个人编号卡者，每天6:30至23:00均可办理。",
		"ko": "마이넘버카드가 있으면 6:30부터 23:00까지 받을 수 있습니다.",
	},
}

// notice puts a text on the walls of the main office. A text of one office needs no
// second person's approval.
func (t *troupe) notice(ctx context.Context, api *client) error {
	content := signs.Content{
		Office: mainOffice, Kind: signs.Notice, Title: wallNotice.title, Body: wallNotice.body,
		Schedule: signs.Schedule{From: queue.BusinessDay(t.options.Start), Seconds: 12, Weight: 1},
	}
	var item signs.Item
	if _, err := api.do(ctx, http.MethodPost, "/api/v1/signs", content, &item); err != nil {
		return fmt.Errorf("demo: notice: %w", err)
	}
	version := map[string]int{"version": item.Version}
	if _, err := api.do(ctx, http.MethodPost, "/api/v1/signs/"+item.ID+"/submit", version, nil); err != nil {
		return fmt.Errorf("demo: notice: %w", err)
	}
	return nil
}

// door returns the address of the screen at the main office's door, where people who took
// a number at home check in.
func (t *troupe) door(ctx context.Context, api *client) (string, error) {
	var today struct {
		Door string `json:"door_url"`
	}
	if _, err := api.do(ctx, http.MethodGet, "/api/v1/offices/"+string(mainOffice)+"/from-home/today", nil, &today); err != nil {
		return "", fmt.Errorf("demo: door: %w", err)
	}
	return t.server.Addr() + today.Door, nil
}
