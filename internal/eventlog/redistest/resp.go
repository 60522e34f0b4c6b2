package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Do sends one command on a connection of its own and returns the answer as text
// (an array as fmt.Sprint shows a slice of its elements), or Redis's error. It
// stands apart from the client under test on purpose.
func (s *Server) Do(args ...string) (string, error) {
	return s.ask(args...)
}

// MustDo is [Server.Do] for commands that have to work.
func (s *Server) MustDo(args ...string) string {
	s.t.Helper()
	answer, err := s.Do(args...)
	if err != nil {
		s.t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return answer
}

func (s *Server) ask(args ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), patience)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, request(args)); err != nil {
		return "", err
	}
	return reply(bufio.NewReader(conn))
}

func request(args []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.String()
}

func reply(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, rest := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '-':
		return "", errors.New(rest)
	case '+', ':':
		return rest, nil
	}
	size, err := strconv.Atoi(rest)
	if err != nil || size < 0 {
		return "", err // a size of -1 stands for no value
	}
	if kind == '$' {
		value := make([]byte, size+2)
		_, err := io.ReadFull(r, value)
		return string(value[:size]), err
	}
	items := make([]string, size)
	for i := range items {
		if items[i], err = reply(r); err != nil {
			return "", err
		}
	}
	return fmt.Sprint(items), nil
}
