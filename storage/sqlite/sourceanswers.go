package sqlite

import (
	"context"
	"time"

	"bookplate/models"
)

type sourceAnswers struct{ *Store }

var (
	selectSourceAnswer  = "SELECT " + sourceAnswerTable.names + " FROM source_answers WHERE source = ? AND isbn = ?"
	replaceSourceAnswer = sourceAnswerTable.replace("source_answers")
)

func (s sourceAnswers) Get(ctx context.Context, source, isbn string) (models.SourceAnswer, error) {
	return find(ctx, s.Store, selectSourceAnswer, []any{source, isbn}, sourceAnswerTable.fields)
}

func (s sourceAnswers) Put(ctx context.Context, a models.SourceAnswer) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(replaceSourceAnswer, sourceAnswerTable.values(a)...)
		return err
	})
}

func (s sourceAnswers) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.remove(ctx, func(q *statements) error {
		n, err = q.exec("DELETE FROM source_answers WHERE expires_at < ?", now.UnixMilli())
		return err
	})
	return n, err
}
