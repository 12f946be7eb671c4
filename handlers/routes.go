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

// New returns the whole API. Every route has a variant with a trailing slash, and every GET route answers HEAD.
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

	open := router{engine: engine}
	tokenRequired := middleware.TokenRequired(h.account.Accounts, h.account.Cookies)
	signedIn := open.behind(tokenRequired)
	admin := signedIn.behind(middleware.AdminRequired)
	oneUser := open.behind(onlyIDs(engine)).behind(tokenRequired).behind(middleware.AdminRequired)

	open.handle("GET /", h.pages.Home)
	open.handle("GET /livez", h.health.Live)
	open.handle("GET /readyz", h.health.Ready)

	open.handle("POST /users", h.account.SignUp)
	open.handle("POST /users/login", h.account.LogIn)
	signedIn.handle("GET /users", h.account.Profile)
	signedIn.handle("PUT /users", h.account.Rename)
	signedIn.handle("PATCH /users", h.account.ChangeProfile)
	signedIn.handle("DELETE /users", h.account.Delete)
	admin.handle("GET /users/all", h.admin.ListUsers)
	oneUser.handle("GET /users/:id", h.admin.User)
	oneUser.handle("PUT /users/:id", h.admin.ChangeUser)
	admin.handle("GET /audit", h.admin.Audit)

	open.handle("POST /users/activate", h.account.RequestActivation)
	open.handle("GET /users/activate/:token", account.LinkPage(h.account.Activate))
	signedIn.handle("PUT /users/email", h.account.RequestEmail)
	open.handle("GET /users/email/:token", account.LinkPage(h.account.ChangeEmail))
	signedIn.handle("PUT /users/password", h.account.ChangePassword)
	open.handle("POST /users/password/forgot", h.account.RequestReset)
	open.handle("GET /users/password/reset/:token", h.account.ResetForm)
	open.handle("POST /users/password/reset", h.account.ResetPassword)

	open.handle("POST /auth/refresh", h.account.Refresh)
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
	open.handle("GET "+catalogue.PicturePath+":name", h.catalogue.Picture)

	signedIn.handle("GET /shelves", h.catalogue.ListShelves)
	signedIn.handle("GET /shelves/:name/books", h.catalogue.ListShelf)
	signedIn.handle("GET /shelves/:name/books/:book_id", h.catalogue.ShelvedBook)
	signedIn.handle("PUT /shelves/:name/books/:book_id", h.catalogue.ShelveBook)
	signedIn.handle("DELETE /shelves/:name/books/:book_id", h.catalogue.UnshelveBook)

	open.through(legacy.FlaskBadRequest.Wrap).handle("POST /auth", h.legacy.FlaskAuth)
	signedIn.through(legacy.FlaskRequired.Wrap).handle("GET /protected", h.legacy.FlaskProtected)
	open.through(legacy.LoginFailed.Wrap).handle("POST /login", h.legacy.LogIn)
	signedIn.through(h.legacy.UserNotFound).through(legacy.InMessage.Wrap).handle("GET /get_name", h.legacy.Name)
	open.handle("POST /v1/user/register", h.legacy.DiaryRegister)
	open.through(legacy.DiaryLoginFailed.Wrap).handle("POST /v1/user/login", h.legacy.DiaryLogIn)
	signedIn.through(legacy.DiaryFail.Wrap).handle("GET /v1/user/user_info", h.legacy.DiaryUserInfo)
	open.through(legacy.DiaryInvalidUser.Wrap).handle("POST /v1/user/refresh_token", h.legacy.DiaryRefresh)
	signedIn.through(legacy.InMessage.Wrap).handle("POST /v1/user/signout_access", h.legacy.DiarySignOut)

	open.handle("GET /docs", h.pages.Docs)
	open.handle("GET /docs/:file", h.pages.Docs)
	open.handle("GET /openapi.json", h.pages.OpenAPI)
	open.handle("GET /openapi.yaml", h.pages.OpenAPI)
	open.handle("GET /static/page/:file", h.pages.Asset)
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

// through returns the router with one more wrapper around its steps and handlers.
func (r router) through(wrap func(middleware.Handler) middleware.Handler) router {
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

// onlyIDs answers a path whose id is not one as if no route had matched, so that GET /users/login is not taken for
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

// proxyStrings returns the networks in the form that gin wants.
func proxyStrings(proxies []netip.Prefix) []string {
	var s []string
	for _, proxy := range proxies {
		s = append(s, proxy.String())
	}
	return s
}
