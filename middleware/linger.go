package middleware

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// lingerBytes is what a client may go on sending after its request was refused: more than the largest upload by
// default.
const lingerBytes = 64 << 20

// Linger reads on what a client still sends of a body that was refused, and throws it away. Most clients send all of a
// body before they look for an answer; if the connection were closed under them, they would see a broken connection
// instead of the reason. They may take as long as the server gives a request to come.
func Linger(c *gin.Context) {
	request := c.Request
	body := &watchedBody{ReadCloser: request.Body}
	request.Body = body
	c.Next()
	request.Body = body.ReadCloser // net/http has to know it again, or would wait for it where nothing comes
	// Who waits for 100 Continue has the answer instead, and sends nothing.
	waits := !body.begun && c.GetHeader("Expect") != ""
	if body.ended || waits || c.Writer.Status() < http.StatusBadRequest || c.Request.ContentLength == 0 {
		return
	}
	c.Writer.Flush()
	_, _ = io.CopyN(io.Discard, body, lingerBytes) // whatever ends it, the answer is out
}

// watchedBody knows how much of it was read.
type watchedBody struct {
	io.ReadCloser
	begun, ended bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.ended = true // or was given up
	}
	return n, err
}
