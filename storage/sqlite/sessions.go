package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"bookplate/models"
)

type sessions struct{ *Store }

var (
	insertSession = sessionTable.insert("sessions")
	selectSession = "SELECT " + sessionTable.names + " FROM sessions WHERE id = ?"
	listSessions  = "SELECT " + sessionTable.names + " FROM sessions WHERE user_id = ? AND id < ? AND expires_at > ? " +
		"ORDER BY id DESC LIMIT ?"
	knownIn       = "SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = ? AND network = ? AND expires_at > ?)"
	rotateSession = "UPDATE sessions SET refresh_hash = ?, previous_hash = refresh_hash, rotated_at = ?, last_used_at = ? " +
		"WHERE id = ? AND refresh_hash = ?"
	touchSession   = "UPDATE sessions SET last_used_at = ? WHERE id = ?"
	deleteSession  = "DELETE FROM sessions WHERE id = ? AND user_id = ?"
	deleteSessions = "DELETE FROM sessions WHERE user_id = ? AND id <> ?"
	deleteExpired  = "DELETE FROM sessions WHERE expires_at < ?"
)

var authenticate = "SELECT " + sessionTable.qualified("s") + ", " + userTable.qualified("u") +
	" FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ? AND s.user_id = ?"

func (s sessions) Create(ctx context.Context, ses models.Session) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertSession, sessionTable.values(ses)...)
		return err
	})
}

// authRow is a row of the query authenticate.
type authRow struct {
	session models.Session
	user    models.User
}

func authRowFields(row *authRow) []any {
	return append(sessionTable.fields(&row.session), userTable.fields(&row.user)...)
}

// Authenticate reads what is committed, even in a batch, because requests are authenticated before their batch begins.
func (s sessions) Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error) {
	var row authRow
	err := s.call(ctx, func() (err error) {
		known, found, version := s.writes.authenticated.get(id)
		if found && known.user.ID == userID {
			row = known
			return nil
		}
		row, err = one(s.lookups.statements, authenticate, []any{string(id), string(userID)}, authRowFields)
		if err == nil {
			s.writes.authenticated.add(row, version)
		}
		return err
	})
	return row.session, row.user, err
}

func (s sessions) Rotate(
	ctx context.Context, id models.ID, from, next string, at time.Time,
) (ses models.Session, err error) {
	err = s.write(ctx, func(q *statements) error {
		if _, err := q.exec(rotateSession, next, at.UnixMilli(), at.UnixMilli(), string(id), from); err != nil {
			return err
		}
		ses, err = one(q, selectSession, []any{string(id)}, sessionTable.fields)
		return err
	})
	return ses, err
}

func (s sessions) Touch(ctx context.Context, id models.ID, at time.Time) error {
	return s.write(ctx, func(q *statements) error { return requireChange(q.exec(touchSession, at.UnixMilli(), string(id))) })
}

func (s sessions) List(ctx context.Context, f models.SessionFilter) ([]models.Session, error) {
	const afterAllIDs = "g" // ids are hex digits
	args := []any{string(f.UserID), cmp.Or(string(f.After), afterAllIDs), f.At.UnixMilli(), f.Limit}
	return findAll(ctx, s.Store, listSessions, args, sessionTable.fields)
}

func (s sessions) KnownIn(ctx context.Context, userID models.ID, network string, at time.Time) (bool, error) {
	known, err := find(ctx, s.Store, knownIn, []any{string(userID), network, at.UnixMilli()}, intField)
	return known == 1, err
}

func (s sessions) Delete(ctx context.Context, id, userID models.ID) error {
	return s.remove(ctx, func(q *statements) error { return requireChange(q.exec(deleteSession, string(id), string(userID))) })
}

// requireChange is called with the results of exec. It returns sql.ErrNoRows if the statement changed no row.
func requireChange(changed int64, err error) error {
	if err == nil && changed == 0 {
		return sql.ErrNoRows
	}
	return err
}

func (s sessions) DeleteAll(ctx context.Context, userID, except models.ID) error {
	return s.remove(ctx, func(q *statements) error { return deleteUserSessions(q, userID, except) })
}

func deleteUserSessions(q *statements, userID, except models.ID) error {
	_, err := q.exec(deleteSessions, string(userID), string(except))
	return err
}

func (s sessions) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.remove(ctx, func(q *statements) error {
		n, err = q.exec(deleteExpired, now.UnixMilli())
		return err
	})
	return n, err
}
