// Package handlers is the HTTP API. A handler parses the request, calls package accounts or library, and answers. A
// handler returns its errors, and package middleware turns them into answers.
package handlers

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/account"
	"bookplate/handlers/catalogue"
	"bookplate/handlers/legacy"
	"bookplate/handlers/pages"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// New returns the HTTP handler of the whole API. It returns an error if gin rejects the trusted proxies.
func New(s Services) (http.Handler, error) {
	engine, err := newEngine(s)
	if err != nil {
		return nil, err
	}
	return middleware.Compress(engine)
}

// newEngine returns the router with all routes. Each route is registered with and without a trailing slash, and each
// GET route also answers HEAD.
func newEngine(s Services) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	if err := engine.SetTrustedProxies(proxyStrings(s.Config.TrustedProxies)); err != nil {
		return nil, err
	}
	engine.Use(middleware.RequestLog(s.Log), middleware.Recover(s.Log), middleware.Linger, middleware.Detach,
		middleware.Headers(s.links().Base), middleware.CORS(s.Config.CORSOrigins, s.Log, s.Now))
	engine.NoRoute(middleware.Handle(web.NotFound))
	engine.NoMethod(middleware.Handle(noMethod))

	h := wire(s)

	public := router{engine: engine}
	tokenRequired := middleware.TokenRequired(h.account.Accounts, h.account.Cookies)
	signedIn := public.behind(tokenRequired)
	admin := signedIn.behind(middleware.AdminRequired)
	oneUser := public.behind(onlyIDs(engine)).behind(tokenRequired).behind(middleware.AdminRequired)

	once := h.idempotency.Once // for each POST that creates something for the caller: a repeated Idempotency-Key counts

	// batched registers a route whose requests can also be operations of POST /batch.
	batched := func(route string, handler middleware.Handler) {
		method, path, query := splitRoute(route)
		signedIn.handle(route, handler)
		h.batch.Allow(method, path, knownQuery(query), handler)
	}

	// These routes accept any query, because links to pages and files are often shared or mailed, and programs add parameters
	// to such links.
	linked := public.withAnyQuery()

	linked.handle("GET /", h.pages.Home)
	public.handle("GET /livez", h.health.Live)
	public.handle("GET /readyz", h.health.Ready)

	public.handle("POST /users", h.account.SignUp)
	public.handle("POST /users/login", h.account.LogIn)
	signedIn.handle("GET /users", h.account.Profile)
	signedIn.handle("PUT /users", h.account.Rename)
	signedIn.handle("PATCH /users", h.account.ChangeProfile)
	signedIn.handle("DELETE /users?erase", h.account.Delete)
	admin.handle("GET /users/all?q&limit&cursor", h.admin.ListUsers)
	oneUser.handle("GET /users/:id", h.admin.User)
	oneUser.handle("PUT /users/:id", h.admin.ChangeUser)
	admin.handle("POST /invitations", once(h.admin.Invite))
	admin.handle("GET /audit?limit&cursor", h.admin.Audit)

	public.handle("POST /users/activate", h.account.RequestActivation)
	linked.handle("GET /users/activate/:token", account.LinkPage(h.account.Activate))
	signedIn.handle("PUT /users/email", h.account.RequestEmail)
	linked.handle("GET /users/email/:token", account.LinkPage(h.account.ChangeEmail))
	signedIn.handle("PUT /users/password", h.account.ChangePassword)
	public.handle("POST /users/password/forgot", h.account.RequestReset)
	linked.handle("GET /users/password/reset/:token", h.account.ResetForm)
	public.handle("POST /users/password/reset", h.account.ResetPassword)

	public.handle("POST /auth/refresh", h.account.Refresh)
	signedIn.handle("POST /auth/logout", h.account.LogOut)
	signedIn.handle("POST /auth/logout-all", h.account.LogOutEverywhere)
	signedIn.handle("GET /auth/sessions?limit&cursor", h.account.Sessions)
	signedIn.handle("DELETE /auth/sessions/:id", h.account.EndSession)

	batched("POST /books", once(h.catalogue.CreateBook))
	signedIn.handle("GET /books?"+catalogue.BookFilters+"&sort&fields&limit&cursor&count", h.catalogue.ListBooks)
	signedIn.handle("GET /books/facets?"+catalogue.BookFilters, h.catalogue.BookFacets)
	signedIn.handle("GET /books/duplicates?limit&cursor", h.catalogue.Duplicates)
	signedIn.handle("GET /books/:id", h.catalogue.Book)
	signedIn.handle("PUT /books/:id", h.catalogue.ChangeBook)
	batched("PATCH /books/:id", h.catalogue.PatchBook)
	batched("DELETE /books/:id?trash", h.catalogue.DeleteBook)
	signedIn.handle("POST /books/:id/merge", h.catalogue.MergeBooks)
	signedIn.handle("GET /books/:id/cover?size", h.catalogue.Cover)
	signedIn.handle("PUT /books/:id/cover", h.catalogue.ReplaceCover)
	signedIn.handle("POST /books/:id/cover", h.catalogue.FindCover)
	signedIn.handle("DELETE /books/:id/cover", h.catalogue.DeleteCover)
	signedIn.handle("POST /books/:id/loans", once(h.catalogue.LendBook))
	signedIn.handle("GET /books/:id/loans?limit&cursor", h.catalogue.BookLoans)
	signedIn.handle("GET /books/:id/reading", h.catalogue.Reading)
	batched("PUT /books/:id/reading", h.catalogue.ReplaceReading)
	batched("PATCH /books/:id/reading", h.catalogue.ChangeReading)
	batched("DELETE /books/:id/reading", h.catalogue.DeleteReading)
	linked.handle("GET "+catalogue.PicturePath+":name", h.catalogue.Picture)

	signedIn.handle("GET /trash?limit&cursor", h.catalogue.ListTrash)
	signedIn.handle("DELETE /trash", h.catalogue.EmptyTrash)
	signedIn.handle("DELETE /trash/:id", h.catalogue.DeleteTrashed)
	signedIn.handle("POST /trash/:id/restore", h.catalogue.RestoreBook)

	signedIn.handle("POST /batch", once(h.batch.Do))

	signedIn.handle("GET /isbn?q", h.catalogue.SearchSources)
	signedIn.handle("GET /isbn/:isbn", h.catalogue.LookUp)
	signedIn.handle("POST /imports", once(h.catalogue.Import))
	signedIn.handle("GET /imports?limit&cursor", h.catalogue.ListImports)
	signedIn.handle("GET /imports/:id", h.catalogue.ShowImport)
	signedIn.handle("DELETE /imports/:id", h.catalogue.CancelImport)
	signedIn.handle("GET /imports/:id/rows?outcome&format&limit&cursor", h.catalogue.ImportRows)
	signedIn.handle("GET /imports/:id/events", h.catalogue.ImportEvents)

	signedIn.handle("GET /categories", h.catalogue.ListCategories)

	signedIn.handle("GET /reading?status&year&sort&limit&cursor", h.catalogue.ListReadings)
	signedIn.handle("GET /stats?year", h.catalogue.Stats)
	signedIn.handle("PUT /stats/goals/:year", h.catalogue.PutGoal)

	signedIn.handle("GET /export?format", h.catalogue.Export)

	signedIn.handle("GET /shelves", h.catalogue.ListShelves)
	signedIn.handle("GET /shelves/:name/books?limit&cursor", h.catalogue.ListShelf)
	signedIn.handle("GET /shelves/:name/books/:book_id", h.catalogue.ShelvedBook)
	batched("PUT /shelves/:name/books/:book_id", h.catalogue.ShelveBook)
	signedIn.handle("PATCH /shelves/:name/books/:book_id", h.catalogue.MoveShelvedBook)
	batched("DELETE /shelves/:name/books/:book_id", h.catalogue.UnshelveBook)

	signedIn.handle("GET /loans?state&direction&limit&cursor", h.catalogue.ListLoans)
	signedIn.handle("PATCH /loans/:id", h.catalogue.ChangeLoan)
	signedIn.handle("POST /loans/:id/return", h.catalogue.ReturnLoan)
	signedIn.handle("POST /loans/:id/remind", h.catalogue.RemindBorrower)

	public.wrappedBy(legacy.FlaskBadRequest.Wrap).handle("POST /auth", h.legacy.FlaskAuth)
	signedIn.wrappedBy(legacy.FlaskRequired.Wrap).handle("GET /protected", h.legacy.FlaskProtected)
	public.wrappedBy(legacy.LoginFailed.Wrap).handle("POST /login", h.legacy.LogIn)
	signedIn.wrappedBy(h.legacy.UserNotFound).wrappedBy(legacy.InMessage.Wrap).handle("GET /get_name", h.legacy.Name)
	public.handle("POST /v1/user/register", h.legacy.DiaryRegister)
	public.wrappedBy(legacy.DiaryLoginFailed.Wrap).handle("POST /v1/user/login", h.legacy.DiaryLogIn)
	signedIn.wrappedBy(legacy.DiaryFail.Wrap).handle("GET /v1/user/user_info", h.legacy.DiaryUserInfo)
	public.wrappedBy(legacy.DiaryInvalidUser.Wrap).handle("POST /v1/user/refresh_token", h.legacy.DiaryRefresh)
	signedIn.wrappedBy(legacy.InMessage.Wrap).handle("POST /v1/user/signout_access", h.legacy.DiarySignOut)

	linked.handle("GET /docs", h.pages.Docs)
	linked.handle("GET /docs/:file", h.pages.Docs)
	linked.handle("GET /openapi.json", h.pages.OpenAPI)
	linked.handle("GET /openapi.yaml", h.pages.OpenAPI)
	linked.handle("GET /app", h.pages.App)
	linked.handle("GET /app/:page", h.pages.App)
	linked.handle("GET /app/:page/:item", h.pages.App)
	plain, plainForm := linked.wrappedBy(pages.AsPage), public.wrappedBy(pages.AsPage)
	plain.handle("GET /plain", h.plain.SignedIn(h.plain.Books))
	plain.handle("GET /plain/login", h.plain.LogInForm)
	plainForm.handle("POST /plain/login", h.plain.LogIn)
	plainForm.handle("POST /plain/logout", h.plain.SignedIn(h.plain.LogOut))
	plain.handle("GET /plain/password", h.plain.ForgottenForm)
	plainForm.handle("POST /plain/password", h.plain.Forgotten)

	linked.handle("GET /sw.js", h.pages.Worker)
	linked.handle("GET /static/app/:version/:file", h.pages.AppFile)

	if s.ResetDemo != nil {
		demo := pages.Demo{Restore: s.ResetDemo, Origins: h.account.Cookies}
		public.handle("POST /demo/reset", demo.Reset)
	}
	return engine, nil
}

// router registers routes. Before the handler of a route, the steps of the router run, such as authentication.
type router struct {
	engine *gin.Engine
	steps  []middleware.Handler
	wrap   []func(middleware.Handler) middleware.Handler // wraps every step, the first one innermost

	anyQuery bool // whether unknown parameters of the query are ignored
}

// behind returns a copy of the router with one more step, which runs last.
func (r router) behind(step middleware.Handler) router {
	r.steps = append(slices.Clone(r.steps), step)
	return r
}

// wrappedBy returns a copy of the router in which wrap is applied to each step and handler.
func (r router) wrappedBy(wrap func(middleware.Handler) middleware.Handler) router {
	r.wrap = append(slices.Clone(r.wrap), wrap)
	return r
}

// withAnyQuery returns a copy of the router whose routes ignore unknown query parameters.
func (r router) withAnyQuery() router {
	r.anyQuery = true
	return r
}

// handle registers a route, which is written "METHOD /path?parameter&parameter". It registers the path with and without
// a trailing slash, because a redirect from one to the other would break CORS preflights and lose bodies. A GET route
// also answers HEAD, for which net/http omits the body.
func (r router) handle(route string, h middleware.Handler) {
	method, path, query := splitRoute(route)
	if !r.anyQuery {
		r = r.behind(knownQuery(query))
	}
	methods := []string{method}
	if method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	var chain gin.HandlersChain
	for _, step := range r.behind(h).steps {
		for _, wrap := range r.wrap {
			step = wrap(step)
		}
		chain = append(chain, middleware.Handle(step))
	}
	r.engine.Match(methods, path, chain...)
	if path != "/" {
		r.engine.Match(methods, path+"/", chain...)
	}
}

func splitRoute(route string) (method, path string, query []string) {
	method, target, _ := strings.Cut(route, " ")
	path, parameters, found := strings.Cut(target, "?")
	if found {
		query = strings.Split(parameters, "&")
	}
	return method, path, query
}

// cacheBuster is a query parameter that jQuery and other libraries add so that no cache answers the request. Every
// route accepts it.
const cacheBuster = "_"

// knownQuery rejects a request with a query parameter that the route does not know. Otherwise a client that misspells a
// filter would get the whole list and not notice.
func knownQuery(known []string) middleware.Handler {
	reason := "is unknown; this route has no parameters"
	if known != nil {
		reason = "is unknown; this route has " + strings.Join(known, ", ")
	}
	return func(c *gin.Context) error {
		unknown := unknownQuery{}
		for name := range c.Request.URL.Query() {
			if name != cacheBuster && !slices.Contains(known, name) {
				unknown[name] = reason
			}
		}
		if len(unknown) == 0 {
			return nil
		}
		return &models.Error{Code: models.Invalid, Name: models.FieldsInvalid, Detail: unknown}
	}
}

// unknownQuery maps the names of unknown query parameters to the reason why they are rejected.
type unknownQuery models.Fields

// String returns the text for the log. It leaves out the names of the parameters, because a client may have put a
// secret there by mistake.
func (unknownQuery) String() string { return "unknown parameters" }

// noMethod answers a request whose path has routes, but none with its method. Gin has already set the Allow header.
func noMethod(c *gin.Context) error {
	if c.Request.Method == http.MethodOptions {
		c.Status(http.StatusNoContent)
		return nil
	}
	return &models.Error{Code: models.MethodNotAllowed, Detail: "this route allows " + c.Writer.Header().Get("Allow")}
}

// onlyIDs treats a path with a malformed id as unknown. Otherwise GET /users/login would be handled by the route
// /users/:id.
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
			return web.NotFound(c)
		}
		c.Header("Allow", strings.Join(methods, ", "))
		return noMethod(c)
	}
}

// proxyStrings returns the networks of the trusted proxies as strings, as gin takes them.
func proxyStrings(proxies []netip.Prefix) []string {
	var s []string
	for _, proxy := range proxies {
		s = append(s, proxy.String())
	}
	return s
}
