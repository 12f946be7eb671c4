package pages

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/account"
	"bookplate/handlers/catalogue"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
	"bookplate/static"
)

// Plain serves the pages for browsers without JavaScript: log-in, a forgotten password, and the list of books. They are in the
// language of the client. Like the links in mails, they answer other clients with JSON if something is wrong.
type Plain struct {
	Account   *account.Handlers
	Catalogue *catalogue.Handlers
}

const (
	plainPath     = "/plain"
	plainLogin    = plainPath + "/login"
	plainPassword = plainPath + "/password"

	pageSize = 50 // books on a page of the list
)

// SignedIn is a step before pages and forms of an account. If the session's access token has expired, it is renewed. A browser
// without a session is sent to the log-in.
func (p *Plain) SignedIn(h middleware.Handler) middleware.Handler {
	authenticate := middleware.TokenRequired(p.Account.Accounts, p.Account.Cookies)
	return func(c *gin.Context) error {
		err := authenticate(c)
		if err == nil {
			return h(c)
		}
		switch models.CodeOf(err) {
		case models.TokenMissing, models.TokenInvalid, models.TokenExpired:
			if !web.PrefersHTML(c) {
				return err
			}
		default:
			return err
		}
		to := plainPath
		if c.Request.Method == http.MethodGet {
			to = c.Request.URL.RequestURI()
		}
		if err := p.Account.RefreshCookies(c); err != nil {
			to = plainLogin
		}
		return redirect(c, to)
	}
}

// AsPage shows the errors of h as pages.
func AsPage(h middleware.Handler) middleware.Handler {
	return func(c *gin.Context) error {
		err := h(c)
		if err == nil || c.Request.Method == http.MethodHead {
			return err
		}
		return account.LinkPage(func(*gin.Context) (string, error) { return "", err })(c)
	}
}

// plainBook is a book as the list shows it.
type plainBook struct {
	models.Book
	Picture string // the address of the smallest picture of the cover, or empty
	Status  string // the key of the message for the caller's reading status, or empty
	OnLoan  bool
}

// Books lists the caller's books, or those that match the query, such as q=words.
func (p *Plain) Books(c *gin.Context) error {
	books, next, err := p.Catalogue.Find(c, pageSize)
	if err != nil {
		return err
	}
	list := make([]plainBook, len(books))
	for i, b := range books {
		list[i].Book, list[i].OnLoan = b, len(b.OpenLoans) > 0
		if len(b.Cover.Sizes) > 0 {
			list[i].Picture = catalogue.PicturePath + b.Cover.Key(b.Cover.Sizes[0])
		}
		if b.Reading != nil && b.Reading.Status != "" {
			list[i].Status = "status." + string(b.Reading.Status)
		}
	}
	return show(c, http.StatusOK, "plain_books.html", struct {
		static.Texts
		Title string // the key of the message
		User  models.User
		Query string
		All   bool // whether the books of everybody are listed
		Books []plainBook
		Next  string
	}{textsOf(c), "library", middleware.UserOf(c), c.Query("q"), c.Query("scope") == "all", list, next})
}

// form describes the form to log in, or the form to ask for a new password. Title, Button and LinkText are keys of messages.
type form struct {
	Title, Button  string
	Action         string // the path that the form is sent to
	AsksPassword   bool
	Link, LinkText string // to the other form
}

var (
	logInForm     = form{"log_in", "log_in", plainLogin, true, plainPassword, "forgot"}
	forgottenForm = form{"forgot", "password.send", plainPassword, false, plainLogin, "log_in"}
)

// entry is a form with what was typed.
type entry struct {
	static.Texts
	form
	Email string
	Said  string // what the server says about the form that was sent
	Wrong bool   // whether Said is an error
}

// LogInForm shows the form to log in.
func (p *Plain) LogInForm(c *gin.Context) error {
	return showForm(c, http.StatusOK, entry{form: logInForm})
}

// LogIn starts a session whose tokens are in cookies.
func (p *Plain) LogIn(c *gin.Context) error {
	var in struct {
		Email    string     `json:"email"`
		Password web.Secret `json:"password"`
	}
	if _, err := web.Read(c, &in); err != nil {
		return err
	}
	err := p.Account.LogInWithCookies(c, in.Email, string(in.Password))
	if err != nil {
		return answerForm(c, logInForm, in.Email, err)
	}
	return redirect(c, plainPath)
}

// LogOut ends the session.
func (p *Plain) LogOut(c *gin.Context) error {
	if err := p.Account.EndCurrent(c); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return redirect(c, plainLogin)
}

// ForgottenForm shows the form to ask for a new password.
func (p *Plain) ForgottenForm(c *gin.Context) error {
	return showForm(c, http.StatusOK, entry{form: forgottenForm})
}

// Forgotten mails a link to the form for a new password.
func (p *Plain) Forgotten(c *gin.Context) error {
	var in struct {
		Email string `json:"email"`
	}
	if _, err := web.Read(c, &in); err != nil {
		return err
	}
	err := models.CheckEmail(in.Email)
	if err != nil {
		err = models.InvalidField("email", err)
	} else {
		err = p.Account.Accounts.RequestReset(c.Request.Context(), account.ClientOf(c), in.Email)
	}
	if err != nil {
		return answerForm(c, forgottenForm, in.Email, err)
	}
	return showForm(c, http.StatusAccepted, entry{form: forgottenForm, Said: textsOf(c).Find("password.sent")})
}

// answerForm shows a form again, with what is wrong.
func answerForm(c *gin.Context, f form, email string, err error) error {
	status, body := middleware.Answer(c, err)
	texts := textsOf(c)
	said := cmp.Or(texts.Find("error."+body.Code, "error."+strconv.Itoa(status)), account.FormatDetail(body.Error))
	said = strings.ReplaceAll(said, "{seconds}", c.Writer.Header().Get("Retry-After"))
	return showForm(c, status, entry{form: f, Email: email, Said: said, Wrong: true})
}

func showForm(c *gin.Context, status int, e entry) error {
	e.Texts = textsOf(c)
	return show(c, status, "plain_entry.html", e)
}

// redirect makes the browser open another page.
func redirect(c *gin.Context, path string) error {
	c.Header("Location", path)
	c.Status(http.StatusSeeOther)
	return nil
}

func textsOf(c *gin.Context) static.Texts { return static.AppTexts()[languageOf(c)] }

// show answers with a page. It has an account's data or what was typed, so that no cache may keep it.
func show(c *gin.Context, status int, name string, data any) error {
	page, err := static.Render(name, data)
	if err != nil {
		return err
	}
	middleware.PrivatePage(c)
	web.ServeHTML(c, status, page)
	return nil
}
