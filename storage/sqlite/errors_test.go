package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	codes "modernc.org/sqlite/lib"

	"bookplate/models"
)

func TestResultCodes(t *testing.T) {
	for result, want := range map[int]models.Code{
		codes.SQLITE_CONSTRAINT_UNIQUE:     models.Conflict,
		codes.SQLITE_CONSTRAINT_PRIMARYKEY: models.Conflict,
		codes.SQLITE_CONSTRAINT_NOTNULL:    models.Internal,
		codes.SQLITE_FULL:                  models.InsufficientStorage,
		codes.SQLITE_IOERR:                 models.Unavailable,
		codes.SQLITE_IOERR_FSYNC:           models.Unavailable,
		codes.SQLITE_BUSY:                  models.Unavailable,
		codes.SQLITE_BUSY_SNAPSHOT:         models.Unavailable,
		codes.SQLITE_CANTOPEN:              models.Unavailable,
		codes.SQLITE_READONLY_DBMOVED:      models.Unavailable,
		codes.SQLITE_CORRUPT:               models.Internal,
		codes.SQLITE_ERROR:                 models.Internal,
	} {
		if got := codeOfResult(result); got != want {
			t.Errorf("result %d is code %d, want %d", result, got, want)
		}
	}
}

func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		err  error
		want models.Code
	}{
		{sql.ErrNoRows, models.NotFound},
		{context.Canceled, models.Unavailable},
		{context.DeadlineExceeded, models.Unavailable},
		{errors.ErrUnsupported, models.Internal},
	} {
		err := translate(fmt.Errorf("wrapped: %w", c.err))
		wantCode(t, err, c.want)
		if !errors.Is(err, c.err) {
			t.Errorf("%v does not wrap its cause %v", err, c.err)
		}
	}
	if err := translate(nil); err != nil {
		t.Errorf("translate(nil) = %v, want nil", err)
	}
}
