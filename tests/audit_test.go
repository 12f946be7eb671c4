package tests

import (
	"cmp"
	"net/http"
	osuser "os/user"
	"slices"
	"strings"
	"testing"

	"bookplate/storage/storagetest"
)

// entry is an entry of the audit log as administrators see it. ActorID is nil for the operator.
type entry struct {
	ActorID  *string `json:"actor_id"`
	Action   string  `json:"action"`
	TargetID string  `json:"target_id"`
	Detail   string  `json:"detail"`
	IP       string  `json:"ip"`
}

// eachEngine runs a test with a server on both database engines.
func eachEngine(t *testing.T, test func(s *server), settings ...string) {
	t.Run("sqlite", func(t *testing.T) { test(newServer(t, settings...)) })
	t.Run("mongo", func(t *testing.T) {
		mongo := []string{"DATABASE_URL=" + storagetest.MongoURL(t), "SECRET_KEY=" + sharedSecret}
		test(newServer(t, append(mongo, settings...)...))
	})
}

// startWith restarts the server with additional settings.
func (s *server) startWith(settings ...string) {
	s.Helper()
	s.kill()
	own := s.settings
	s.settings = append(slices.Clone(own), settings...)
	s.launch()
	s.settings = own
	s.eventuallyReady()
}

// The audit log has the changes that ADMIN_EMAIL and commands make.
func TestTheOperatorIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(s *server) {
		s.startWith()
		ada := s.signedIn("ada@example.com")
		s.startWith("ADMIN_EMAIL=ada@example.com")
		s.eventually("ADMIN_EMAIL's account is an administrator", func() bool {
			a, err := s.send(get("/audit", ada.Token))
			return err == nil && a.status == http.StatusOK
		})
		s.kill() // with SQLite, commands need exclusive use of the database
		s.wantRun("ada@example.com has the role librarian", "user", "grant", "ada@example.com", "librarian")
		s.wantRun("ada@example.com has the role admin", "user", "grant", "ada@example.com", "admin")
		s.startWith()
		by := ""
		if me, err := osuser.Current(); err == nil {
			by = ", by " + me.Username
		}
		got := data[[]entry](t, s.do(get("/audit", ada.Token), http.StatusOK))
		// Different processes may write entries in the same second. The order of these entries is not defined.
		slices.SortFunc(got, func(a, b entry) int { return cmp.Compare(a.Detail, b.Detail) })
		want := []entry{
			{nil, "user.change", ada.ID, "role=admin", "ADMIN_EMAIL"},
			{nil, "user.change", ada.ID, "role=admin" + by, "command line"},
			{nil, "user.change", ada.ID, "role=librarian" + by, "command line"},
		}
		if !slices.Equal(got, want) {
			s.Errorf("the log is %+v, want %+v", got, want)
		}
	})
}

// ADMIN_EMAIL's account does not become an administrator before it is activated.
func TestAdminEmailThatIsNotActivated(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(s *server) {
		s.startWith()
		s.do(signUp("ada@example.com"), http.StatusCreated)
		s.startWith("ADMIN_EMAIL=ada@example.com")
		s.eventually("the log has the warning", func() bool {
			return strings.Contains(s.stdout.String(), "ADMIN_EMAIL's account is not activated")
		})
		s.kill()
		if list := s.wantRun("not activated", "user", "list"); strings.Contains(list, "admin") {
			s.Errorf("the account is an administrator: %s", list)
		}
	}, "REQUIRE_ACTIVATION=on")
}
