// Package handlers is the HTTP API: a handler parses, calls and responds. Statuses and bodies of failures are made in
// package middleware.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/config"
	"bookplate/covers"
	"bookplate/mail"
	"bookplate/middleware"
	"bookplate/models"
)

// Services are what the handlers work with.
type Services struct {
	Config  config.Config
	Store   models.Store
	Covers  *covers.Covers
	Outbox  *mail.Outbox
	Hasher  Hasher
	Tokens  *auth.Tokens
	Log     *slog.Logger
	Now     func() time.Time
	Version string

	CoverBudget time.Duration // how long a picture may wait for its turn and be worked on
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
	engine.Use(middleware.RequestLog(s.Log), middleware.Recover(s.Log), middleware.Linger, middleware.Headers,
		middleware.CORS(s.Config.CORSOrigins))
	engine.NoRoute(middleware.Handle(noRoute))
	engine.NoMethod(middleware.Handle(noMethod))

	links := links{s.Config.PublicURL, s.Config.TrustedProxies}
	cookies := middleware.NewCookies(links.base, s.Config.CORSOrigins)
	audit := &audit{s.Store.Audit(), links, s.Now}
	mailer := newMailer(s)
	users := &users{
		s.Store.Users(), s.Hasher, s.Config.Passwords, mailer, newLimiter(s), s.Config.SignUpLimit, s.Config.Activation,
		s.Now,
	}
	accounts := &accounts{s.Store.Users(), audit, links, s.Now}
	logins := newLogins(s, cookies)
	sessions := &sessions{s.Store.Sessions(), cookies, links, s.Now}
	tutorials := &tutorials{users, logins, sessions}
	shelves := &shelves{s.Store.Shelves(), links, s.Now}
	books := &books{
		s.Store.Books(), audit, s.Covers, s.CoverBudget, s.Config.Categories, s.Config.MaxUpload, links, s.Log, s.Now,
	}
	account := &account{s.Store, s.Hasher, s.Config.Passwords, mailer, books, accounts, cookies, newLimiter(s), s.Now}
	resets := &resets{s.Store, s.Hasher, s.Config.Passwords, mailer, logins.throttle, s.Log, s.Now}
	pictures := &pictures{s.Covers}
	health := &health{s.Store, s.Covers, s.Version}
	pages, err := newPages(s.Version, s.Store.Name(), s.Config.Categories)
	if err != nil {
		return nil, err
	}

	open := router{engine: engine}
	tokenRequired := middleware.TokenRequired(s.Tokens, s.Store.Sessions(), cookies, s.Now)
	signedIn := open.behind(tokenRequired)
	admin := signedIn.behind(middleware.AdminRequired)
	oneUser := open.behind(onlyIDs(engine)).behind(tokenRequired).behind(middleware.AdminRequired)

	open.handle("GET /", pages.home)
	open.handle("GET /livez", health.live)
	open.handle("GET /readyz", health.ready)

	open.handle("POST /users", users.create)
	open.handle("POST /users/login", logins.login)
	signedIn.handle("GET /users", users.profile)
	signedIn.handle("PUT /users", users.rename)
	signedIn.handle("PATCH /users", account.update)
	signedIn.handle("DELETE /users", account.delete)
	admin.handle("GET /users/all", accounts.list)
	oneUser.handle("GET /users/:id", accounts.get)
	oneUser.handle("PUT /users/:id", accounts.update)
	admin.handle("GET /audit", audit.list)

	open.handle("POST /users/activate", users.askActivation)
	open.handle("GET /users/activate/:token", shown(users.activate))
	signedIn.handle("PUT /users/email", account.askEmail)
	open.handle("GET /users/email/:token", shown(account.changeEmail))
	signedIn.handle("PUT /users/password", account.changePassword)
	open.handle("POST /users/password/forgot", resets.ask)
	open.handle("GET /users/password/reset/:token", resets.form)
	open.handle("POST /users/password/reset", resets.reset)

	open.handle("POST /auth/refresh", logins.refresh)
	signedIn.handle("POST /auth/logout", sessions.logout)
	signedIn.handle("POST /auth/logout-all", sessions.logoutAll)
	signedIn.handle("GET /auth/sessions", sessions.list)
	signedIn.handle("DELETE /auth/sessions/:id", sessions.end)

	signedIn.handle("POST /books", books.create)
	signedIn.handle("GET /books", books.list)
	signedIn.handle("GET /books/:id", books.get)
	signedIn.handle("PUT /books/:id", books.update)
	signedIn.handle("DELETE /books/:id", books.delete)
	signedIn.handle("GET /books/:id/cover", books.showCover)
	signedIn.handle("PUT /books/:id/cover", books.replaceCover)
	signedIn.handle("DELETE /books/:id/cover", books.deleteCover)
	open.handle("GET "+picturePath+":name", pictures.get)

	signedIn.handle("GET /shelves", shelves.list)
	signedIn.handle("GET /shelves/:name/books", shelves.books)
	signedIn.handle("GET /shelves/:name/books/:book_id", shelves.get)
	signedIn.handle("PUT /shelves/:name/books/:book_id", shelves.put)
	signedIn.handle("DELETE /shelves/:name/books/:book_id", shelves.remove)

	open.refusing(flaskBadRequest).handle("POST /auth", tutorials.flaskAuth)
	signedIn.refusing(flaskRequired).handle("GET /protected", tutorials.flaskProtected)
	open.refusing(loginFailed).handle("POST /login", tutorials.login)
	signedIn.refusing(tutorials.userNotFound).handle("GET /get_name", tutorials.getName)
	open.handle("POST /v1/user/register", tutorials.diaryRegister)
	open.refusing(diaryFailed).handle("POST /v1/user/login", tutorials.diaryLogin)
	signedIn.refusing(diaryFail).handle("GET /v1/user/user_info", tutorials.diaryUserInfo)
	open.refusing(diaryInvalidUser).handle("POST /v1/user/refresh_token", tutorials.diaryRefresh)
	signedIn.refusing(inMessage).handle("POST /v1/user/signout_access", tutorials.diarySignOut)

	open.handle("GET /docs", pages.docs)
	open.handle("GET /docs/:file", pages.docs)
	open.handle("GET /openapi.json", pages.openAPI)
	open.handle("GET /openapi.yaml", pages.openAPI)
	open.handle("GET /static/page/:file", pages.asset)
	return engine, nil
}

// router registers routes behind the same steps.
type router struct {
	engine *gin.Engine
	before []middleware.Handler
	refuse refusal // nil for the envelope
}

// behind is the router with one more step before its handlers.
func (r router) behind(step middleware.Handler) router {
	r.before = append(slices.Clone(r.before), step)
	return r
}

// refusing is the router whose refusals, those of the steps before its handlers too, have the words of a tutorial.
func (r router) refusing(refuse refusal) router {
	r.refuse = refuse
	return r
}

// handle registers a route, written "METHOD /path", with and without its trailing slash: a redirect from one to the
// other would break CORS preflights and drop bodies. HEAD is GET; net/http leaves the body out.
func (r router) handle(route string, h middleware.Handler) {
	method, path, _ := strings.Cut(route, " ")
	methods := []string{method}
	if method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	var chain gin.HandlersChain
	for _, step := range r.behind(h).before {
		chain = append(chain, middleware.Handle(r.inWords(step)))
	}
	r.engine.Match(methods, path, chain...)
	if path != "/" {
		r.engine.Match(methods, path+"/", chain...)
	}
}

// inWords is a step that refuses in the router's words.
func (r router) inWords(step middleware.Handler) middleware.Handler {
	if r.refuse == nil {
		return step
	}
	return func(c *gin.Context) error {
		err := step(c)
		if err == nil {
			return nil
		}
		return r.refuse(c, err)
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

// onlyIDs answers for what is no id as if it had matched no route: /users/login stays an address without GET, however
// much it looks like /users/:id.
func onlyIDs(engine *gin.Engine) middleware.Handler {
	return func(c *gin.Context) error {
		if _, err := models.ParseID(c.Param("id")); err == nil {
			return nil
		}
		var methods []string
		for _, route := range engine.Routes() {
			if route.Path == c.Request.URL.Path {
				methods = append(methods, route.Method)
			}
		}
		if methods == nil {
			return noRoute(c)
		}
		c.Header("Allow", strings.Join(methods, ", "))
		return noMethod(c)
	}
}
