module sample

go 1.26.0

require (
	fakedropbox v0.0.0
	github.com/dropbox/dropbox-sdk-go-unofficial/v6 v6.6.3
)

require golang.org/x/oauth2 v0.37.0 // indirect

replace fakedropbox => ../
