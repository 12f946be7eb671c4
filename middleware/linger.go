package middleware

import (
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// lingerBytes is how many bytes of a rejected body are still read. It is more than the default limit of uploads.
const lingerBytes = 64 << 20

// Linger reads and discards the rest of a rejected body, because most clients send the whole body before they read the
// answer. If the server closed the connection earlier, they would not see the error. The server's read timeout applies.
func Linger(c *gin.Context) {
	request := c.Request
	body := &watchedBody{ReadCloser: request.Body}
	request.Body = body
	c.Writer = &errorWriter{c.Writer}
	c.Next()
	request.Body = body.ReadCloser // net/http must recognise its own body, or it would wait for data that is never sent
	// A client that waits for 100 Continue receives the answer instead, and does not send the body.
	waits := !body.begun && c.GetHeader("Expect") != ""
	if body.ended || waits || c.Writer.Status() < http.StatusBadRequest || c.Request.ContentLength == 0 {
		return
	}
	c.Writer.Flush()
	_, _ = io.CopyN(io.Discard, body, lingerBytes) // an error does not matter: the answer was sent
}

// errorWriter sets the Content-Length of an error, whose body is written in one piece. Without that header, the answer
// would end only when the rest of the request has been read. But nginx, for example, stops sending the request when it
// sees an error, and would then wait for the end of the answer.
type errorWriter struct{ gin.ResponseWriter }

func (w *errorWriter) Write(p []byte) (int, error) {
	if w.Status() >= http.StatusBadRequest && !w.Written() {
		w.Header().Set("Content-Length", strconv.Itoa(len(p)))
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the wrapped writer, through which http.ResponseController sets deadlines.
func (w *errorWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

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
