package web

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/models"
)

// noRequests is a store that accepts only the end of a request with a key.
type noRequests struct{ models.KeyedRequests }

func (noRequests) End(context.Context, models.KeyedRequest) error { return nil }

// An answer that is too large to keep is sent, but a repeated request gets an error instead of it. No route has such a large
// answer yet.
func TestAnswerTooLargeToKeep(t *testing.T) {
	for size, want := range map[int]error{maxKeptAnswer: errReplayed, maxKeptAnswer + 1: errAnswerNotKept} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), "POST", "/books", nil)
		a := &attempt{
			Idempotency: &Idempotency{Store: noRequests{}, Sealer: auth.NewSealer([]byte("secret")), Now: time.Now},
			held:        &heldWriter{ResponseWriter: c.Writer},
		}
		if _, err := a.held.WriteString(strings.Repeat("a", size)); err != nil {
			t.Fatal(err)
		}
		if err := a.end(c); err != nil {
			t.Fatal(err)
		}
		if a.answer.send(c); c.Writer.Size() != size {
			t.Errorf("%d of %d bytes were sent", c.Writer.Size(), size)
		}
		a.answer = keptAnswer{}
		if err := a.open(); models.NameOf(err) != models.NameOf(want) || errors.Is(err, errReplayed) != errors.Is(want, errReplayed) {
			t.Errorf("an answer of %d bytes: %v, want %v", size, err, want)
		}
	}
}
