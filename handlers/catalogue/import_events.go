package catalogue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

const (
	// eventInterval is how often the progress of an import is read while a client waits for events.
	eventInterval = 500 * time.Millisecond

	// heartbeat is the longest pause between two lines of a stream. Proxies close connections after a minute or more.
	heartbeat = 15 * time.Second

	// eventTimeout is how long a client may take to read what was sent.
	eventTimeout = time.Minute
)

// ImportEvents sends the progress of an import as server-sent events: an event progress whenever it changes, and an event
// end with the final state. The id of an event is what it reports, so a client that reconnects with Last-Event-ID gets no
// event twice. The stream also ends when the server stops.
func (h *Handlers) ImportEvents(c *gin.Context) error {
	i, err := h.findImport(c)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "text/event-stream; charset=utf-8")
	c.Header("Cache-Control", "no-store")
	c.Header("X-Accel-Buffering", "no") // nginx passes events on at once
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	events := eventStream{c: c, last: c.GetHeader("Last-Event-ID")}
	tick := time.NewTicker(eventInterval)
	defer tick.Stop()
	for {
		if err := events.report(i, h.Imports.Now()); err != nil || i.Finished() {
			return nil // also if the client has gone
		}
		select {
		case <-middleware.ClientContext(c).Done():
			return nil
		case <-h.Stopping:
			return nil
		case <-tick.C:
		}
		if i, err = h.findImport(c); err != nil {
			return err
		}
	}
}

// eventStream is a stream of events to a client.
type eventStream struct {
	c    *gin.Context
	last string // the id of the last event
	sent time.Time
}

// report sends an event if the import has changed since the last one, and a heartbeat after a long pause.
func (s *eventStream) report(i models.Import, now time.Time) error {
	id := fmt.Sprintf("%d-%s", i.Done(), i.State)
	name := "progress"
	if i.Finished() {
		id, name = id+"-end", "end"
	}
	var text bytes.Buffer
	switch {
	case id != s.last:
		data, err := json.Marshal(viewImport(i, now))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "id: %s\nevent: %s\ndata: %s\n\n", id, name, data)
	case time.Since(s.sent) >= heartbeat:
		text.WriteString(": waiting\n\n")
	default:
		return nil
	}
	s.last, s.sent = id, time.Now()
	_ = http.NewResponseController(s.c.Writer).SetWriteDeadline(time.Now().Add(eventTimeout)) // fails only if the connection is closed
	if _, err := text.WriteTo(s.c.Writer); err != nil {
		return err
	}
	s.c.Writer.Flush()
	return nil
}
