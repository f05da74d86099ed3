package fakedropbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// ControlError says why the server refused a control, or why it cannot be reached.
type ControlError struct {
	// Status is the HTTP status, 0 if the server cannot be reached.
	Status int
	// Detail is the server's sentence.
	Detail string
}

func (e *ControlError) Error() string { return e.Detail }

// IsNotFound says whether an error means that a file, link or snapshot is not there.
func IsNotFound(err error) bool {
	var refused *ControlError
	return errors.As(err, &refused) && refused.Status == http.StatusNotFound
}

// controls are the calls under /_fake/v1, for one account (with its token) or for all.
type controls struct {
	url   string
	token string
}

// Straight to the server: the variables of the environment lead through it as a proxy.
var direct = &http.Client{Transport: &http.Transport{}}

func (c controls) raw(method, path string, query url.Values, body io.Reader) ([]byte, error) {
	address := c.url + "/_fake/v1" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequest(method, address, body)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if control := os.Getenv("FAKE_DROPBOX_CONTROL_TOKEN"); control != "" {
		request.Header.Set("X-Fake-Dropbox-Control-Token", control)
	}
	answer, err := direct.Do(request)
	if err != nil {
		reason := err
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			reason = wrapped.Err
		}
		return nil, &ControlError{Detail: fmt.Sprintf(
			"fake-dropbox at %s does not answer (%v); it has stopped, or the address is wrong", c.url, reason)}
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 300 {
		return said, nil
	}
	var problem struct{ Detail string }
	if json.Unmarshal(said, &problem) != nil || problem.Detail == "" {
		problem.Detail = fmt.Sprintf("%s %s: %d %s", method, path, answer.StatusCode, strings.TrimSpace(string(said)))
	}
	return nil, &ControlError{Status: answer.StatusCode, Detail: problem.Detail}
}

// call sends JSON and reads JSON into result, which may be nil.
func (c controls) call(method, path string, query url.Values, argument, result any) error {
	var body io.Reader
	if argument == nil && method == http.MethodPost {
		argument = struct{}{}
	}
	if argument != nil {
		encoded, err := json.Marshal(argument)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	said, err := c.raw(method, path, query, body)
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(said, result)
}
