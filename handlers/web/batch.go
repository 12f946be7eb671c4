package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

const (
	maxOperations = 100
	maxBatch      = 1 << 20 // the maximum size of the body of a batch, in bytes

	inBatchKey = "in batch"
)

// Batches does several operations in one request. Each operation passes the same steps as a request of its own, except for
// the authentication, and gets the same answer. A server error ends the batch, and the batch is answered with that error.
type Batches struct {
	// Run is library.Batches.Run. It calls do with the context for the operations.
	Run func(ctx context.Context, atomic bool, do func(ctx context.Context) error) error

	routes []operationRoute
}

// operationRoute is a route that a batch may use.
type operationRoute struct {
	method, path string
	steps        []middleware.Handler
}

// Allow lets the operations of a batch use a route. The steps are the handlers of the route after middleware.TokenRequired.
func (b *Batches) Allow(method, path string, steps ...middleware.Handler) {
	b.routes = append(b.routes, operationRoute{method, path, steps})
}

// InBatch reports whether the request is an operation of a batch.
func InBatch(c *gin.Context) bool { return c.GetBool(inBatchKey) }

// batchRequest is the body of a batch.
type batchRequest struct {
	Operations *operations `json:"operations"`
	Atomic     *bool       `json:"atomic"`
}

// operation is a request in a batch.
type operation struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`     // may have a query
	IfMatch string          `json:"if_match"` // the header If-Match; empty for none
	Body    json.RawMessage `json:"body"`     // JSON; null for none

	url    *url.URL
	steps  []middleware.Handler
	params gin.Params
}

// operations are the operations of a batch, in order.
type operations []operation

// UnmarshalJSON rejects unknown fields of an operation, because the client would expect them to have an effect. Clients see
// its errors.
func (o *operations) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var all []operation
	if decoder.Decode(&all) != nil {
		return errors.New("must be a list of objects, each with method and path, and perhaps body and if_match")
	}
	if len(all) == 0 || len(all) > maxOperations {
		return fmt.Errorf("must be a list of 1 to %d operations", maxOperations)
	}
	*o = all
	return nil
}

// answeredOperation is the answer to an operation as clients see it.
type answeredOperation struct {
	Status int             `json:"status"`
	ETag   string          `json:"etag,omitempty"`
	Body   json.RawMessage `json:"body"` // null if there is none
}

// failedOperation is the operation that made an atomic batch fail.
type failedOperation struct {
	Operation int `json:"operation"` // its index
	answeredOperation
}

// Do is the handler of a batch. It comes after middleware.TokenRequired.
func (b *Batches) Do(c *gin.Context) error {
	blank := newBlank(c)
	var request batchRequest
	in, err := read(c, bodyLimits{text: maxBatch, form: maxBatch}, &request)
	if err != nil {
		return err
	}
	b.find(request.Operations, in.Check)
	if err := in.Invalid(); err != nil {
		return err
	}
	run := batchRun{batch: c, blank: blank, atomic: request.Atomic != nil && *request.Atomic}
	err = b.Run(c.Request.Context(), run.atomic, func(ctx context.Context) error { return run.do(ctx, *request.Operations) })
	if err != nil {
		return err
	}
	Respond(c, http.StatusOK, "the batch is done", run.answers)
	return nil
}

// newBlank returns a copy of the batch's context for the operations. It is made before the body of the batch is read, so it
// knows the caller but nothing of that body.
func newBlank(c *gin.Context) *gin.Context {
	blank := c.Copy()
	delete(blank.Keys, attemptKey)
	blank.Set(inBatchKey, true)
	blank.Request = c.Request.Clone(c.Request.Context())
	blank.Request.Header.Set("Content-Type", typeJSON)
	for _, name := range []string{idempotencyHeader, "If-Match", "If-None-Match"} {
		blank.Request.Header.Del(name) // these headers apply to the whole batch
	}
	return blank
}

// find sets the route of each operation. It calls reject for an operation that matches no route.
func (b *Batches) find(all *operations, reject func(field string, err error)) {
	if all == nil {
		reject("operations", models.ErrRequired)
		return
	}
	for i := range *all {
		if !b.findOne(&(*all)[i]) {
			reject(fmt.Sprintf("operations[%d]", i), fmt.Errorf("must be one of %s", b))
		}
	}
}

// findOne sets the route of an operation. It returns false if there is none.
func (b *Batches) findOne(o *operation) bool {
	var err error
	if o.url, err = url.ParseRequestURI(o.Path); err != nil || o.url.Host != "" {
		return false
	}
	for _, r := range b.routes {
		var matches bool
		if o.params, matches = r.match(o.Method, o.url.Path); matches {
			o.steps = r.steps
			return true
		}
	}
	return false
}

var parameter = regexp.MustCompile(":([a-z_]+)")

// String lists the allowed routes in the notation of the API document.
func (b *Batches) String() string {
	list := make([]string, len(b.routes))
	for i, r := range b.routes {
		list[i] = r.method + " " + parameter.ReplaceAllString(r.path, "{$1}")
	}
	return strings.Join(list, ", ")
}

// match reports whether a method and a path match the route, with or without a slash at the end. It also returns the
// parameters in the path.
func (r operationRoute) match(method, path string) (params gin.Params, matches bool) {
	want, got := strings.Split(r.path, "/"), strings.Split(strings.TrimSuffix(path, "/"), "/")
	if method != r.method || len(want) != len(got) {
		return nil, false
	}
	for i, value := range got {
		name, isParameter := strings.CutPrefix(want[i], ":")
		switch {
		case isParameter && value != "":
			params = append(params, gin.Param{Key: name, Value: value})
		case value != want[i]:
			return nil, false
		}
	}
	return params, true
}

// batchRun does the operations of a batch.
type batchRun struct {
	batch   *gin.Context
	blank   *gin.Context // the context that each operation gets a copy of
	atomic  bool
	answers []answeredOperation
}

// do does the operations one after the other. It stops at a server error. In an atomic batch, it stops at any error.
func (r *batchRun) do(ctx context.Context, all operations) error {
	r.answers = make([]answeredOperation, len(all))
	caller := middleware.UserOf(r.blank)
	for i, o := range all {
		c := r.blank.Copy()
		middleware.SetUser(c, caller)
		middleware.SetContext(c, ctx)
		if id := CreatedID(r.batch); id != "" {
			c.Set(createdIDKey, id.Part(i))
		}
		answer, err := o.do(c)
		if err != nil {
			err = fmt.Errorf("operation %d: %w", i, err)
			if models.IsInternal(err) {
				return err
			}
			if r.atomic {
				return batchFailed(i, answer, err)
			}
			_ = r.batch.Error(err) // recorded for middleware.RequestLog
		}
		r.answers[i], caller = answer, middleware.UserOf(c)
	}
	return nil
}

func batchFailed(i int, answer answeredOperation, err error) error {
	return &models.Error{
		Code: models.Invalid, Name: "batch_failed", Message: "Batch failed",
		Detail: fmt.Sprintf("operations[%d] failed, so nothing was changed", i), Data: failedOperation{i, answer}, Err: err,
	}
}

// do passes an operation through the steps of its route. It returns the answer and, if the answer is an error, that error.
func (o operation) do(c *gin.Context) (answer answeredOperation, err error) {
	w := &operationWriter{heldWriter: heldWriter{ResponseWriter: c.Writer}, header: http.Header{}, status: http.StatusOK}
	c.Writer, c.Params = w, o.params
	body := o.Body
	if string(body) == "null" {
		body = nil
	}
	c.Request.Method, c.Request.URL = o.Method, o.url
	if o.IfMatch != "" {
		c.Request.Header = c.Request.Header.Clone()
		c.Request.Header.Set("If-Match", o.IfMatch)
	}
	c.Request.Body, c.Request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	for _, step := range o.steps {
		if err = step(c); err != nil {
			middleware.Abort(c, err)
			break
		}
	}
	return answeredOperation{Status: w.status, ETag: w.header.Get("ETag"), Body: w.body.Bytes()}, err
}

// operationWriter keeps the answer to an operation, with its own headers and status, instead of sending it.
type operationWriter struct {
	heldWriter
	header http.Header
	status int
}

// Header implements gin.ResponseWriter.
func (w *operationWriter) Header() http.Header { return w.header }

// WriteHeader implements gin.ResponseWriter.
func (w *operationWriter) WriteHeader(status int) { w.status = status }

// Status implements gin.ResponseWriter.
func (w *operationWriter) Status() int { return w.status }
