package mongo

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// notCopied are the collections that copies and backups leave out, because they describe the running servers.
var notCopied = []string{leasesName, stateName}

// The collection of a new entity must be in kinds, or else copies and backups would lose its documents.
func TestEveryCollectionIsCopied(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	storagetest.Fill(t, s)
	found, err := s.db.ListCollectionNames(t.Context(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, k := range kinds {
		want[k.collection] = true
	}
	got := slices.DeleteFunc(found, func(name string) bool { return slices.Contains(notCopied, name) })
	slices.Sort(got)
	if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("collections\n%v, want\n%v", got, slices.Sorted(maps.Keys(want)))
	}
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, slices.Sorted(slices.Values(models.Collections))) {
		t.Errorf("kinds of %v, want one for each of models.Collections", got)
	}
}

func TestUnfinishedCopyIsUnavailable(t *testing.T) {
	url := storagetest.MongoURL(t)
	target, err := OpenTarget(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close() //nolint:errcheck // the test ignores this error
	waitReady(t, target)
	if err := target.Records().Begin(t.Context(), "0123456789abcdef"); err != nil {
		t.Fatal(err)
	}
	s := openQuietly(t, url)
	defer s.Close() //nolint:errcheck // the test ignores this error
	if err := s.Ping(t.Context()); !errors.Is(err, models.ErrUnfinishedCopy) || !strings.Contains(err.Error(), "unfinished copy") {
		t.Errorf("ping: %v", err)
	}
	if err := target.Records().Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitReady(t, s)
}
