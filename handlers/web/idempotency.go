package web

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/middleware"
	"bookplate/models"
)

const (
	idempotencyHeader = "Idempotency-Key"
	replayedHeader    = "Idempotency-Replayed"
	attemptKey        = "attempt"
	createdIDKey      = "created id"

	maxIdempotencyKey = 255

	// answerTTL is how long an answer is kept.
	answerTTL = 24 * time.Hour

	// attemptLease is how long a request blocks later attempts to send it if the server is killed. The lease begins when the
	// body has been read. The longest steps after that are looking up an ISBN at all sources and decoding its cover, which
	// take at most 100 seconds.
	attemptLease = 2 * time.Minute

	// maxKeptAnswer is the size of the largest answer that is kept, in bytes. The largest possible book takes a tenth of it.
	maxKeptAnswer = 1 << 20

	// inProgressRetry is the Retry-After while the first request with the key is still running. Most requests take less time.
	inProgressRetry = time.Second
)

var (
	errInProgress = &models.Error{
		Code: models.Conflict, Name: "request_in_progress", Detail: "a request with this Idempotency-Key is in progress",
		RetryAfter: inProgressRetry,
	}
	errAnswerNotKept = &models.Error{
		Code: models.Conflict, Name: "answer_not_kept",
		Detail: "a request with this Idempotency-Key was done before, but its answer was not kept",
	}

	// errReplayed ends a handler early, because Read has found the kept answer of an earlier request with the same key.
	errReplayed = errors.New("the answer is kept")
)

// Idempotency implements the Idempotency-Key of draft-ietf-httpapi-idempotency-key-header-07: a repeated request gets the
// same answer and is not done twice. A key is valid for one account, method and path. Two bodies are equal if they have the
// same fields and the same cover, whatever their encoding.
//
// The answer is kept unless its status is 400, 429 or 5xx. After 400 or 429, the key can be used for another request. After
// an internal error, the same request can be sent again at once, and creates only what does not exist yet.
type Idempotency struct {
	Store  models.KeyedRequests
	Sealer auth.Sealer
	Now    func() time.Time
}

// Once makes h, the handler of a route that creates something, idempotent. It comes after middleware.TokenRequired. h must
// call Read or ReadWithCover before it does or looks up anything else, and must use CreatedID as the id of what it creates.
func (i *Idempotency) Once(h middleware.Handler) middleware.Handler {
	return func(c *gin.Context) error {
		keys := c.Request.Header.Values(idempotencyHeader)
		if keys == nil {
			return h(c)
		}
		key, err := parseIdempotencyKey(keys)
		if err != nil {
			return models.InvalidField(idempotencyHeader, err)
		}
		a := i.newAttempt(c, key)
		c.Set(attemptKey, a)
		switch err := a.call(c, h); {
		case errors.Is(err, errReplayed):
			c.Header(replayedHeader, "true")
		case err != nil:
			return err
		default:
			if err := a.end(c); err != nil {
				return err
			}
		}
		a.answer.send(c)
		return nil
	}
}

// CreatedID returns the id of the object that the request creates. It is the same for all requests with the same
// Idempotency-Key, and empty without a key.
func CreatedID(c *gin.Context) models.ID {
	id, _ := c.Get(createdIDKey)
	created, _ := id.(models.ID)
	return created
}

var (
	// quotedKey matches a quoted string of RFC 9651, which the draft requires.
	quotedKey = regexp.MustCompile(`^"((?:[ !#-\[\]-~]|\\["\\])*)"$`)
	unescape  = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

	// bareKey matches what many clients send instead of a quoted string: visible ASCII characters without " , ; and \.
	bareKey = regexp.MustCompile(`^[!#-+\--:<-\[\]-~]+$`)
)

// parseIdempotencyKey parses the values of the header Idempotency-Key.
func parseIdempotencyKey(values []string) (key string, err error) {
	if quoted := quotedKey.FindStringSubmatch(values[0]); quoted != nil {
		key = unescape.Replace(quoted[1])
	} else if bareKey.MatchString(values[0]) {
		key = values[0]
	}
	if len(values) > 1 || key == "" || len(key) > maxIdempotencyKey {
		return "", fmt.Errorf(`must be one text of 1 to %d ASCII characters in double quotes, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"`,
			maxIdempotencyKey)
	}
	return key, nil
}

// attempt is one of a client's attempts to send the same request.
type attempt struct {
	*Idempotency
	record models.KeyedRequest
	held   *heldWriter // nil until the attempt begins
	answer keptAnswer
}

// newAttempt returns an attempt that is not stored yet: begin stores it.
func (i *Idempotency) newAttempt(c *gin.Context, key string) *attempt {
	user := middleware.UserOf(c).ID
	path := strings.TrimSuffix(c.Request.URL.Path, "/")
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s", user, c.Request.Method, path, key))
	return &attempt{Idempotency: i, record: models.KeyedRequest{
		Key: hex.EncodeToString(hash[:]), UserID: user, Attempt: rand.Text(),
	}}
}

// call calls h. From the call of begin on, the answer is held back, even if it is an error.
func (a *attempt) call(c *gin.Context, h middleware.Handler) error {
	writer := c.Writer
	defer func() { // also after a panic, which is like a crash
		c.Writer = writer
		writer.Header().Del("Content-Length") // of the answer that was held back: another one may be sent
	}()
	err := h(c)
	if err == nil || a.held == nil {
		return err
	}
	a.held.body.Reset()
	middleware.Abort(c, err)
	return nil
}

// beginAttempt is called when the body of a request has been read. If the request has an Idempotency-Key, it stores
// this attempt to send the request. It returns an error if the handler must not go on, for example because an earlier
// attempt was answered or is still running.
func beginAttempt(c *gin.Context, b *Body) error {
	a, found := c.Get(attemptKey)
	if !found {
		return nil
	}
	return a.(*attempt).begin(c, b)
}

func (a *attempt) begin(c *gin.Context, b *Body) (err error) {
	r, now := a.record, a.Now()
	r.CreatedID, r.LeaseUntil, r.ExpiresAt = models.NewID(now), now.Add(attemptLease), now.Add(answerTTL)
	if r.Fingerprint, err = b.fingerprint(); err != nil {
		return err
	}
	if a.record, err = a.Store.Begin(c.Request.Context(), r, now); err != nil {
		return err
	}
	switch {
	case a.record.Attempt == r.Attempt:
		a.held = &heldWriter{ResponseWriter: c.Writer}
		c.Writer = a.held
		c.Set(createdIDKey, a.record.CreatedID)
		return nil
	case a.record.Fingerprint != r.Fingerprint:
		return &models.Error{Code: models.KeyReused}
	case !a.record.Done():
		return errInProgress
	}
	return a.open()
}

// open decrypts the kept answer. It returns errReplayed on success, and errAnswerNotKept otherwise.
func (a *attempt) open() error {
	text, err := a.Sealer.Open(a.record.Answer, a.record.Key)
	if err == nil {
		err = json.Unmarshal(text, &a.answer)
	}
	if err != nil || a.answer.Status == 0 {
		return errAnswerNotKept.WithCause(err) // SECRET_KEY has changed, or the answer was too large
	}
	return errReplayed
}

// end marks the attempt as ended. It also stores the answer, if repeated requests must get the same one.
func (a *attempt) end(c *gin.Context) error {
	a.answer = a.held.answer()
	switch status := a.answer.Status; {
	case status >= http.StatusInternalServerError:
		a.record.LeaseUntil = a.Now()
	case status == http.StatusBadRequest, status == http.StatusTooManyRequests:
		a.record.ExpiresAt = a.Now()
	default:
		kept := a.answer
		if len(kept.Body) > maxKeptAnswer {
			kept = keptAnswer{}
		}
		text, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		a.record.Answer = a.Sealer.Seal(text, a.record.Key)
	}
	return a.Store.End(c.Request.Context(), a.record)
}

// keptAnswer is an answer as it is stored. It is zero if the answer was too large.
type keptAnswer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// keptHeaders are the headers that are kept with an answer. A replay sets all other headers anew.
var keptHeaders = []string{"Content-Type", "ETag", "Location"}

func (k keptAnswer) send(c *gin.Context) {
	for _, name := range keptHeaders {
		if value := k.Header.Get(name); value != "" {
			c.Header(name, value)
		}
	}
	c.Data(k.Status, k.Header.Get("Content-Type"), k.Body)
}

// heldWriter keeps the body of an answer in memory instead of sending it.
type heldWriter struct {
	gin.ResponseWriter // has the status and the headers
	body               bytes.Buffer
}

func (w *heldWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// WriteString implements gin.ResponseWriter.
func (w *heldWriter) WriteString(s string) (int, error) { return w.body.WriteString(s) }

// WriteHeaderNow implements gin.ResponseWriter.
func (w *heldWriter) WriteHeaderNow() {}

// answer returns the answer that was held back.
func (w *heldWriter) answer() keptAnswer {
	kept := keptAnswer{Status: w.Status(), Header: http.Header{}, Body: w.body.Bytes()}
	for _, name := range keptHeaders {
		if value := w.Header().Get(name); value != "" {
			kept.Header.Set(name, value)
		}
	}
	return kept
}

// fingerprint returns a hash of the values and the cover in the body. It does not depend on the boundary of a form.
func (b *Body) fingerprint() (string, error) {
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode([]any{b.isJSON, b.values, b.lists, b.Cover != nil}); err != nil {
		return "", err
	}
	if b.Cover != nil {
		if _, err := b.Cover.Seek(0, io.SeekStart); err != nil {
			return "", bufferFailed(err)
		}
		if _, err := io.Copy(hash, b.Cover); err != nil {
			return "", bufferFailed(err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
