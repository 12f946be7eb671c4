package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	"bookplate/models"
)

// auditLog returns the entries of the audit log, oldest first, without their ids.
func (c console) auditLog() []models.AuditEntry {
	c.Helper()
	entries, err := c.operator.Store.Audit().List(c.Context(), models.AuditFilter{Limit: 100})
	if err != nil {
		c.Fatal(err)
	}
	slices.Reverse(entries)
	for i := range entries {
		entries[i].ID = ""
	}
	return entries
}

// Every command adds an entry to the audit log. The entry names the system account if there is one.
func TestCommandsAreInTheAuditLog(t *testing.T) {
	eachDatabase(t, func(c console) {
		ada := c.add("ada@example.com")
		for _, args := range [][]string{
			{"list"},
			{"grant", "ada@example.com", "admin"},
			{"revoke", "ada@example.com", "admin"},
			{"reset-password", "ada@example.com"},
			{"disable", "ada@example.com"},
			{"enable", "ada@example.com"},
		} {
			if _, err := c.run(args...); err != nil {
				c.Errorf("%v: %v", args, err)
			}
		}
		c.wantError("no active account", "disable", "eve@example.com") // a rejected command adds no entry
		c.operator.By = ""
		c.want("ada@example.com is disabled", "disable", "ada@example.com")
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
		if got := c.auditLog(); !slices.Equal(got, want) {
			c.Errorf("the log is\n%+v, want\n%+v", got, want)
		}
	})
}

// unaudited is a store whose audit log cannot store entries.
type unaudited struct{ models.Store }

func (s unaudited) Audit() models.Audit { return brokenAudit{s.Store.Audit()} }

type brokenAudit struct{ models.Audit }

func (brokenAudit) Append(context.Context, models.AuditEntry) error {
	return errors.New("the log is full")
}

// A command changes and prints nothing if its audit entry cannot be written.
func TestNoActionWithoutAuditEntry(t *testing.T) {
	eachDatabase(t, func(c console) {
		ada := c.add("ada@example.com")
		c.operator.Store = unaudited{c.operator.Store}
		for _, args := range [][]string{
			{"list"},
			{"grant", "ada@example.com", "admin"},
			{"reset-password", "ada@example.com"},
			{"disable", "ada@example.com"},
		} {
			c.wantError("the log is full", args...)
		}
		if got := c.get(ada.ID); got != ada {
			c.Errorf("the account is %+v, want %+v", got, ada)
		}
	})
}
