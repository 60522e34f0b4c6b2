package main

import (
	"machi/internal/notify/line"
	"machi/internal/notify/mail"
	"machi/internal/server"
)

// tellFlags say in which ways residents can be told that their turn is near.
type tellFlags struct {
	PushSubject      string   `help:"Turns Web Push on: an https address where a push service finds who runs this." env:"MACHI_PUSH_SUBJECT" placeholder:"URL"`
	PushHosts        []string `help:"Push services beside those of the known browsers." env:"MACHI_PUSH_HOSTS" placeholder:"HOST"`
	MailServer       string   `help:"Turns e-mail on: the city's mail server." env:"MACHI_MAIL_SERVER" placeholder:"HOST:PORT"`
	MailSecurity     string   `help:"Way to it: starttls, tls or none." env:"MACHI_MAIL_SECURITY" default:"starttls" enum:"starttls,tls,none"`
	MailUser         string   `help:"Name that it knows this server by. Empty: it asks nobody." env:"MACHI_MAIL_USER"`
	MailPasswordFile string   `help:"File with the password that belongs to it." env:"MACHI_MAIL_PASSWORD_FILE" placeholder:"FILE" type:"path"`
	MailFrom         string   `help:"Sender of messages, such as 世田谷区 <no-reply@city.example.jp>." env:"MACHI_MAIL_FROM" placeholder:"ADDRESS"`
	LineSecretFile   string   `help:"Turns LINE on: file with the channel secret of the account." env:"MACHI_LINE_SECRET_FILE" placeholder:"FILE" type:"path"`
	LineTokenFile    string   `help:"File with its channel access token." env:"MACHI_LINE_TOKEN_FILE" placeholder:"FILE" type:"path"`
	LineAddURL       string   `name:"line-add-url" help:"Where residents add the account." env:"MACHI_LINE_ADD_URL" placeholder:"URL"`
	WebhookAllow     []string `help:"Networks of one's own that webhooks may reach, such as 10.1.2.0/24. Without one: public addresses only." env:"MACHI_WEBHOOK_ALLOW" placeholder:"CIDR"`
	LineEndpoint     string   `help:"Another address than LINE's own, to test with." env:"MACHI_LINE_ENDPOINT" placeholder:"URL"`
}

func (f tellFlags) tell() (t server.Tell, err error) {
	t = server.Tell{
		PushSubject: f.PushSubject, PushHosts: f.PushHosts, LineAddURL: f.LineAddURL,
		Mail: mail.Options{Server: f.MailServer, Security: f.MailSecurity, User: f.MailUser, From: f.MailFrom},
		Line: line.Options{Endpoint: f.LineEndpoint},
	}
	if t.Mail.Password, err = secret("", f.MailPasswordFile); err != nil {
		return t, err
	}
	if t.Line.Secret, err = secret("", f.LineSecretFile); err != nil {
		return t, err
	}
	t.Line.Token, err = secret("", f.LineTokenFile)
	return t, err
}
