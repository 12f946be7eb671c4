// Package handlers is the HTTP API. A handler parses, calls and answers. Package middleware turns errors into answers.
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
	"bookplate/middleware"
	"bookplate/models"
)

// New returns the router of the API. Every route also has a variant with a trailing slash, and every GET route answers
// HEAD. It returns an error if gin rejects the trusted proxies or the web page cannot be rendered.
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

	h, err := wire(s)
	if err != nil {
		return nil, err
	}

	public := router{engine: engine}
	tokenRequired := middleware.TokenRequired(h.account.Accounts, h.account.Cookies)
	signedIn := public.behind(tokenRequired)
	admin := signedIn.behind(middleware.AdminRequired)
	oneUser := public.behind(onlyIDs(engine)).behind(tokenRequired).behind(middleware.AdminRequired)

	public.handle("GET /", h.pages.Home)
	public.handle("GET /livez", h.health.Live)
	public.handle("GET /readyz", h.health.Ready)

	public.handle("POST /users", h.account.SignUp)
	public.handle("POST /users/login", h.account.LogIn)
	signedIn.handle("GET /users", h.account.Profile)
	signedIn.handle("PUT /users", h.account.Rename)
	signedIn.handle("PATCH /users", h.account.ChangeProfile)
	signedIn.handle("DELETE /users", h.account.Delete)
	admin.handle("GET /users/all", h.admin.ListUsers)
	oneUser.handle("GET /users/:id", h.admin.User)
	oneUser.handle("PUT /users/:id", h.admin.ChangeUser)
	admin.handle("POST /invitations", h.admin.Invite)
	admin.handle("GET /audit", h.admin.Audit)

	public.handle("POST /users/activate", h.account.RequestActivation)
	public.handle("GET /users/activate/:token", account.LinkPage(h.account.Activate))
	signedIn.handle("PUT /users/email", h.account.RequestEmail)
	public.handle("GET /users/email/:token", account.LinkPage(h.account.ChangeEmail))
	signedIn.handle("PUT /users/password", h.account.ChangePassword)
	public.handle("POST /users/password/forgot", h.account.RequestReset)
	public.handle("GET /users/password/reset/:token", h.account.ResetForm)
	public.handle("POST /users/password/reset", h.account.ResetPassword)

	public.handle("POST /auth/refresh", h.account.Refresh)
	signedIn.handle("POST /auth/logout", h.account.LogOut)
	signedIn.handle("POST /auth/logout-all", h.account.LogOutEverywhere)
	signedIn.handle("GET /auth/sessions", h.account.Sessions)
	signedIn.handle("DELETE /auth/sessions/:id", h.account.EndSession)

	signedIn.handle("POST /books", h.catalogue.CreateBook)
	signedIn.handle("GET /books", h.catalogue.ListBooks)
	signedIn.handle("GET /books/:id", h.catalogue.Book)
	signedIn.handle("PUT /books/:id", h.catalogue.ChangeBook)
	signedIn.handle("DELETE /books/:id", h.catalogue.DeleteBook)
	signedIn.handle("GET /books/:id/cover", h.catalogue.Cover)
	signedIn.handle("PUT /books/:id/cover", h.catalogue.ReplaceCover)
	signedIn.handle("DELETE /books/:id/cover", h.catalogue.DeleteCover)
	signedIn.handle("POST /books/:id/loans", h.catalogue.LendBook)
	signedIn.handle("GET /books/:id/loans", h.catalogue.BookLoans)
	public.handle("GET "+catalogue.PicturePath+":name", h.catalogue.Picture)

	signedIn.handle("GET /shelves", h.catalogue.ListShelves)
	signedIn.handle("GET /shelves/:name/books", h.catalogue.ListShelf)
	signedIn.handle("GET /shelves/:name/books/:book_id", h.catalogue.ShelvedBook)
	signedIn.handle("PUT /shelves/:name/books/:book_id", h.catalogue.ShelveBook)
	signedIn.handle("DELETE /shelves/:name/books/:book_id", h.catalogue.UnshelveBook)

	signedIn.handle("GET /loans", h.catalogue.ListLoans)
	signedIn.handle("PATCH /loans/:id", h.catalogue.ChangeLoan)
	signedIn.handle("POST /loans/:id/return", h.catalogue.ReturnLoan)

	public.wrappedBy(legacy.FlaskBadRequest.Wrap).handle("POST /auth", h.legacy.FlaskAuth)
	signedIn.wrappedBy(legacy.FlaskRequired.Wrap).handle("GET /protected", h.legacy.FlaskProtected)
	public.wrappedBy(legacy.LoginFailed.Wrap).handle("POST /login", h.legacy.LogIn)
	signedIn.wrappedBy(h.legacy.UserNotFound).wrappedBy(legacy.InMessage.Wrap).handle("GET /get_name", h.legacy.Name)
	public.handle("POST /v1/user/register", h.legacy.DiaryRegister)
	public.wrappedBy(legacy.DiaryLoginFailed.Wrap).handle("POST /v1/user/login", h.legacy.DiaryLogIn)
	signedIn.wrappedBy(legacy.DiaryFail.Wrap).handle("GET /v1/user/user_info", h.legacy.DiaryUserInfo)
	public.wrappedBy(legacy.DiaryInvalidUser.Wrap).handle("POST /v1/user/refresh_token", h.legacy.DiaryRefresh)
	signedIn.wrappedBy(legacy.InMessage.Wrap).handle("POST /v1/user/signout_access", h.legacy.DiarySignOut)

	public.handle("GET /docs", h.pages.Docs)
	public.handle("GET /docs/:file", h.pages.Docs)
	public.handle("GET /openapi.json", h.pages.OpenAPI)
	public.handle("GET /openapi.yaml", h.pages.OpenAPI)
	public.handle("GET /static/page/:file", h.pages.Asset)
	return engine, nil
}

// router registers routes behind the same steps.
type router struct {
	engine *gin.Engine
	steps  []middleware.Handler
	wrap   []func(middleware.Handler) middleware.Handler // wraps every step, the first one innermost
}

// behind returns the router with one more step before its handlers.
func (r router) behind(step middleware.Handler) router {
	r.steps = append(slices.Clone(r.steps), step)
	return r
}

// wrappedBy returns the router with one more wrapper around its steps and handlers.
func (r router) wrappedBy(wrap func(middleware.Handler) middleware.Handler) router {
	r.wrap = append(slices.Clone(r.wrap), wrap)
	return r
}

// handle registers a route, written "METHOD /path", with and without a trailing slash: a redirect between the two would
// break CORS preflights and drop bodies. HEAD is handled as GET; net/http omits the body.
func (r router) handle(route string, h middleware.Handler) {
	method, path, _ := strings.Cut(route, " ")
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

func noRoute(*gin.Context) error {
	return &models.Error{Code: models.NotFound, Message: "Endpoint Not Found"}
}

// noMethod answers a request for a route that has other methods. Gin has set Allow.
func noMethod(c *gin.Context) error {
	if c.Request.Method == http.MethodOptions {
		c.Status(http.StatusNoContent)
		return nil
	}
	return &models.Error{Code: models.MethodNotAllowed, Detail: "this route allows " + c.Writer.Header().Get("Allow")}
}

// onlyIDs rejects a path with a malformed id as if no route matched, so that GET /users/login is not handled as
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
			return noRoute(c)
		}
		c.Header("Allow", strings.Join(methods, ", "))
		return noMethod(c)
	}
}

// proxyStrings returns the networks as strings, for gin.
func proxyStrings(proxies []netip.Prefix) []string {
	var s []string
	for _, proxy := range proxies {
		s = append(s, proxy.String())
	}
	return s
}
