package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"bookplate/models"
)

var errClosed = &models.Error{Code: models.Unavailable, Err: errors.New("the database is closed")}

// translate wraps an error of the driver in a *models.Error. It returns nil and a *models.Error unchanged.
func translate(err error) error {
	if _, ours := errors.AsType[*models.Error](err); ours || err == nil {
		return err
	}
	return &models.Error{Code: codeOf(err), Err: err}
}

func codeOf(err error) models.Code {
	if errors.Is(err, sql.ErrNoRows) {
		return models.NotFound
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return models.Unavailable
	}
	if models.IsDiskFull(err) {
		return models.InsufficientStorage
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return models.Unavailable
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return codeOfResult(e.Code())
	}
	return models.Internal
}

// codeOfResult returns the code for a result code of SQLite: https://sqlite.org/rescode.html. The low byte of an
// extended result code is its primary result code.
func codeOfResult(result int) models.Code {
	switch result {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return models.Conflict
	}
	switch result & 0xff {
	case codes.SQLITE_FULL:
		return models.InsufficientStorage
	case codes.SQLITE_IOERR, codes.SQLITE_BUSY, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY:
		return models.Unavailable
	}
	return models.Internal
}
