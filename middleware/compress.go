package middleware

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// Compress compresses the text that h answers, for clients that accept gzip. Answers of less than gzhttp.DefaultMinSize,
// 1 KiB, pictures and errors are sent as they are. docs/security.md says why no answer gives a secret away by its size.
func Compress(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false), // its encoders take much more memory
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.ContentTypes([]string{
			"application/json", "application/yaml", "text/css", "text/html", "text/javascript", "text/plain",
		}),
	)
	if err != nil {
		return nil, err
	}
	return wrap(h), nil
}
