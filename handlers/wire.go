package handlers

import (
	"context"
	"log/slog"
	"time"

	"bookplate/accounts"
	"bookplate/auth"
	"bookplate/config"
	"bookplate/covers"
	"bookplate/handlers/account"
	"bookplate/handlers/admin"
	"bookplate/handlers/catalogue"
	"bookplate/handlers/legacy"
	"bookplate/handlers/pages"
	"bookplate/handlers/web"
	"bookplate/library"
	"bookplate/library/copies"
	"bookplate/library/isbn"
	"bookplate/library/transfer"
	"bookplate/mail"
	"bookplate/middleware"
	"bookplate/models"
	"bookplate/throttle"
)

// Services are the dependencies of the handlers.
type Services struct {
	Config  config.Config
	Store   models.Store
	Covers  *covers.Covers
	Outbox  *mail.Outbox
	Hasher  accounts.Hasher
	Tokens  *auth.Tokens
	Sealer  auth.Sealer
	Log     *slog.Logger
	Now     func() time.Time
	Version string

	Network isbn.Network // reaches the sources of ISBN look-up

	Backups *copies.Schedule // nil if no backups are made

	Stopping <-chan struct{} // closed when the server begins to stop: streams of events end; nil if it never stops

	CoverBudget time.Duration // the time limit for a cover to wait for memory and be decoded

	ResetDemo func(context.Context) error // restores the library of a demo; nil in any other server
}

// links returns the web.Links that make absolute URLs of this server.
func (s Services) links() web.Links {
	return web.Links{Public: s.Config.PublicURL, Proxies: s.Config.TrustedProxies}
}

// apiHandlers are the handlers of all routes.
type apiHandlers struct {
	account   *account.Handlers
	admin     *admin.Handlers
	catalogue *catalogue.Handlers
	legacy    *legacy.Handlers
	health    *pages.Health
	pages     *pages.Pages
	plain     *pages.Plain

	idempotency *web.Idempotency
	batch       *web.Batches
}

// wire creates the handlers, and the values of packages accounts and library that they use.
func wire(s Services) apiHandlers {
	links := s.links()
	audit := &accounts.Audit{Store: s.Store.Audit(), Now: s.Now}
	imports := NewImports(s)
	books, readings, shelves := imports.Books, imports.Readings, imports.Shelves
	rules := newAccounts(s, audit, books)
	own := &account.Handlers{
		Accounts: rules, Cookies: middleware.NewCookies(links.Base, s.Config.CORSOrigins), Links: links,
		Names: s.Config.Names, Passwords: s.Config.Passwords,
	}
	reminders := accounts.Reminders{Store: s.Store, Outbox: s.Outbox, Letters: rules.Letters, Now: s.Now}
	loans := &library.Loans{Store: s.Store.Loans(), Accounts: rules, Reminders: reminders, Audit: audit, Now: s.Now}
	exporter := &transfer.Exporter{
		Books: books, Readings: readings, Shelves: shelves, Loans: loans, Covers: s.Covers, Version: s.Version, Log: s.Log,
		Now: s.Now,
	}
	catalog := &catalogue.Handlers{
		Books: books, Owners: &library.Owners{Users: s.Store.Users()}, Shelves: shelves, Readings: readings, Loans: loans,
		Covers: s.Covers, Links: links, ISBN: imports.ISBN, Exporter: exporter, Categories: s.Config.Categories,
		MaxUpload: s.Config.MaxUpload, TrashTTL: s.Config.TrashTTL,
		Imports: imports, MaxImport: s.Config.MaxImport, Stopping: s.Stopping,
	}
	return apiHandlers{
		account:   own,
		admin:     &admin.Handlers{Accounts: rules, Links: links},
		catalogue: catalog,
		plain:     &pages.Plain{Account: own, Catalogue: catalog},
		legacy:    &legacy.Handlers{Accounts: rules, Account: own, Passwords: s.Config.Passwords},
		health:    &pages.Health{Store: s.Store, Covers: s.Covers, Log: s.Log, Version: s.Version, Backups: s.Backups},
		pages:     pages.New(s.Version),

		idempotency: &web.Idempotency{Store: s.Store.KeyedRequests(), Sealer: s.Sealer, Now: s.Now},
		batch:       &web.Batches{Run: (&library.Batches{Store: s.Store}).Run},
	}
}

// NewImports returns the imports of files, which requests, jobs and commands use.
func NewImports(s Services) *transfer.Imports {
	books := &library.Books{
		Store: s.Store.Books(), Trash: s.Store.Trash(), Covers: s.Covers, CoverBudget: s.CoverBudget,
		Audit: &accounts.Audit{Store: s.Store.Audit(), Now: s.Now}, Log: s.Log, Now: s.Now, OwnersOnly: s.Config.OwnersOnly,
	}
	return &transfer.Imports{
		Store: s.Store, Books: books, ISBN: newFinder(s), Categories: s.Config.Categories, Names: s.Config.Names,
		Log: s.Log, Now: s.Now,
		Readings: &library.Readings{Store: s.Store.Readings(), Users: s.Store.Users(), Books: books, Now: s.Now},
		Shelves:  &library.Shelves{Store: s.Store.Shelves(), Books: books, Now: s.Now},
	}
}

func newFinder(s Services) *isbn.Finder {
	return isbn.New(isbn.Options{
		Sources: s.Config.MetadataSources, Contact: s.Config.MetadataContact, Version: s.Version,
		Answers: s.Store.SourceAnswers(), Tallies: s.Store.Throttles(), Network: s.Network, Now: s.Now, Log: s.Log,
	})
}

func newAccounts(s Services, audit *accounts.Audit, library accounts.Library) *accounts.Accounts {
	return accounts.New(accounts.Options{
		Store: s.Store, Library: library, Hasher: s.Hasher, Tokens: s.Tokens, Outbox: s.Outbox,
		Letters: mail.Letters{Base: s.Config.LinkURL()}, Audit: audit, Log: s.Log, Now: s.Now,
		Passwords: s.Config.Passwords, SessionTTL: s.Config.RefreshTokenTTL, Activation: s.Config.Activation,
		SignUpMode: s.Config.SignUp, AdminEmail: s.Config.AdminEmail,
		Limiter:    throttle.Limiter{Off: !s.Config.Throttle, Tallies: s.Store.Throttles(), Now: s.Now},
		LoginLimit: s.Config.LoginLimit, NetworkLimit: s.Config.NetworkLimit, SignUpLimit: s.Config.SignUpLimit,
		LinkLimit: s.Config.ResetLimit,
	})
}
