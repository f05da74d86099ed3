package sample

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fakedropbox"

	"github.com/dropbox/dropbox-sdk-go-unofficial/v6/dropbox/files"
)

func mint(t *testing.T, dbx files.Client, path string) string {
	t.Helper()
	minted, err := dbx.GetTemporaryUploadLink(&files.GetTemporaryUploadLinkArg{
		CommitInfo: files.NewCommitInfo(path), Duration: 3600,
	})
	if err != nil {
		t.Fatal(err)
	}
	return minted.Link
}

func TestALostAnswerLeavesTheFile(t *testing.T) {
	t.Parallel()
	f := fakedropbox.Start(t)
	link := mint(t, files.New(f.Config()), "/in/a.txt")
	// The file is stored, then the connection breaks before the client hears of it.
	f.Fail(fakedropbox.Fault{Route: "upload_link", At: "after_commit", Action: "reset"})
	if _, err := f.HTTPClient().Post(link, "application/octet-stream", strings.NewReader("hello")); err == nil {
		t.Error("the answer came")
	}
	f.AssertFile("/in/a.txt", "hello")
}

func TestALinkExpires(t *testing.T) {
	t.Parallel()
	f := fakedropbox.Start(t)
	link := mint(t, files.New(f.Config()), "/in/a.txt")
	f.Clock.Advance(time.Hour + time.Millisecond)
	answer, err := f.HTTPClient().Post(link, "application/octet-stream", strings.NewReader("hello"))
	if err != nil || answer.StatusCode != http.StatusGone {
		t.Error(answer, err)
	}
}

func TestTheSDKReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	f := fakedropbox.Start(t)
	dbx := files.New(f.Config())
	if _, err := dbx.Upload(files.NewUploadArg("/in/b.txt"), strings.NewReader("hello")); err != nil {
		t.Fatal(err)
	}
	_, content, err := dbx.Download(files.NewDownloadArg("/in/b.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if read, err := io.ReadAll(content); string(read) != "hello" || err != nil {
		t.Error(read, err)
	}
	if _, err := dbx.GetMetadata(files.NewGetMetadataArg("/nowhere")); err == nil || !strings.Contains(err.Error(), "path/not_found") {
		t.Error(err)
	}
}
