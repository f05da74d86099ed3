package fakedropbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// The versions of the server that this package works with: from the first, below the second.
var supported = [2][2]int{{0, 1}, {0, 2}}

// How long a server may take to start.
const startTime = 30 * time.Second

// Server is a running fake-dropbox.
type Server struct {
	// URL is its address, such as http://127.0.0.1:41234.
	URL string

	process *exec.Cmd
	stdin   io.Closer
	ended   chan struct{}
}

var shared = sync.OnceValues(func() (*Server, error) {
	if address := os.Getenv("FAKE_DROPBOX_URL"); address != "" {
		return Connect(address)
	}
	return Serve()
})

// Serve starts a server on a free port and returns when it answers. The arguments are those of
// "fake-dropbox serve". It ends with this process, also if that is killed.
func Serve(arguments ...string) (*Server, error) {
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	all := []string{"serve", "--print-url", "--until-stdin-closes"}
	for _, option := range [][2]string{{"--port", "0"}, {"--log", "warn"}} {
		if !given(arguments, option[0]) {
			all = append(all, option[0], option[1])
		}
	}
	command := exec.Command(program, append(all, arguments...)...)
	var said limited
	command.Stderr = &said
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", program, unwrapped(err))
	}
	server := &Server{process: command, stdin: stdin, ended: make(chan struct{})}
	line := make(chan string, 1)
	go func() {
		read := bufio.NewReader(stdout)
		first, _ := read.ReadString('\n')
		line <- strings.TrimSpace(first)
		_, _ = io.Copy(io.Discard, read)
		_ = command.Wait()
		close(server.ended)
	}()
	select {
	case server.URL = <-line:
	case <-time.After(startTime):
	}
	if server.URL == "" {
		server.Stop()
		return nil, fmt.Errorf("fake-dropbox did not start (%s): %s", command.ProcessState, said.text())
	}
	if err := server.check(); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

// Connect takes a server that runs.
func Connect(address string) (*Server, error) {
	server := &Server{URL: strings.TrimRight(address, "/")}
	return server, server.check()
}

func (s *Server) check() error {
	var status struct{ Version string }
	if err := s.controls("").call("GET", "/status", nil, nil, &status); err != nil {
		return err
	}
	var version [2]int
	if _, err := fmt.Sscanf(status.Version, "%d.%d", &version[0], &version[1]); err != nil {
		return fmt.Errorf("what answers at %s is not a fake-dropbox", s.URL)
	}
	rank := func(version [2]int) int { return version[0]*1000 + version[1] }
	if rank(version) < rank(supported[0]) || rank(version) >= rank(supported[1]) {
		return fmt.Errorf("the server at %s is fake-dropbox %s; this package works with %d.%d up to, but not including, %d.%d: install matching versions",
			s.URL, status.Version, supported[0][0], supported[0][1], supported[1][0], supported[1][1])
	}
	return nil
}

func (s *Server) controls(token string) controls { return controls{url: s.URL, token: token} }

// Stop ends the server, if it was started here. It may be called again.
func (s *Server) Stop() {
	if s.process == nil {
		return
	}
	_ = s.stdin.Close()
	select {
	case <-s.ended:
	case <-time.After(12 * time.Second):
		_ = s.process.Process.Kill()
		<-s.ended
	}
}

// Env is this process's environment with the variables that lead other programs to the server, for
// exec.Cmd.Env.
func (s *Server) Env() ([]string, error) {
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	command := exec.Command(program, "env", "--url", s.URL, "--format", "json")
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("the environment for %s cannot be made: %s", s.URL, strings.TrimSpace(said.String()))
	}
	var variables map[string]*string
	if err := json.Unmarshal(out, &variables); err != nil {
		return nil, err
	}
	var environment []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if _, replaced := variables[name]; !replaced {
			environment = append(environment, variable)
		}
	}
	for name, value := range variables {
		if value != nil {
			environment = append(environment, name+"="+*value)
		}
	}
	return environment, nil
}

func findProgram() (string, error) {
	if named := os.Getenv("FAKE_DROPBOX_BIN"); named != "" {
		found, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("FAKE_DROPBOX_BIN names %s, which is not a program", named)
		}
		return found, nil
	}
	found, err := exec.LookPath("fake-dropbox")
	if err != nil {
		return "", errors.New("the program fake-dropbox is not on the PATH: install it with " +
			"`cargo install fake-dropbox`, or name it in FAKE_DROPBOX_BIN, or a server that runs in FAKE_DROPBOX_URL")
	}
	return found, nil
}

func given(arguments []string, option string) bool {
	for _, argument := range arguments {
		if argument == option || strings.HasPrefix(argument, option+"=") {
			return true
		}
	}
	return false
}

func unwrapped(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// limited keeps the beginning of what a program says.
type limited struct {
	lock  sync.Mutex
	bytes bytes.Buffer
}

func (l *limited) Write(said []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if room := 1<<16 - l.bytes.Len(); room > 0 {
		l.bytes.Write(said[:min(room, len(said))])
	}
	return len(said), nil
}

func (l *limited) text() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return strings.TrimSpace(l.bytes.String())
}
