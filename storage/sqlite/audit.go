package sqlite

import (
	"context"

	"bookplate/models"
)

type audit struct{ *Store }

const (
	insertAudit = "INSERT INTO audit (" + auditColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?)"
	newestAudit = "SELECT " + auditColumns + " FROM audit ORDER BY id DESC LIMIT ?"
	olderAudit  = "SELECT " + auditColumns + " FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?"
)

func (s audit) Append(ctx context.Context, e models.AuditEntry) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertAudit, auditValues(e)...)
		return err
	})
}

func (s audit) List(ctx context.Context, f models.AuditFilter) ([]models.AuditEntry, error) {
	if f.Before == "" {
		return findAll(ctx, s.Store, newestAudit, []any{f.Limit}, auditFields)
	}
	return findAll(ctx, s.Store, olderAudit, []any{string(f.Before), f.Limit}, auditFields)
}
