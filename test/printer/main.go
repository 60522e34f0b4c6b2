// Command printer is a receipt printer made of program, for people: it listens like a
// network printer, draws each ticket as a picture and plays a fault.
//
//	go run ./test/printer -list
//	go run ./test/printer -fault paper-out-in-number -out tickets
//	machi-kiosk run --printer tcp://127.0.0.1:9100 ...
//	go run ./test/printer -look DIR     pictures of sample tickets, no printer
//
// While it runs, a line on standard input puts things right or wrong: "paper out",
// "paper in", "cover open", "cover shut", "unplug", "plug", "status".
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

func main() {
	list := flag.Bool("list", false, "list the faults and end")
	fault := flag.String("fault", "well", "fault to play, from the first ticket on")
	listen := flag.String("listen", "127.0.0.1:9100", "address to listen on")
	out := flag.String("out", "tickets", "folder of the pictures")
	paper := flag.Int("paper", 80, "millimetres: 58 or 80")
	look := flag.String("look", "", "draw sample tickets into a folder and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *list:
		for _, s := range virtual.Scripts() {
			fmt.Printf("%-26s %s\n", s.Name, s.About)
		}
	case *look != "":
		err = drawSamples(*look)
	default:
		err = run(ctx, *fault, *listen, *out, *paper)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "printer:", err)
		os.Exit(1)
	}
}

// widths are the dots of a printer's head.
var widths = map[int]int{58: 384, 80: 576}

func run(ctx context.Context, fault, listen, out string, paper int) error {
	script, err := find(fault)
	if err != nil {
		return err
	}
	if widths[paper] == 0 {
		return fmt.Errorf("paper of %d mm: want 58 or 80", paper)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	fmt.Printf("tcp://%s, %d mm, %s: %s\n", l.Addr(), paper, script.Name, script.About)
	var mu sync.Mutex
	n := 0
	p := virtual.New(virtual.Options{Dots: widths[paper], Script: script, Out: func(paper virtual.Paper) {
		mu.Lock()
		defer mu.Unlock()
		if paper.Blank() {
			fmt.Println("a blank slip")
			return
		}
		n++
		report(save(filepath.Join(out, fmt.Sprintf("%03d.png", n)), paper.Image()))
	}})
	go hands(p, os.Stdin) // ends with the program
	return p.Serve(ctx, l)
}

func report(path string, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "printer:", err)
		return
	}
	fmt.Println(path)
}

func find(name string) (virtual.Script, error) {
	for _, s := range virtual.Scripts() {
		if s.Name == name {
			return s, nil
		}
	}
	return virtual.Script{}, fmt.Errorf("no fault %q: see -list", name)
}

// hands are those of whoever stands at the printer.
func hands(p *virtual.Printer, from io.Reader) {
	acts := map[string]virtual.Act{
		"paper out": virtual.PaperOut, "paper in": virtual.PaperIn, "near end": virtual.NearEnd,
		"cover open": virtual.CoverOpen, "cover shut": virtual.CoverShut,
		"unplug": virtual.Unplug, "plug": virtual.Plug, "mute": virtual.FallMute, "speak": virtual.Speak,
	}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		word := strings.TrimSpace(lines.Text())
		act, ok := acts[word]
		switch {
		case ok:
			p.Do(act)
			fmt.Println(act.Name)
		case word == "status":
			fmt.Println(len(p.Papers()), "papers", p.Counts(), p.Complaints())
		case word != "":
			fmt.Println("paper out, paper in, near end, cover open, cover shut, unplug, plug, mute, speak, status")
		}
	}
}

// drawSamples draws every sample as an 80 mm and a 58 mm printer would print it, and
// as it is drawn with the machine's fonts alone.
func drawSamples(dir string) error {
	types := print.OpenCase()
	fmt.Println("fonts:", strings.Join(types.Fonts(), ", "))
	if lacks := types.Lacks(); len(lacks) > 0 {
		fmt.Println("no font for:", strings.Join(lacks, ", "))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, s := range virtual.Samples() {
		for paper := range widths {
			page, err := types.PictureOn(s.Ticket, paper)
			if err != nil {
				return err
			}
			if _, err := save(filepath.Join(dir, fmt.Sprintf("%s-%d-drawn.png", s.Name, paper)), page); err != nil {
				return err
			}
			printed, err := through(dir, types, s, paper)
			if err != nil {
				return err
			}
			report(save(filepath.Join(dir, fmt.Sprintf("%s-%d.png", s.Name, paper)), printed))
		}
	}
	return nil
}

// through prints a sample into a file and feeds the bytes to a virtual printer.
func through(dir string, types *print.Case, s virtual.Sample, paper int) (image.Image, error) {
	printer, err := print.Open("file:"+dir, print.Options{Paper: paper, Case: types})
	if err != nil {
		return nil, err
	}
	if err := printer.Print(context.Background(), s.Name, s.Ticket); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, s.Name+".bin"))
	if err != nil {
		return nil, err
	}
	return virtual.Draw(raw, widths[paper], types)
}

func save(path string, page image.Image) (string, error) {
	file, err := os.Create(path)
	if err != nil {
		return path, err
	}
	err = png.Encode(file, page)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return path, err
}
