package middleware

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"
)

const clientKey = "client"

// Detach replaces the request's context with one that is not cancelled when the client goes away. net/http cancels the
// context as soon as the client closes its sending side of the connection, but such a client may still wait for the
// answer.
func Detach(c *gin.Context) {
	ctx := c.Request.Context()
	c.Set(clientKey, ctx)
	c.Request = c.Request.WithContext(context.WithoutCancel(ctx))
}

// SetContext sets the request's context and the context that ClientContext returns.
func SetContext(c *gin.Context, ctx context.Context) {
	c.Set(clientKey, ctx)
	c.Request = c.Request.WithContext(ctx)
}

// ClientContext returns a context that is cancelled when the client disconnects or closes its sending side of the
// connection. An upload that waits for memory stops waiting then.
func ClientContext(c *gin.Context) context.Context { return c.MustGet(clientKey).(context.Context) }

// Forwarded returns the first of the comma-separated values of a header of proxies: that of the proxy nearest to the client.
func Forwarded(c *gin.Context, header string) string {
	value, _, _ := strings.Cut(c.GetHeader(header), ",")
	return strings.TrimSpace(value)
}
