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

// entry is what an administrator reads of the audit log. The operator has no id.
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

// startWith starts the server anew, with these settings beside its own.
func (s *server) startWith(settings ...string) {
	s.Helper()
	s.kill()
	own := s.settings
	s.settings = append(slices.Clone(own), settings...)
	s.launch()
	s.settings = own
	s.eventuallyReady()
}

// What the operator does by ADMIN_EMAIL and from the command line is in the log that administrators read.
func TestTheOperatorIsInTheAuditLog(t *testing.T) {
	eachEngine(t, func(s *server) {
		s.startWith()
		ada := s.signedIn("ada@example.com")
		s.startWith("ADMIN_EMAIL=ada@example.com")
		s.eventually("ADMIN_EMAIL's account is an administrator", func() bool {
			a, err := s.send(get("/audit", ada.Token))
			return err == nil && a.status == http.StatusOK
		})
		s.kill() // with SQLite, a command has the database for itself
		s.wantRun("ada@example.com has the role librarian", "user", "grant", "ada@example.com", "librarian")
		s.wantRun("ada@example.com has the role admin", "user", "grant", "ada@example.com", "admin")
		s.startWith()
		by := ""
		if me, err := osuser.Current(); err == nil {
			by = ", by " + me.Username
		}
		got := data[[]entry](t, s.do(get("/audit", ada.Token), http.StatusOK))
		// What different processes do in the same second has no order.
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

// Whoever signs up with ADMIN_EMAIL's address, and has not proven to read its mail, is no administrator.
func TestAdminEmailThatIsNotActivated(t *testing.T) {
	eachEngine(t, func(s *server) {
		s.startWith()
		s.do(signUp("ada@example.com"), http.StatusCreated)
		s.startWith("ADMIN_EMAIL=ada@example.com")
		s.eventually("the log says what to do", func() bool {
			return strings.Contains(s.stdout.String(), "ADMIN_EMAIL's account is not activated")
		})
		s.kill()
		if list := s.wantRun("not activated", "user", "list"); strings.Contains(list, "admin") {
			s.Errorf("it is an administrator: %s", list)
		}
	}, "REQUIRE_ACTIVATION=on")
}
