package fakedropbox

import "github.com/dropbox/dropbox-sdk-go-unofficial/v6/dropbox"

// Config leads the SDK to the account: files.New(f.Config()). It goes by plain HTTP, so it needs no
// certificate and works on every system.
func (a *Account) Config() dropbox.Config {
	return dropbox.Config{Token: a.Token, URLGenerator: a.URLGenerator}
}
