package sample

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fakedropbox"

	"github.com/dropbox/dropbox-sdk-go-unofficial/v6/dropbox/auth"
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

// In whatever spelling Dropbox answers, the SDK reads it.
func inEachDialect(t *testing.T, test func(t *testing.T, f *fakedropbox.Account), options ...fakedropbox.Option) {
	t.Helper()
	t.Parallel()
	for _, dialect := range []string{"2025", "2026", "mixed"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			own := append([]fakedropbox.Option{fakedropbox.Assume("dialect", dialect)}, options...)
			test(t, fakedropbox.Start(t, own...))
		})
	}
}

func TestALostAnswerLeavesTheFile(t *testing.T) {
	inEachDialect(t, func(t *testing.T, f *fakedropbox.Account) {
		link := mint(t, files.New(f.Config()), "/in/a & é.txt")
		// The file is stored, then the connection breaks before the client hears of it.
		f.Fail(fakedropbox.Fault{Route: "upload_link", At: "after_commit", Action: "reset"})
		if _, err := f.HTTPClient().Post(link, "application/octet-stream", strings.NewReader("hello")); err == nil {
			t.Error("the answer came")
		}
		f.AssertFile("/in/a & é.txt", "hello")
	})
}

func TestALinkExpires(t *testing.T) {
	inEachDialect(t, func(t *testing.T, f *fakedropbox.Account) {
		link := mint(t, files.New(f.Config()), "/in/a.txt")
		f.Clock.Advance(time.Hour + time.Millisecond)
		answer, err := f.HTTPClient().Post(link, "application/octet-stream", strings.NewReader("hello"))
		if err != nil || answer.StatusCode != http.StatusGone {
			t.Error(answer, err)
		}
	})
}

func TestTheSDKReadsWhatItWrote(t *testing.T) {
	inEachDialect(t, func(t *testing.T, f *fakedropbox.Account) {
		dbx := files.New(f.Config())
		if _, err := dbx.Upload(files.NewUploadArg("/in/b & é.txt"), strings.NewReader("hello")); err != nil {
			t.Fatal(err)
		}
		_, content, err := dbx.Download(files.NewDownloadArg("/in/b & é.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if read, err := io.ReadAll(content); string(read) != "hello" || err != nil {
			t.Error(read, err)
		}
		list, err := dbx.ListFolder(files.NewListFolderArg("/in"))
		if err != nil || len(list.Entries) != 1 {
			t.Fatal(list, err)
		}
		file, isFile := list.Entries[0].(*files.FileMetadata)
		if !isFile || file.Name != "b & é.txt" || file.Size != 5 {
			t.Errorf("%+v", list.Entries[0])
		}
		list, err = dbx.ListFolderContinue(files.NewListFolderContinueArg(list.Cursor))
		if err != nil || len(list.Entries) != 0 || list.HasMore {
			t.Error(list, err)
		}
	})
}

func TestTheSDKReadsASession(t *testing.T) {
	inEachDialect(t, func(t *testing.T, f *fakedropbox.Account) {
		dbx := files.New(f.Config())
		session, err := dbx.UploadSessionStart(files.NewUploadSessionStartArg(), strings.NewReader("he"))
		if err != nil {
			t.Fatal(err)
		}
		at := func(offset uint64) *files.UploadSessionCursor {
			return files.NewUploadSessionCursor(session.SessionId, offset)
		}
		// A result that is nothing is the JSON null.
		if err := dbx.UploadSessionAppendV2(files.NewUploadSessionAppendArg(at(2)), strings.NewReader("ll")); err != nil {
			t.Fatal(err)
		}
		err = dbx.UploadSessionAppendV2(files.NewUploadSessionAppendArg(at(1)), strings.NewReader("x"))
		refused, isRefused := err.(files.UploadSessionAppendV2APIError)
		if !isRefused || refused.EndpointError == nil || refused.EndpointError.IncorrectOffset == nil ||
			refused.EndpointError.IncorrectOffset.CorrectOffset != 4 {
			t.Errorf("%#v", err)
		}
		commit := files.NewUploadSessionFinishArg(at(4), files.NewCommitInfo("/c.txt"))
		if file, err := dbx.UploadSessionFinish(commit, strings.NewReader("o")); err != nil || file.Size != 5 {
			t.Error(file, err)
		}
		f.AssertFile("/c.txt", "hello")
	})
}

func TestTheSDKReadsRefusals(t *testing.T) {
	inEachDialect(t, func(t *testing.T, f *fakedropbox.Account) {
		dbx := files.New(f.Config())
		_, err := dbx.GetMetadata(files.NewGetMetadataArg("/nowhere"))
		missing, isMissing := err.(files.GetMetadataAPIError)
		if !isMissing || missing.EndpointError == nil || missing.EndpointError.Path == nil ||
			missing.EndpointError.Path.Tag != files.LookupErrorNotFound {
			t.Errorf("%#v", err)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "path/not_found/") {
			t.Error(err)
		}
		if _, err := dbx.GetMetadata(files.NewGetMetadataArg("no path")); err == nil || !strings.Contains(err.Error(), "files/get_metadata") {
			t.Error(err)
		}
	})
}

func TestTheSDKReadsWhichScopeIsMissing(t *testing.T) {
	inEachDialect(t, func(t *testing.T, f *fakedropbox.Account) {
		_, err := files.New(f.Config()).ListFolder(files.NewListFolderArg(""))
		refused, isAuth := err.(auth.AuthAPIError)
		if !isAuth || refused.AuthError == nil || refused.AuthError.MissingScope == nil ||
			refused.AuthError.MissingScope.RequiredScope != "files.metadata.read" {
			t.Errorf("%#v", err)
		}
	}, fakedropbox.Scopes("account_info.read"))
}
