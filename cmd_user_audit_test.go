package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	"bookplate/models"
)

// log is the audit log, the oldest first, without the ids of its entries.
func (d desk) log() []models.AuditEntry {
	d.Helper()
	entries, err := d.operator.Store.Audit().List(d.Context(), models.AuditFilter{Limit: 100})
	if err != nil {
		d.Fatal(err)
	}
	slices.Reverse(entries)
	for i := range entries {
		entries[i].ID = ""
	}
	return entries
}

func TestCommandsAreInTheAuditLog(t *testing.T) {
	eachDatabase(t, func(d desk) {
		ada := d.add("ada@example.com")
		for _, args := range [][]string{
			{"list"},
			{"grant", "ada@example.com", "admin"},
			{"revoke", "ada@example.com", "admin"},
			{"reset-password", "ada@example.com"},
			{"disable", "ada@example.com"},
			{"enable", "ada@example.com"},
		} {
			if _, err := d.run(args...); err != nil {
				d.Errorf("%v: %v", args, err)
			}
		}
		d.wantError("no active account", "disable", "eve@example.com") // what is refused is not done
		d.operator.By = ""
		d.want("ada@example.com is disabled", "disable", "ada@example.com")
		entry := func(action models.Action, target models.ID, detail string) models.AuditEntry {
			return models.AuditEntry{Action: action, TargetID: target, Detail: detail, At: noon, IP: "command line"}
		}
		want := []models.AuditEntry{
			entry("users.list", "", "by grace"),
			entry("user.change", ada.ID, "role=admin, by grace"),
			entry("user.change", ada.ID, "role=user, by grace"),
			entry("user.link", ada.ID, "by grace"),
			entry("user.change", ada.ID, "active=false, by grace"),
			entry("user.change", ada.ID, "active=true, by grace"),
			entry("user.change", ada.ID, "active=false"),
		}
		if got := d.log(); !slices.Equal(got, want) {
			d.Errorf("the log is\n%+v, want\n%+v", got, want)
		}
	})
}

// unaudited is a store whose audit log takes no entries.
type unaudited struct{ models.Store }

func (s unaudited) Audit() models.Audit { return brokenAudit{s.Store.Audit()} }

type brokenAudit struct{ models.Audit }

func (brokenAudit) Append(context.Context, models.AuditEntry) error {
	return errors.New("the log is full")
}

// What cannot be written down is not done.
func TestNoActionWithoutAuditEntry(t *testing.T) {
	eachDatabase(t, func(d desk) {
		ada := d.add("ada@example.com")
		d.operator.Store = unaudited{d.operator.Store}
		for _, args := range [][]string{
			{"list"},
			{"grant", "ada@example.com", "admin"},
			{"reset-password", "ada@example.com"},
			{"disable", "ada@example.com"},
		} {
			d.wantError("the log is full", args...)
		}
		if got := d.get(ada.ID); got != ada {
			d.Errorf("the account is %+v, want %+v", got, ada)
		}
	})
}
