package sqlite

import (
	"context"

	"bookplate/models"
)

type audit struct{ *Store }

var (
	insertAudit = auditTable.insert("audit")
	newestAudit = "SELECT " + auditTable.names + " FROM audit ORDER BY id DESC LIMIT ?"
	olderAudit  = "SELECT " + auditTable.names + " FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?"
)

func (s audit) Append(ctx context.Context, e models.AuditEntry) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertAudit, auditTable.values(e)...)
		return err
	})
}

func (s audit) List(ctx context.Context, f models.AuditFilter) ([]models.AuditEntry, error) {
	if f.Before == "" {
		return findAll(ctx, s.Store, newestAudit, []any{f.Limit}, auditTable.fields)
	}
	return findAll(ctx, s.Store, olderAudit, []any{string(f.Before), f.Limit}, auditTable.fields)
}
