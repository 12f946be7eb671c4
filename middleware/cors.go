package middleware

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/rs/cors"
)

// CORS allows the pages of these origins to call the API, and answers their preflights. A wildcard does not allow
// credentials.
func CORS(origins []string) gin.HandlerFunc {
	handler := cors.New(cors.Options{
		AllowedOrigins:   origins,
		AllowCredentials: !slices.Contains(origins, "*"),
		AllowedMethods:   []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   []string{"ETag", "Link", "Retry-After", "WWW-Authenticate", "X-Request-Id", "X-Total-Count"},
		MaxAge:           600, // seconds; browsers cap it at 7,200 and less
	})
	return func(c *gin.Context) {
		handler.HandlerFunc(c.Writer, c.Request)
		if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
			c.Abort() // the preflight is answered
		}
	}
}
