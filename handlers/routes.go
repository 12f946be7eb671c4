// Package handlers is the HTTP API: a handler parses, calls and responds. Statuses and bodies of failures are made in
// package middleware.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/config"
	"bookplate/covers"
	"bookplate/middleware"
	"bookplate/models"
)

// Services are what the handlers work with.
type Services struct {
	Config  config.Config
	Store   models.Store
	Covers  *covers.Covers
	Hasher  Hasher
	Tokens  *auth.Tokens
	Log     *slog.Logger
	Now     func() time.Time
	Version string
}

// Hasher makes and verifies password hashes, as auth.Hasher does.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	Verify(ctx context.Context, stored, password string) (ok, outdated bool, err error)
}

// New returns the whole API. Every route answers with and without its trailing slash, and one of GET to HEAD as well.
func New(s Services) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	if err := engine.SetTrustedProxies(proxyStrings(s.Config.TrustedProxies)); err != nil {
		return nil, err
	}
	engine.Use(middleware.RequestLog(s.Log), middleware.Recover(s.Log), middleware.Headers,
		middleware.CORS(s.Config.CORSOrigins))
	engine.NoRoute(middleware.Handle(noRoute))
	engine.NoMethod(middleware.Handle(noMethod))

	links := links{s.Config.PublicURL, s.Config.TrustedProxies}
	users := &users{s.Store.Users(), s.Hasher, s.Config.Passwords, links, s.Now}
	logins := newLogins(s)
	books := &books{s.Store.Books(), s.Covers, s.Config.Categories, s.Config.MaxUpload, links, s.Log, s.Now}
	pictures := &pictures{s.Covers}
	health := &health{s.Store, s.Covers, s.Version}
	pages, err := newPages(s.Version, s.Store.Name(), s.Config.Categories)
	if err != nil {
		return nil, err
	}

	signedIn := router{engine, gin.HandlersChain{middleware.TokenRequired(s.Tokens, s.Store.Sessions(), s.Now)}}
	admin := router{engine, append(signedIn.before, middleware.Handle(middleware.AdminRequired))}
	open := router{engine, nil}

	open.handle("GET /", pages.home)
	open.handle("GET /livez", health.live)
	open.handle("GET /readyz", health.ready)

	open.handle("POST /users", users.create)
	open.handle("POST /users/login", logins.login)
	signedIn.handle("GET /users", users.profile)
	signedIn.handle("PUT /users", users.rename)
	signedIn.handle("DELETE /users", users.disable)
	admin.handle("GET /users/all", users.list)

	signedIn.handle("POST /auth/logout", logins.logout)

	signedIn.handle("POST /books", books.create)
	signedIn.handle("GET /books", books.list)
	signedIn.handle("GET /books/:id", books.get)
	signedIn.handle("PUT /books/:id", books.update)
	signedIn.handle("DELETE /books/:id", books.delete)
	open.handle("GET "+picturePath+":name", pictures.get)

	open.handle("GET /docs", pages.docs)
	open.handle("GET /docs/:file", pages.docs)
	open.handle("GET /openapi.json", pages.openAPI)
	open.handle("GET /openapi.yaml", pages.openAPI)
	open.handle("GET /static/page/:file", pages.asset)
	return engine, nil
}

// router registers routes behind the same middleware.
type router struct {
	engine *gin.Engine
	before gin.HandlersChain
}

// handle registers a route, written "METHOD /path", with and without its trailing slash: a redirect from one to the
// other would break CORS preflights and drop bodies. HEAD is GET; net/http leaves the body out.
func (r router) handle(route string, h middleware.Handler) {
	method, path, _ := strings.Cut(route, " ")
	methods := []string{method}
	if method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	chain := append(r.before[:len(r.before):len(r.before)], middleware.Handle(h))
	r.engine.Match(methods, path, chain...)
	if path != "/" {
		r.engine.Match(methods, path+"/", chain...)
	}
}

func noRoute(*gin.Context) error {
	return &models.Error{Code: models.NotFound, Message: "Endpoint Not Found"}
}

// noMethod answers for a route that has other methods; gin has set Allow.
func noMethod(c *gin.Context) error {
	if c.Request.Method == http.MethodOptions {
		c.Status(http.StatusNoContent)
		return nil
	}
	return &models.Error{Code: models.MethodNotAllowed, Detail: "this route allows " + c.Writer.Header().Get("Allow")}
}
