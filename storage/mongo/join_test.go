package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// cursorOf is a server's answer to an aggregation that finds these documents.
func cursorOf(documents ...any) bson.D {
	cursor := bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "a.users"}, {Key: "firstBatch", Value: append(bson.A{}, documents...)}}
	return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: cursor}}
}

// TestAuthenticateByJoin authenticates on a fake server, because FerretDB 1 has no $lookup.
func TestAuthenticateByJoin(t *testing.T) {
	m, s := newMember(t, nil)
	s.joins.Store(true)
	user := models.User{ID: models.NewID(updatedAt), Name: "Ada", Email: "ada@example.com", Active: true, Role: models.RoleAdmin}
	session := models.Session{ID: models.NewID(updatedAt), UserID: user.ID, ExpiresAt: updatedAt}
	withSession := append(userDocument.of(user), bson.E{Key: "joined", Value: bson.A{sessionDocument.of(session)}})
	without := append(userDocument.of(user), bson.E{Key: "joined", Value: bson.A{}})
	m.answers = []bson.D{cursorOf(withSession), cursorOf(without), cursorOf()}

	gotSession, gotUser, err := s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
	if err != nil || gotSession != session || gotUser != user {
		t.Errorf("got %+v, %+v, %v", gotSession, gotUser, err)
	}
	for _, ended := range []string{"the session", "the account"} {
		_, _, err := s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
		if models.CodeOf(err) != models.NotFound {
			t.Errorf("without %s: got %v, want not found", ended, err)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.commands) != 3 || m.commands[0]["aggregate"] != usersName {
		t.Errorf("got the commands %v, want one aggregation each", m.commands)
	}
}
