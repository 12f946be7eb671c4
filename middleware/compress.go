package middleware

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// Compress compresses the answers of h for clients that accept gzip. It does not compress pictures, errors and answers
// below 1 KiB (gzhttp.DefaultMinSize). docs/security.md explains why the size of a compressed answer reveals no secret.
func Compress(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false), // zstd takes much more memory
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.ContentTypes([]string{
			"application/json", "application/yaml", "text/css", "text/csv", "text/html", "text/javascript", "text/plain",
		}),
	)
	if err != nil {
		return nil, err
	}
	return wrap(h), nil
}
