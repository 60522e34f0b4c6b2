package line

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	api "github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"machi/internal/notify"
	"machi/internal/notify/outward"
)

// Options say which account tells. Secret and Token are required.
type Options struct {
	Secret   string // of the channel: LINE signs with it
	Token    string // that lets us send
	Endpoint string // empty: LINE's own
	Client   *http.Client
}

// Sender is the office's account.
type Sender struct{ o Options }

// New returns the account.
func New(o Options) (*Sender, error) {
	if o.Secret == "" || o.Token == "" {
		return nil, errors.New("line: the channel's secret and its access token are both needed")
	}
	if o.Client == nil {
		o.Client = outward.Client()
	}
	s := &Sender{o}
	_, err := s.client(context.Background())
	return s, err
}

func (s *Sender) client(ctx context.Context) (*api.MessagingApiAPI, error) {
	options := []api.MessagingApiAPIOption{api.WithHTTPClient(s.o.Client)}
	if s.o.Endpoint != "" {
		options = append(options, api.WithEndpoint(s.o.Endpoint))
	}
	c, err := api.NewMessagingApiAPI(s.o.Token, options...)
	if err != nil {
		return nil, errors.New("line: the endpoint is no URL")
	}
	return c.WithContext(ctx), nil
}

// RetryKey returns the key of a notice, a UUID: LINE takes each only once in a day.
func RetryKey(id string) string {
	b := sha256.Sum256([]byte("line " + id))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // version 8, RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// Send pushes a notice to the user.
func (s *Sender) Send(ctx context.Context, n notify.Notice) error {
	if n.Contact.Line == "" {
		return &notify.Failure{Verdict: notify.Refused, Reason: "nobody"}
	}
	ctx, try := outward.Watch(ctx)
	c, err := s.client(ctx)
	if err != nil {
		return &notify.Failure{Verdict: notify.Again, Reason: "settings"}
	}
	text := n.Message.Title + "\n" + n.Message.Body
	if n.Page != "" {
		text += "\n" + n.Page
	}
	answer, _, err := c.PushMessageWithHttpInfo(&api.PushMessageRequest{
		To: n.Contact.Line, Messages: []api.MessageInterface{api.TextMessage{Text: text}},
	}, RetryKey(n.ID))
	if answer == nil {
		if err == nil {
			return nil
		}
		return try.Failed()
	}
	defer outward.Drain(answer.Body)
	if answer.StatusCode == http.StatusConflict { // it was taken at an earlier try
		return nil
	}
	if f := outward.Answered(answer.StatusCode, answer.Header, time.Now()); f != nil {
		return f
	}
	return nil
}

// Reply answers a word. The answer is free of charge, and good for a minute only.
func (s *Sender) Reply(ctx context.Context, w notify.Word, text string) error {
	c, err := s.client(ctx)
	if err != nil {
		return err
	}
	_, err = c.ReplyMessage(&api.ReplyMessageRequest{ReplyToken: w.Reply, Messages: []api.MessageInterface{api.TextMessage{Text: text}}})
	if err != nil {
		return errors.New("line: no reply was sent")
	}
	return nil
}

// Parse returns the texts that users sent, or [notify.ErrSignature] where LINE did not
// sign what was posted. What is not a text of one user is left out.
func (s *Sender) Parse(signature string, body []byte) ([]notify.Word, error) {
	if !webhook.ValidateSignature(s.o.Secret, signature, body) {
		return nil, notify.ErrSignature
	}
	var posted webhook.CallbackRequest
	if err := json.Unmarshal(body, &posted); err != nil {
		return nil, &notify.FieldError{Field: "body", Text: "not what LINE posts"}
	}
	var words []notify.Word
	for _, event := range posted.Events {
		said, ok := event.(webhook.MessageEvent)
		if !ok {
			continue
		}
		from, user := said.Source.(webhook.UserSource)
		text, is := said.Message.(webhook.TextMessageContent)
		if user && is {
			words = append(words, notify.Word{User: from.UserId, Text: text.Text, Reply: said.ReplyToken})
		}
	}
	return words, nil
}
