package middleware

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"
)

// Recover answers a panic with an internal error and logs the stack. It does not handle http.ErrAbortHandler, which
// closes the connection.
func Recover(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				log.Error("panic", "id", RequestIDOf(c), "panic", p, "stack", string(debug.Stack()))
				Abort(c, fmt.Errorf("panic: %v", p))
			}
		}()
		c.Next()
	}
}
