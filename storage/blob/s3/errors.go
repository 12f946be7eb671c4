package s3

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"bookplate/models"
)

// retryAfter is when a client may try again: S3 asks to slow down for seconds, and a server that restarts takes no
// longer.
const retryAfter = 5 * time.Second

// translate turns an error of the S3 client into one of ours. What the operator has to put right, a bucket that is
// missing or keys that are refused, is Unavailable: it will be well again without a change of the program.
func translate(err error) error {
	if err == nil {
		return nil
	}
	code := models.Unavailable
	if answer, answered := errors.AsType[minio.ErrorResponse](err); answered {
		code = codeOf(answer)
	}
	if code != models.Unavailable {
		return &models.Error{Code: code, Err: err}
	}
	return &models.Error{Code: code, RetryAfter: retryAfter, Err: err}
}

func codeOf(answer minio.ErrorResponse) models.Code {
	switch {
	case answer.Code == minio.NoSuchKey:
		return models.NotFound
	case answer.StatusCode == http.StatusInsufficientStorage:
		return models.InsufficientStorage
	case answer.StatusCode >= 500 || isSetup(answer) || answer.StatusCode == http.StatusTooManyRequests:
		return models.Unavailable
	}
	return models.Internal
}

// isSetup says whether an answer means that the URL or the keys are wrong.
func isSetup(answer minio.ErrorResponse) bool {
	return answer.Code == minio.NoSuchBucket || answer.StatusCode == http.StatusForbidden
}

// explain adds to one of our errors, for the people who run the server, what is wrong.
func (s *Store) explain(err error) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	explained := *e
	explained.Detail = s.describe(err)
	return &explained
}

func (s *Store) describe(err error) string {
	what := "answers with an error; the log has it"
	answer, answered := errors.AsType[minio.ErrorResponse](err)
	switch {
	case !answered:
		what = "cannot be reached"
	case answer.Code == minio.NoSuchBucket:
		what = fmt.Sprintf("has no bucket %q", s.at.bucket)
	case answer.StatusCode == http.StatusForbidden:
		what = fmt.Sprintf("refuses S3_ACCESS_KEY and S3_SECRET_KEY for the bucket %q", s.at.bucket)
	}
	return "S3 at " + s.at.endpoint + " " + what
}
