package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bookplate/models"
)

type imports struct{ *Store }

const (
	unfinished    = "finished_at < 0 AND state <> 'receiving'"
	importsOfUser = "(SELECT id FROM imports WHERE user_id = ?)"
	oldImports    = "(SELECT id FROM imports WHERE finished_at >= 0 AND finished_at < ? OR " +
		"finished_at < 0 AND state = 'receiving' AND created_at < ?)"
)

var (
	insertImport = importTable.insert("imports")
	selectImport = "SELECT " + importTable.names + " FROM imports WHERE id = ?"
	updateImport = "UPDATE imports SET (" + importTable.names + ") = (" + importTable.placeholders + ") " +
		"WHERE id = ? AND state = ? AND next_batch = ?"
	// The plus sign keeps SQLite from reading all imports in the order of their ids.
	listUnfinished = "SELECT " + importTable.names + " FROM imports WHERE " + unfinished + " AND id > ? ORDER BY +id LIMIT ?"
	listImports    = "SELECT " + importTable.names + " FROM imports WHERE user_id = ? AND state <> 'receiving' AND id < ? " +
		"ORDER BY id DESC LIMIT ?"
	replaceBatch = importBatchTable.replace("import_batches")
	selectBatch  = "SELECT " + importBatchTable.names + " FROM import_batches WHERE import_id = ? AND number = ?"
)

func (s imports) Create(ctx context.Context, i models.Import) error {
	return s.write(ctx, func(q *statements) error {
		if err := requireAccount(q, i.UserID); err != nil {
			return err
		}
		_, err := q.exec(insertImport, importTable.values(i)...)
		return err
	})
}

func (s imports) Get(ctx context.Context, id models.ID) (models.Import, error) {
	return find(ctx, s.Store, selectImport, []any{string(id)}, importTable.fields)
}

func (s imports) List(ctx context.Context, f models.ImportFilter) ([]models.Import, error) {
	if f.UserID == "" {
		return findAll(ctx, s.Store, listUnfinished, []any{string(f.After), f.Limit}, importTable.fields)
	}
	before := "g" // is greater than each id
	if f.After != "" {
		before = string(f.After)
	}
	return findAll(ctx, s.Store, listImports, []any{string(f.UserID), before, f.Limit}, importTable.fields)
}

func (s imports) Update(ctx context.Context, before, after models.Import) error {
	return s.write(ctx, func(q *statements) error {
		args := append(importTable.values(after), string(before.ID), string(before.State), before.NextBatch)
		changed, err := q.exec(updateImport, args...)
		if err != nil || changed > 0 {
			return err
		}
		if _, err := one(q, selectImport, []any{string(before.ID)}, importTable.fields); err != nil {
			return err
		}
		return &models.Error{Code: models.Conflict, Err: errors.New("the import has changed")}
	})
}

func (s imports) PutBatch(ctx context.Context, b models.ImportBatch) error {
	return s.write(ctx, func(q *statements) error {
		if _, err := one(q, selectImport, []any{string(b.ImportID)}, importTable.fields); err != nil {
			return err
		}
		_, err := q.exec(replaceBatch, importBatchTable.values(b)...)
		return err
	})
}

func (s imports) Batch(ctx context.Context, importID models.ID, number int) (models.ImportBatch, error) {
	list, err := findAll(ctx, s.Store, selectBatch, []any{string(importID), number}, importBatchTable.fields)
	if err == nil && len(list) == 0 {
		err = translate(sql.ErrNoRows)
	}
	if err != nil {
		return models.ImportBatch{}, err
	}
	return list[0], nil
}

func (s imports) DeleteAll(ctx context.Context, userID models.ID) error {
	_, err := s.deleteImports(ctx, importsOfUser, string(userID))
	return err
}

func (s imports) DeleteOld(ctx context.Context, finished, received time.Time) (int64, error) {
	return s.deleteImports(ctx, oldImports, finished.UnixMilli(), received.UnixMilli())
}

// deleteImports deletes the imports whose ids a query selects, and their batches.
func (s imports) deleteImports(ctx context.Context, ids string, args ...any) (n int64, err error) {
	err = s.remove(ctx, func(q *statements) error {
		if _, err := q.exec("DELETE FROM import_batches WHERE import_id IN "+ids, args...); err != nil {
			return err
		}
		n, err = q.exec("DELETE FROM imports WHERE id IN "+ids, args...)
		return err
	})
	return n, err
}
