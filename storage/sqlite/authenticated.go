package sqlite

import (
	"database/sql"
	"sync"

	"modernc.org/sqlite"

	"bookplate/models"
)

// maxAuthenticated is the number of sessions that authenticated keeps. An entry takes about 600 bytes.
const maxAuthenticated = 10_000

// authenticated remembers the sessions and accounts of earlier requests, because reading them takes half the time of a small
// request. Before a write of a session or an account returns, the writer calls forget. So a session that has ended is never
// accepted.
type authenticated struct {
	mu      sync.RWMutex
	rows    map[models.ID]authRow // by session
	version int                   // the number of calls of forget
}

// get returns the row of a session. If there is none, the caller reads it and passes it to add with this version.
func (a *authenticated) get(id models.ID) (row authRow, found bool, version int) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	row, found = a.rows[id]
	return row, found, a.version
}

// add remembers a row. If forget was called since get returned version, add does nothing, because the row may be out of date. If
// there are too many rows, add forgets the others; they are read again when they are needed.
func (a *authenticated) add(row authRow, version int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if version != a.version {
		return
	}
	if a.rows == nil || len(a.rows) >= maxAuthenticated {
		a.rows = map[models.ID]authRow{}
	}
	a.rows[row.session.ID] = row
}

// forget forgets all rows.
func (a *authenticated) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version++
	a.rows = nil
}

// watchAccounts makes SQLite call changed before each change of a session or an account on this connection.
func watchAccounts(conn *sql.Conn, changed func()) error {
	return conn.Raw(func(driverConn any) error {
		driverConn.(sqlite.HookRegisterer).RegisterPreUpdateHook(func(change sqlite.SQLitePreUpdateData) {
			if change.TableName == "sessions" || change.TableName == "users" {
				changed()
			}
		})
		return nil
	})
}

// forgetForeign forgets the sessions if another program has changed the database. Only a program that ignores the lock file can
// do that.
func (w *writer) forgetForeign() {
	version, err := one(w.statements, "PRAGMA data_version", nil, intField)
	if err != nil || version != w.dataVersion {
		w.authenticated.forget()
	}
	w.dataVersion = version
}
