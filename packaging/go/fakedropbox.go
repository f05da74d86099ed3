// Package fakedropbox gives a test a Dropbox on localhost.
//
//	func TestUpload(t *testing.T) {
//		f := fakedropbox.Start(t)
//		dbx := files.New(f.Config())
//		...
//		f.AssertFile("/in/a.txt", "hello")
//	}
//
// All tests of a test binary share one server; each has an account of its own, so they may run in
// parallel. A failing test logs the requests that its account received.
package fakedropbox

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// T is what a *testing.T offers and this package uses.
type T interface {
	Helper()
	Name() string
	Cleanup(func())
	Failed() bool
	Logf(format string, arguments ...any)
	Errorf(format string, arguments ...any)
	Fatalf(format string, arguments ...any)
}

// Option sets a test's account up.
type Option func(*settings)

type settings struct {
	server       *Server
	scopes       []string
	quota        *int64
	denied       string
	assumptions  map[string]any
	unusedLinks  bool
	unfiredFault bool
}

// On uses this server in place of the shared one.
func On(server *Server) Option { return func(s *settings) { s.server = server } }

// Scopes limits the token to these scopes.
func Scopes(scopes ...string) Option { return func(s *settings) { s.scopes = scopes } }

// Quota limits the account to so many bytes.
func Quota(bytes int64) Option { return func(s *settings) { s.quota = &bytes } }

// Denied answers every call with that 403, such as "team_access_denied".
func Denied(reason string) Option { return func(s *settings) { s.denied = reason } }

// Assume answers an open question otherwise, as in Assume("failed_commit", "frees"), or chooses a
// dialect: Assume("dialect", "2025").
func Assume(name string, value any) Option {
	return func(s *settings) { s.assumptions[name] = value }
}

// AllowUnused lets the test pass although a link was requested and never used.
func AllowUnused() Option { return func(s *settings) { s.unusedLinks = true } }

// AllowUnfired lets the test pass although a fault never fired.
func AllowUnfired() Option { return func(s *settings) { s.unfiredFault = true } }

// Start gives the test an account of its own on the server that all tests of this binary share: the
// one that FAKE_DROPBOX_URL names, or one that is started now.
//
// At its end a test fails if it requested a link and never used it, or if a fault never fired.
func Start(t T, options ...Option) *Account {
	t.Helper()
	settings := settings{assumptions: map[string]any{}}
	for _, option := range options {
		option(&settings)
	}
	server := settings.server
	if server == nil {
		var err error
		if server, err = shared(); err != nil {
			t.Fatalf("%v", err)
		}
	}
	account := &Account{URL: server.URL, Token: newToken(), t: t, server: server}
	account.controls = server.controls(account.Token)
	account.Clock = Clock{account}
	// One name is one account, and a test may run twice.
	declared := map[string]any{"token": account.Token, "account": t.Name() + " " + account.Token[len(account.Token)-8:]}
	if settings.scopes != nil {
		declared["scopes"] = settings.scopes
	}
	if settings.denied != "" {
		declared["denied"] = settings.denied
	}
	account.must(server.controls("").call("POST", "/tokens", nil, declared, nil))
	if settings.quota != nil {
		account.must(account.controls.call("PUT", "/quota", nil, map[string]any{"bytes": *settings.quota}, nil))
	}
	if settings.unusedLinks {
		account.ExpectLinks("unused", "")
	}
	if len(settings.assumptions) > 0 {
		account.must(account.controls.call("POST", "/assumptions", nil, settings.assumptions, nil))
	}
	t.Cleanup(func() { account.end(settings) })
	return account
}

// end looks for what was asked for and never met, and tells what a failed test did.
func (a *Account) end(settings settings) {
	if !a.t.Failed() {
		var links struct{ Links []Link }
		if err := a.controls.call("GET", "/links", url.Values{"limit": {"10000"}}, nil, &links); err != nil {
			a.t.Errorf("whether every link was used cannot be told: %v", err)
		}
		for _, link := range links.Links {
			if link.Failure == "unused" && !link.Expected {
				a.t.Errorf("a link was requested and never used: %s (AllowUnused says that this is meant)", link.Path)
			}
		}
		var faults struct{ Faults []FaultStatus }
		if err := a.controls.call("GET", "/faults", url.Values{"unfired": {"true"}}, nil, &faults); err != nil {
			a.t.Errorf("whether every fault fired cannot be told: %v", err)
		}
		for _, fault := range faults.Faults {
			if !settings.unfiredFault {
				a.t.Errorf("a fault never fired: %s (AllowUnfired says that this is meant)", fault.Rule)
			}
		}
	}
	if a.t.Failed() {
		requests, err := a.requests(nil)
		lines := []string{fmt.Sprintf("fake-dropbox requests of %s:", a.t.Name())}
		for _, request := range requests {
			lines = append(lines, request.String())
		}
		if err != nil {
			lines = append(lines, err.Error())
		} else if len(requests) == 0 {
			lines = append(lines, "none came")
		}
		a.t.Logf("%s", strings.Join(lines, "\n  "))
	}
}

func newToken() string {
	var random [16]byte
	// It never fails: see its documentation.
	_, _ = rand.Read(random[:])
	return "test-" + hex.EncodeToString(random[:])
}

// URLGenerator is for the field of that name in the SDK's dropbox.Config.
func (a *Account) URLGenerator(_, namespace, route string) string {
	return a.URL + "/2/" + namespace + "/" + route
}

// HTTPClient is a client whose requests to Dropbox's hosts go to the fake, over plain HTTP. For the
// SDK's dropbox.Config it is another way than URLGenerator; it also follows links that name
// Dropbox's own hosts.
func (a *Account) HTTPClient() *http.Client {
	target, err := url.Parse(a.URL)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	return &http.Client{Transport: leading{target}}
}

type leading struct{ target *url.URL }

func (l leading) RoundTrip(request *http.Request) (*http.Response, error) {
	host := request.URL.Hostname()
	if host == "dropbox.com" || strings.HasSuffix(host, ".dropbox.com") || strings.HasSuffix(host, ".dropboxapi.com") {
		request = request.Clone(request.Context())
		request.URL.Scheme = l.target.Scheme
		request.URL.Host = l.target.Host
		// Links are made for the host that is named here: without it they would lead to Dropbox.
		request.Host = l.target.Host
	}
	return direct.Transport.RoundTrip(request)
}

// Env is this process's environment with the variables that lead a child to the fake, for
// exec.Cmd.Env.
func (a *Account) Env() []string {
	a.t.Helper()
	environment, err := a.server.Env()
	a.must(err)
	return environment
}
