package mongo

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

func TestServerStartsLater(t *testing.T) {
	t.Parallel() // it mostly waits for time budgets
	ferret := storagetest.NewFerret(t)
	ferret.Stop(t)
	var logged syncBuffer
	s, err := Open(t.Context(), ferret.URL()+shortSelection, slog.New(slog.NewTextHandler(&logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range everyCall(t, s) {
		t.Run(name, func(t *testing.T) { wantUnavailable(t, err) })
	}
	wantDetail(t, s.Ping(t.Context()), "MongoDB at "+hostOf(ferret)+" cannot be reached")

	ferret.Start(t)
	waitReady(t, s)
	for name, err := range everyCall(t, s) {
		if err != nil {
			t.Errorf("%s, after the server started: %v", name, err)
		}
	}
	if err := s.Close(); err != nil { // also waits for the last log line
		t.Error(err)
	}
	log := logged.String()
	if strings.Count(log, "level=WARN") != 1 || strings.Count(log, "level=INFO") != 1 {
		t.Errorf("want one line for the failure and one for the success, got:\n%s", log)
	}
}

func TestServerRestarts(t *testing.T) {
	t.Parallel() // it mostly waits for time budgets
	ferret := storagetest.NewFerret(t)
	s := open(t, ferret.URL()+shortSelection)
	user := models.User{ID: models.NewID(updatedAt), Name: "Ada", Email: "ada@example.com", Active: true, Role: models.RoleUser}
	if err := s.Users().Create(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		ferret.Stop(t)
		for name, err := range everyCall(t, s) {
			t.Run(name, func(t *testing.T) { wantUnavailable(t, err) })
		}
		ferret.Start(t)
		waitReady(t, s)
		if got, err := s.Users().Get(t.Context(), user.ID); err != nil || got != user {
			t.Errorf("after the restart: got %+v, %v", got, err)
		}
	}
}

func TestServerDoesNotAnswer(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // never accepts a connection
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // the listener accepted no connection
	s := openQuietly(t, "mongodb://"+silent.Addr().String()+"/?serverSelectionTimeoutMS=200&connectTimeoutMS=200&timeoutMS=1000")
	for name, err := range everyCall(t, s) {
		t.Run(name, func(t *testing.T) { wantUnavailable(t, err) })
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestServerRejectsUser(t *testing.T) {
	ferret := storagetest.NewFerret(t)
	url := "mongodb://ada:Correct%2DHorse@" + hostOf(ferret) + "/" + shortSelection
	var logged syncBuffer
	s, err := Open(t.Context(), url, slog.New(slog.NewTextHandler(&logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ping := s.Ping(t.Context())
	for strings.Contains(ping.Error(), "cannot be reached") { // a slow server may not answer in time
		time.Sleep(20 * time.Millisecond)
		ping = s.Ping(t.Context())
	}
	wantUnavailable(t, ping)
	wantDetail(t, ping, "MongoDB at "+hostOf(ferret)+" does not accept the user and the password of its URL")
	for logged.String() == "" { // the store is prepared in the background, and logs that it cannot be
		time.Sleep(20 * time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, text := range []string{ping.Error(), logged.String()} {
		if strings.Contains(text, "Horse") || !strings.Contains(text, hostOf(ferret)) {
			t.Errorf("got %q, want it to contain the host but not the password", text)
		}
	}
}

func TestClosedStore(t *testing.T) {
	s := openQuietly(t, storagetest.MongoURL(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, err := range everyCall(t, s) {
		t.Run(name, func(t *testing.T) { wantUnavailable(t, err) })
	}
}
