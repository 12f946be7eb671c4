package middleware

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// lingerBytes is how many bytes of a rejected body are still read. It is more than the default limit of uploads.
const lingerBytes = 64 << 20

// Linger reads and discards the rest of a rejected body before the answer is sent. Most clients send the whole body before
// they read the answer, and so does a proxy like Caddy: if the answer came earlier, or the connection were closed, they would
// report a broken connection instead of the error. The server's read timeout applies.
func Linger(c *gin.Context) {
	request := c.Request
	body := &watchedBody{ReadCloser: request.Body}
	request.Body = body
	c.Next()
	request.Body = body.ReadCloser // net/http must recognise its own body, or it would wait for data that is never sent
	// A client that waits for 100 Continue receives the answer instead, and does not send the body.
	waits := !body.begun && c.GetHeader("Expect") != ""
	if body.ended || waits || c.Writer.Status() < http.StatusBadRequest || c.Request.ContentLength == 0 {
		return
	}
	// net/http keeps an answer as short as an error in its buffer until the handlers have returned.
	_, _ = io.CopyN(io.Discard, body, lingerBytes) // the answer is the same if the body is cut short
}

// watchedBody is a request body that records whether reading it has begun and ended.
type watchedBody struct {
	io.ReadCloser
	begun, ended bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.ended = true // by its end or by an error
	}
	return n, err
}
