package main

import (
	"context"
	"errors"
	"fmt"

	"machi/internal/queue"
	"machi/kiosk/device"
)

// enrolCmd makes this machine's key and has the server let it in. A machine that
// runs on the same data folder goes on with the new key at once.
type enrolCmd struct {
	Server string `help:"Base URL of the server." env:"MACHI_SERVER" placeholder:"URL" required:""`
	Code   string `help:"One-time code of eight digits, from \"machi kiosk code\" or a manager." required:""`
	Data   string `help:"Data folder of the machine, which keeps the key." env:"MACHI_DATA" default:"machi-kiosk-data" type:"path"`
	Office string `help:"Id of the office, to be sure that the code is this machine's." env:"MACHI_OFFICE"`
	Kiosk  string `help:"Id of this machine, to be sure that the code is this machine's." env:"MACHI_KIOSK"`
}

// Run enrols the machine and prints what it is now.
func (c *enrolCmd) Run(ctx context.Context) error {
	d, err := device.Enrol(ctx, device.Request{
		Server: c.Server, Code: c.Code, Dir: c.Data, Office: queue.OfficeID(c.Office), Kiosk: queue.KioskID(c.Kiosk),
	})
	var no *device.Refused
	if errors.As(err, &no) && no.Code == "wrong_code" {
		return errors.New("the code is wrong, used or expired; make a new one with \"machi kiosk code\"")
	}
	if err != nil {
		return err
	}
	fmt.Printf("enrolled: office %s, kiosk %s, key %s\n", d.Office, d.Kiosk, d.KeyID)
	return nil
}
