package fakedropbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Account is an account of a test's own. Its methods end the test when the server refuses, with the
// server's sentence.
type Account struct {
	// URL is the address of the server.
	URL string
	// Token is the access token of the account.
	Token string
	// Clock is what links, tokens and timestamps of the account follow.
	Clock Clock

	t        T
	server   *Server
	controls controls
}

func (a *Account) must(err error) {
	if err != nil {
		a.t.Helper()
		a.t.Fatalf("%v", err)
	}
}

// File is what is known of a file; for a folder the pointer File is nil.
type File struct {
	Path string
	ID   string
	File *struct {
		Size        int64
		Rev         string
		ContentHash string `json:"content_hash"`
	}
}

// Read returns the bytes of a file.
func (a *Account) Read(path string) []byte {
	a.t.Helper()
	content, err := a.controls.raw("GET", "/files/content", url.Values{"path": {path}}, nil)
	a.must(err)
	return content
}

// Write writes a file, over what was there.
func (a *Account) Write(path string, content []byte) {
	a.t.Helper()
	_, err := a.controls.raw("PUT", "/files/content", url.Values{"path": {path}}, bytes.NewReader(content))
	a.must(err)
}

// Delete deletes a file, or a folder with everything in it.
func (a *Account) Delete(path string) {
	a.t.Helper()
	a.must(a.controls.call("DELETE", "/file", url.Values{"path": {path}}, nil, nil))
}

// Exists says whether a file or folder is there.
func (a *Account) Exists(path string) bool {
	a.t.Helper()
	err := a.controls.call("GET", "/file", url.Values{"path": {path}}, nil, nil)
	if IsNotFound(err) {
		return false
	}
	a.must(err)
	return true
}

// AssertFile fails the test unless a file is there and has this content.
func (a *Account) AssertFile(path, content string) {
	a.t.Helper()
	found, err := a.controls.raw("GET", "/files/content", url.Values{"path": {path}}, nil)
	if IsNotFound(err) {
		var there []string
		for _, file := range a.Files("") {
			there = append(there, file.Path)
		}
		a.t.Errorf("nothing is at %s; the account has %q", path, there)
		return
	}
	a.must(err)
	if string(found) != content {
		at := 0
		for at < len(found) && at < len(content) && found[at] == content[at] {
			at++
		}
		a.t.Errorf("%s has other content (%d bytes, expected %d): from byte %d on it has %.40q, expected %.40q",
			path, len(found), len(content), at, found[at:], content[at:])
	}
}

// Files lists everything in a folder and below it; "" is the root.
func (a *Account) Files(folder string) []File {
	a.t.Helper()
	var all []File
	query := url.Values{"path": {folder}, "recursive": {"true"}}
	for {
		var page struct {
			Entries []File
			More    bool
		}
		a.must(a.controls.call("GET", "/files", query, nil, &page))
		all = append(all, page.Entries...)
		if !page.More {
			return all
		}
		query.Set("after", all[len(all)-1].Path)
	}
}

// WaitFile waits until a file is there, at most that long, and returns its bytes. The path may have
// * and **.
func (a *Account) WaitFile(path string, timeout time.Duration) []byte {
	a.t.Helper()
	argument := map[string]any{"path": path, "timeout_milliseconds": timeout.Milliseconds()}
	var found File
	a.must(a.controls.call("POST", "/files/wait", nil, argument, &found))
	return a.Read(found.Path)
}

// Link is a temporary upload link.
type Link struct {
	// Name is what stands for it in the journal.
	Name string `json:"link"`
	// Path is where an upload through it goes.
	Path string
	// State is fresh, in_flight, locked, consumed or expired.
	State string
	// Remaining is in seconds.
	Remaining float64 `json:"remaining_seconds"`
	// Failure is how it ended without a file: unused, expired or refused; else empty.
	Failure string
	// Expected says that ExpectLinks announced this end.
	Expected bool
}

// ExpectLinks says that links may end unused, expired or refused because the test means it: those to
// this path, or all of the account if it is empty.
func (a *Account) ExpectLinks(failure, path string) {
	a.t.Helper()
	argument := map[string]any{"failure": failure}
	if path != "" {
		argument["path"] = path
	}
	a.must(a.controls.call("POST", "/links/expect", nil, argument, nil))
}

// Links lists the upload links, the latest first, at most 10,000.
func (a *Account) Links() []Link {
	a.t.Helper()
	var links struct{ Links []Link }
	a.must(a.controls.call("GET", "/links", url.Values{"limit": {"10000"}}, nil, &links))
	return links.Links
}

// Expire ends the time of one link now: its address, or its Name.
func (a *Account) Expire(link string) {
	a.t.Helper()
	a.must(a.controls.call("POST", "/links/expire", nil, map[string]any{"link": link}, nil))
}

// Request is a request as the journal has it.
type Request struct {
	Method string
	Route  string
	Path   string
	Status int
	Rules  []string
	Note   string
	Fault  *int
}

// String is the request in one line.
func (r Request) String() string {
	parts := []string{fmt.Sprint(r.Status), r.Method, strings.TrimPrefix(r.Route, "/2/")}
	if r.Path != "" {
		parts = append(parts, r.Path)
	}
	switch {
	case r.Note != "":
		parts = append(parts, "("+r.Note+")")
	case r.Status >= 400 && len(r.Rules) > 0:
		parts = append(parts, "("+strings.Join(r.Rules, ", ")+")")
	}
	if r.Fault != nil {
		parts = append(parts, "[a fault was injected]")
	}
	return strings.Join(parts, " ")
}

// Requests lists the requests that came and meet these conditions of the journal, such as
// "route", "upload_link", "status", "410"; the oldest first.
func (a *Account) Requests(conditions ...string) []Request {
	a.t.Helper()
	if len(conditions)%2 != 0 {
		a.t.Fatalf(`Requests takes names and values in turn, such as "route", "upload_link"; there are %d`, len(conditions))
	}
	query := url.Values{}
	for at := 0; at < len(conditions); at += 2 {
		query.Set(conditions[at], conditions[at+1])
	}
	requests, err := a.requests(query)
	a.must(err)
	return requests
}

func (a *Account) requests(query url.Values) ([]Request, error) {
	var journal struct{ Entries []Request }
	err := a.controls.call("GET", "/journal", query, nil, &journal)
	return journal.Entries, err
}

// Fault is what shall go wrong: At one moment, an Action. Fail describes the moments.
type Fault struct {
	// Route is "upload_link" for the upload through a link, or a route such as "files/list_folder".
	Route string
	// Path may have * and **.
	Path string
	// Nth is the first matching request that it acts on, counted from 1; 0 is the first.
	Nth int
	// Times is how often it acts; 0 is once, -1 always.
	Times int
	// At is head, body, before_commit, after_commit (the file is stored, the answer is lost) or
	// answer; "" is head.
	At string
	// AfterBytes is how much of the body arrives first, with At: "body".
	AfterBytes int64
	// Status answers with this status.
	Status int
	// RetryAfter is in seconds, with the status 429.
	RetryAfter int
	// Action is "reset", "close", "stall", the name of an answer such as "unavailable", or JSON as the
	// controls take it, such as map[string]any{"delay": map[string]any{"milliseconds": 50}}.
	Action any
}

// FaultStatus is a fault and what became of it.
type FaultStatus struct {
	ID    int
	Rule  json.RawMessage
	Fired int
}

// Fail makes requests of this account fail, and returns the number of the fault.
func (a *Account) Fail(fault Fault) int {
	a.t.Helper()
	rule, err := fault.rule()
	a.must(err)
	var status FaultStatus
	a.must(a.controls.call("POST", "/faults", nil, rule, &status))
	return status.ID
}

var statuses = map[int]string{413: "payload_too_large", 500: "internal_error", 502: "bad_gateway", 503: "unavailable"}

func (f Fault) rule() (map[string]any, error) {
	if (f.Status == 0) == (f.Action == nil) {
		return nil, fmt.Errorf(`a fault has either a Status or an Action, as in Fault{Route: "upload_link", At: "after_commit", Action: "reset"}`)
	}
	match := map[string]any{}
	for name, value := range map[string]string{"route": f.Route, "path": f.Path} {
		if value != "" {
			match[name] = value
		}
	}
	if f.Nth > 0 {
		match["nth"] = f.Nth
	}
	var phase any = "head"
	if f.At == "body" {
		phase = map[string]any{"body": map[string]any{"after_bytes": f.AfterBytes}}
	} else if f.At != "" {
		phase = f.At
	}
	action := f.Action
	switch name, isName := action.(string); {
	case f.Status == 429:
		seconds := map[string]any{}
		if f.RetryAfter > 0 {
			seconds["retry_after"] = f.RetryAfter
		}
		action = map[string]any{"answer": map[string]any{"too_many_requests": seconds}}
	case statuses[f.Status] != "":
		action = map[string]any{"answer": statuses[f.Status]}
	case f.Status != 0:
		action = map[string]any{"answer": map[string]any{"custom": map[string]any{"status": f.Status}}}
	case isName && name != "reset" && name != "close" && name != "stall":
		action = map[string]any{"answer": name}
	}
	var times any = max(f.Times, 1)
	if f.Times < 0 {
		times = "unlimited"
	}
	return map[string]any{"match": match, "phase": phase, "action": action, "times": times}, nil
}

// Faults lists the faults of the account.
func (a *Account) Faults() []FaultStatus {
	a.t.Helper()
	var faults struct{ Faults []FaultStatus }
	a.must(a.controls.call("GET", "/faults", nil, nil, &faults))
	return faults.Faults
}

// RefuseWrites refuses every write in a folder with one of Dropbox's errors, such as
// "no_write_permission".
func (a *Account) RefuseWrites(path, reason string) {
	a.t.Helper()
	a.must(a.controls.call("POST", "/refused_writes", nil, map[string]any{"path": path, "error": reason}, nil))
}

// AllowWrites takes RefuseWrites back.
func (a *Account) AllowWrites(path string) {
	a.t.Helper()
	a.must(a.controls.call("DELETE", "/refused_writes", url.Values{"path": {path}}, nil, nil))
}

// Save saves files, links, sessions and settings under a name.
func (a *Account) Save(name string) {
	a.t.Helper()
	a.must(a.controls.call("POST", "/snapshots", nil, map[string]any{"name": name}, nil))
}

// Restore puts the account back to what was saved.
func (a *Account) Restore(name string) {
	a.t.Helper()
	a.must(a.controls.call("POST", "/snapshots/restore", nil, map[string]any{"name": name}, nil))
}

// Reset empties the account.
func (a *Account) Reset() {
	a.t.Helper()
	a.must(a.controls.call("POST", "/reset", nil, nil, nil))
}

// Clock is the clock of an account.
type Clock struct{ account *Account }

func (c Clock) post(operation string, argument any) {
	c.account.t.Helper()
	c.account.must(c.account.controls.call("POST", "/clock/"+operation, nil, argument, nil))
}

// Now is the time.
func (c Clock) Now() time.Time {
	c.account.t.Helper()
	var reading struct{ Now time.Time }
	c.account.must(c.account.controls.call("GET", "/clock", nil, nil, &reading))
	return reading.Now
}

// Advance moves the clock ahead.
func (c Clock) Advance(by time.Duration) {
	c.account.t.Helper()
	if by < 0 {
		c.account.t.Fatalf("Advance goes forward; Set puts the clock to any time")
	}
	c.post("advance", map[string]any{"microseconds": by.Microseconds()})
}

// Freeze stops the clock where it is.
func (c Clock) Freeze() { c.account.t.Helper(); c.post("freeze", nil) }

// FreezeAt stops the clock at a point in time.
func (c Clock) FreezeAt(at time.Time) {
	c.account.t.Helper()
	c.post("freeze", map[string]any{"at": at.UTC().Format(time.RFC3339Nano)})
}

// Set sets the clock; it goes on from there, or stays there if it is frozen.
func (c Clock) Set(to time.Time) {
	c.account.t.Helper()
	c.post("set", map[string]any{"to": to.UTC().Format(time.RFC3339Nano)})
}

// Resume lets a frozen clock go on.
func (c Clock) Resume() { c.account.t.Helper(); c.post("resume", nil) }
