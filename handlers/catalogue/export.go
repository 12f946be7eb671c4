package catalogue

import (
	"mime"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/library/transfer"
	"bookplate/middleware"
	"bookplate/models"
)

// maxStall is how long a client may take to accept the next part of a download. The whole download has no time limit, because
// its size has none.
const maxStall = 2 * time.Minute

// Export sends a file with everything that the caller owns.
func (h *Handlers) Export(c *gin.Context) error {
	format, err := transfer.ParseFormat(c.DefaultQuery("format", string(transfer.JSON)))
	if err != nil {
		return models.InvalidField("format", err)
	}
	file := &download{c: c, mediaType: format.MediaType(), name: h.Exporter.FileName(format)}
	if c.Request.Method == http.MethodHead {
		file.start()
		return nil
	}
	return h.Exporter.Write(c.Request.Context(), middleware.UserOf(c), format, file)
}

// download is an answer that browsers save as a file. It sends the headers with the first byte of the file, so an error
// before that is answered as usual.
type download struct {
	c               *gin.Context
	mediaType, name string
}

func (d *download) start() {
	d.c.Header("Content-Type", d.mediaType)
	d.c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
	d.c.Status(http.StatusOK)
}

func (d *download) Write(p []byte) (int, error) {
	if !d.c.Writer.Written() {
		d.start()
	}
	// SetWriteDeadline fails only if the connection is closed, and then Write fails too.
	_ = http.NewResponseController(d.c.Writer).SetWriteDeadline(time.Now().Add(maxStall))
	return d.c.Writer.Write(p)
}
