package fakedropbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func mint(f *Account, path string) string {
	f.t.Helper()
	request, _ := http.NewRequest("POST", "https://api.dropboxapi.com/2/files/get_temporary_upload_link",
		strings.NewReader(fmt.Sprintf(`{"commit_info": {"path": %q}}`, path)))
	request.Header.Set("Authorization", "Bearer "+f.Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := f.HTTPClient().Do(request)
	f.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	f.must(err)
	parts := strings.Split(string(body), `"`)
	if answer.StatusCode != 200 || len(parts) < 4 {
		f.t.Fatalf("no link: %d %s", answer.StatusCode, body)
	}
	return parts[3]
}

func put(f *Account, link, content string) (int, error) {
	answer, err := f.HTTPClient().Post(link, "application/octet-stream", strings.NewReader(content))
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func TestAFileThatWentThroughALinkIsThere(t *testing.T) {
	t.Parallel()
	f := Start(t)
	if status, err := put(f, mint(f, "/in/a.txt"), "hello"); status != 200 || err != nil {
		t.Fatal(status, err)
	}
	f.AssertFile("/in/a.txt", "hello")
	if got := string(f.WaitFile("/in/*.txt", time.Second)); got != "hello" {
		t.Error(got)
	}
	if got := len(f.Files("")); got != 2 {
		t.Error(got)
	}
	f.Delete("/in/a.txt")
	if f.Exists("/in/a.txt") {
		t.Error("it is still there")
	}
}

func TestALostAnswerLeavesTheFile(t *testing.T) {
	t.Parallel()
	f := Start(t)
	f.Fail(Fault{Route: "upload_link", At: "after_commit", Action: "reset"})
	if _, err := put(f, mint(f, "/in/a.txt"), "hello"); err == nil {
		t.Error("the answer came")
	}
	f.AssertFile("/in/a.txt", "hello")
	if fired := f.Faults()[0].Fired; fired != 1 {
		t.Error(fired)
	}
}

func TestALinkExpiresByTheClockOrAlone(t *testing.T) {
	t.Parallel()
	f := Start(t)
	first, second := mint(f, "/a"), mint(f, "/b")
	f.Expire(first)
	if status, _ := put(f, first, "x"); status != 410 {
		t.Error(status)
	}
	f.Clock.Advance(4*time.Hour + time.Millisecond)
	if status, _ := put(f, second, "x"); status != 410 {
		t.Error(status)
	}
	if got := f.Requests("route", "upload_link", "status", "410"); len(got) != 2 || got[0].Path != "/a" {
		t.Error(got)
	}
	if state := f.Links()[0].State; state != "expired" {
		t.Error(state)
	}
}

func TestTheClockCanBeFrozenAndSet(t *testing.T) {
	t.Parallel()
	f := Start(t)
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	f.Clock.FreezeAt(noon)
	if now := f.Clock.Now(); !now.Equal(noon) {
		t.Error(now)
	}
	f.Clock.Set(noon.Add(time.Hour))
	f.Clock.Resume()
	if now := f.Clock.Now(); now.Before(noon.Add(time.Hour)) {
		t.Error(now)
	}
	f.Clock.Freeze()
}

func TestAnyStatusCanBeAskedFor(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 413, 429, 500, 502, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			f := Start(t)
			f.Fail(Fault{Route: "upload_link", Status: status})
			if got, err := put(f, mint(f, "/a"), "x"); got != status || err != nil {
				t.Error(got, err)
			}
			f.Expire(f.Links()[0].Name)
		})
	}
}

func TestSettingsOfAnAccount(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]Option{"full": Quota(2), "questioned": Assume("link_size_limit", 2)} {
		t.Run(name, func(t *testing.T) {
			f := Start(t, option, AllowUnused())
			if status, err := put(f, mint(f, "/a"), "hello"); status < 400 || err != nil {
				t.Error(status, err)
			}
		})
	}
	f := Start(t)
	f.RefuseWrites("/in", "no_write_permission")
	if status, _ := put(f, mint(f, "/in/a"), "x"); status != 409 {
		t.Error(status)
	}
	f.AllowWrites("/in")
	f.Save("before")
	f.Write("/in/a", []byte("x"))
	f.Restore("before")
	if f.Exists("/in/a") {
		t.Error("it is still there")
	}
	f.Reset()
}

func TestAChildIsLedByTheEnvironment(t *testing.T) {
	f := Start(t)
	environment := strings.Join(f.Env(), "\n")
	if !strings.Contains(environment, "HTTPS_PROXY="+f.URL+"\n") {
		t.Error(environment)
	}
}

// observed is a test that may fail.
type observed struct {
	name     string
	failed   bool
	said     strings.Builder
	cleanups []func()
}

type stopped struct{}

func (o *observed) Helper()                 {}
func (o *observed) Name() string            { return o.name }
func (o *observed) Cleanup(clean func())    { o.cleanups = append(o.cleanups, clean) }
func (o *observed) Failed() bool            { return o.failed }
func (o *observed) Logf(f string, a ...any) { fmt.Fprintf(&o.said, f+"\n", a...) }
func (o *observed) Errorf(f string, a ...any) {
	o.failed = true
	o.Logf(f, a...)
}
func (o *observed) Fatalf(f string, a ...any) {
	o.Errorf(f, a...)
	panic(stopped{})
}

func observe(name string, test func(t T)) *observed {
	o := &observed{name: name}
	func() {
		defer func() {
			if reason := recover(); reason != nil && reason != any(stopped{}) {
				panic(reason)
			}
		}()
		test(o)
	}()
	for at := len(o.cleanups) - 1; at >= 0; at-- {
		o.cleanups[at]()
	}
	return o
}

func TestWhatATestLeftOverFailsIt(t *testing.T) {
	t.Parallel()
	left := observe("left", func(t T) {
		f := Start(t)
		mint(f, "/never")
		f.Fail(Fault{Route: "upload_link", Status: 503})
	})
	for _, wanted := range []string{"never used: /never", "a fault never fired", "200 POST files/get_temporary_upload_link /never"} {
		if !left.failed || !strings.Contains(left.said.String(), wanted) {
			t.Errorf("%q is not in %s", wanted, left.said.String())
		}
	}
	meant := observe("meant", func(t T) {
		f := Start(t, AllowUnused(), AllowUnfired())
		mint(f, "/never")
		f.Fail(Fault{Route: "upload_link", Status: 503})
	})
	if meant.failed {
		t.Error(meant.said.String())
	}
}

func TestATestThatRunsTwiceHasANewAccount(t *testing.T) {
	t.Parallel()
	observe("twice", func(t T) { Start(t).Write("/a", []byte("of the first run")) })
	again := observe("twice", func(t T) {
		if Start(t).Exists("/a") {
			t.Errorf("it has the files of the first run")
		}
	})
	if again.failed {
		t.Error(again.said.String())
	}
}

func TestMistakesAreSentences(t *testing.T) {
	t.Parallel()
	for wanted, mistake := range map[string]func(f *Account){
		"uplod_link":                 func(f *Account) { f.Fail(Fault{Route: "uplod_link", Status: 503}) },
		"either a Status or":         func(f *Account) { f.Fail(Fault{Route: "upload_link"}) },
		"names and values":           func(f *Account) { f.Requests("route") },
		"Advance goes forward":       func(f *Account) { f.Clock.Advance(-1) },
		"nothing is at /no":          func(f *Account) { f.AssertFile("/no", "") },
		"from byte 1 on it has":      func(f *Account) { f.Write("/a", []byte("hello")); f.AssertFile("/a", "hullo") },
		"/never":                     func(f *Account) { f.WaitFile("/never", time.Millisecond) },
		"There is no such link here": func(f *Account) { f.Expire("link:99") },
	} {
		if o := observe(wanted, func(t T) { mistake(Start(t)) }); !o.failed || !strings.Contains(o.said.String(), wanted) {
			t.Errorf("%q is not in %s", wanted, o.said.String())
		}
	}
}

func TestAServerThatCannotBeHadIsASentence(t *testing.T) {
	if _, err := Connect("http://127.0.0.1:9"); err == nil || !strings.Contains(err.Error(), "it has stopped, or the address is wrong") {
		t.Error(err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		_, _ = answer.Write([]byte(`{"version": "7.0.0"}`))
	}))
	defer other.Close()
	if _, err := Connect(other.URL); err == nil || !strings.Contains(err.Error(), "is fake-dropbox 7.0.0; this package works with 0.1") {
		t.Error(err)
	}
	server, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	if _, err := Serve("--port", port); err == nil || !strings.Contains(err.Error(), port) {
		t.Error(err)
	}
	server.Stop()
	server.Stop()
	t.Setenv("FAKE_DROPBOX_BIN", "/nowhere/fake-dropbox")
	if _, err := Serve(); err == nil || !strings.Contains(err.Error(), "FAKE_DROPBOX_BIN names /nowhere") {
		t.Error(err)
	}
	broken := filepath.Join(t.TempDir(), "fake-dropbox")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho 'no such library' >&2\nexit 127\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAKE_DROPBOX_BIN", broken)
	if _, err := Serve(); err == nil || !strings.Contains(err.Error(), "exit status 127): no such library") {
		t.Error(err)
	}
}

func TestNoServerOutlivesATestBinaryThatIsKilled(t *testing.T) {
	if os.Getenv("FAKE_DROPBOX_TEST_CHILD") != "" {
		server, err := Serve()
		fmt.Println(server.URL, err)
		time.Sleep(time.Hour)
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "FAKE_DROPBOX_TEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var address string
	if _, err := fmt.Fscan(out, &address); err != nil {
		t.Fatal(err)
	}
	server, err := Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	// Every call fails once it is gone; until then each answer is an event to wait for.
	for err == nil {
		err = server.check()
	}
	var gone *ControlError
	if !errors.As(err, &gone) || gone.Status != 0 {
		t.Error(err)
	}
}
