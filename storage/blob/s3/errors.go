package s3

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"bookplate/models"
)

// retryAfter is how long a client should wait after an error. A busy server usually recovers within seconds, and a
// restart also takes seconds.
const retryAfter = 5 * time.Second

// translate wraps an error of the S3 client in a *models.Error. If the bucket is missing or the keys are rejected, the
// error is Unavailable, because the operator can correct this while the server runs.
func translate(err error) error {
	if err == nil {
		return nil
	}
	code := models.Unavailable
	if response, answered := errors.AsType[minio.ErrorResponse](err); answered {
		code = codeOf(response)
	}
	if code != models.Unavailable {
		return &models.Error{Code: code, Err: err}
	}
	return &models.Error{Code: code, RetryAfter: retryAfter, Err: err}
}

func codeOf(response minio.ErrorResponse) models.Code {
	switch {
	case response.Code == minio.NoSuchKey:
		return models.NotFound
	case response.StatusCode == http.StatusInsufficientStorage:
		return models.InsufficientStorage
	case response.StatusCode >= 500 || isMisconfigured(response) || response.StatusCode == http.StatusTooManyRequests:
		return models.Unavailable
	}
	return models.Internal
}

// isMisconfigured reports whether a response means that the URL or the keys are wrong.
func isMisconfigured(response minio.ErrorResponse) bool {
	return response.Code == minio.NoSuchBucket || response.StatusCode == http.StatusForbidden
}

// withDetail returns a *models.Error with a Detail that describes the cause for the operator. It returns other errors
// unchanged.
func (s *Store) withDetail(err error) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	detailed := *e
	detailed.Detail = s.describe(err)
	return &detailed
}

// describe returns a sentence that names the server and says what is wrong. The sentence does not contain the keys.
func (s *Store) describe(err error) string {
	problem := "answers with an error; the log has it"
	response, answered := errors.AsType[minio.ErrorResponse](err)
	switch {
	case !answered:
		problem = "cannot be reached"
	case response.Code == minio.NoSuchBucket:
		problem = fmt.Sprintf("has no bucket %q", s.loc.bucket)
	case response.StatusCode == http.StatusForbidden:
		problem = fmt.Sprintf("refuses S3_ACCESS_KEY and S3_SECRET_KEY for the bucket %q", s.loc.bucket)
	}
	return "S3 at " + s.loc.endpoint + " " + problem
}
