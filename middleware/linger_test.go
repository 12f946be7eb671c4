package middleware

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// lateBody is a body that records whether it was read to its end, and whether the answer was sent before that.
type lateBody struct {
	io.Reader
	answer *httptest.ResponseRecorder
	early  bool // whether the answer was sent before the end of the body
	ended  bool
}

func (b *lateBody) Read(p []byte) (int, error) {
	b.early = b.early || b.answer.Flushed
	n, err := b.Reader.Read(p)
	b.ended = err == io.EOF
	return n, err
}

// The rest of a rejected body is read before the answer is sent. An accepted body, and one
// that the client has not begun to send, are left alone.
func TestRejectionFollowsTheBody(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for name, test := range map[string]struct {
		status int
		expect string
		ended  bool
	}{
		"rejected":                   {http.StatusUnauthorized, "", true},
		"rejected before it is sent": {http.StatusUnauthorized, "100-continue", false},
		"accepted":                   {http.StatusOK, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			engine, recorder := gin.New(), httptest.NewRecorder()
			engine.POST("/", Linger, func(c *gin.Context) { c.JSON(test.status, Envelope{}) })
			body := &lateBody{Reader: strings.NewReader(strings.Repeat("a", 1<<20)), answer: recorder}
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
			request.Header.Set("Expect", test.expect)
			engine.ServeHTTP(recorder, request)
			if recorder.Code != test.status || body.ended != test.ended || body.early {
				t.Errorf("status %d, ended %v, answered early %v", recorder.Code, body.ended, body.early)
			}
		})
	}
}
