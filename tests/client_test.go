package tests

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// client has a longer timeout than the server's own timeouts for its database and its store of covers, which are less
// than ten seconds.
var client = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}

type request struct {
	method, path, token string
	contentType, body   string
}

func get(path, token string) request { return request{method: "GET", path: path, token: token} }

func withJSON(method, path, token, body string) request {
	return request{method, path, token, "application/json", body}
}

// withForm returns a request with form-data. The pairs are names and values of fields. If cover is not empty, it is
// sent as a file.
func withForm(method, path, token, cover string, pairs ...string) request {
	var b bytes.Buffer
	form := multipart.NewWriter(&b) // writing to memory cannot fail
	for i := 0; i < len(pairs); i += 2 {
		_ = form.WriteField(pairs[i], pairs[i+1])
	}
	if cover != "" {
		part, _ := form.CreateFormFile("cover_image", "cover.png")
		_, _ = io.WriteString(part, cover)
	}
	_ = form.Close()
	return request{method, path, token, form.FormDataContentType(), b.String()}
}

// answer is a response with its body.
type answer struct {
	status int
	header http.Header
	body   string
}

// send makes a request. It returns an error if there is no complete answer.
func (s *server) send(r request) (answer, error) {
	req, err := http.NewRequestWithContext(s.Context(), r.method, "http://"+s.addr+r.path, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	response, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, err
}

// do makes a request and checks the status of the answer.
func (s *server) do(r request, status int) answer {
	s.Helper()
	a, err := s.send(r)
	if err != nil {
		s.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	if a.status != status {
		s.Fatalf("%s %s: status %d, want %d: %s", r.method, r.path, a.status, status, a.body)
	}
	return a
}

// envelope is the body of every JSON answer.
type envelope[T any] struct {
	Message string `json:"message"`
	Data    T      `json:"data"`
	Error   any    `json:"error"`
}

// hasError reports whether an answer is an envelope with an error.
func (a answer) hasError() bool {
	var e envelope[any]
	err := json.Unmarshal([]byte(a.body), &e)
	return err == nil && e.Message != "" && e.Data == nil && e.Error != nil
}

// data returns the data in an answer's envelope.
func data[T any](t testing.TB, a answer) T {
	t.Helper()
	var e envelope[T]
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || e.Message == "" {
		t.Fatalf("no envelope: %v: %s", err, a.body)
	}
	return e.Data
}
