package catalogue

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var (
	errNoBookDetails = &models.Error{
		Code: models.Invalid, Name: "body_empty",
		Message: "Invalid data, you need to give the book title, cover image, author id,",
	}
	errBookExists = &models.Error{
		Code: models.Invalid, Name: models.TitleTaken, Message: "The book has been created by user", Detail: "Conflict",
	}
	errNotUsersBook    = &models.Error{Code: models.NotFound, Message: "Book not found for user", Detail: "Not found"}
	errNothingToUpdate = &models.Error{
		Code: models.Invalid, Name: "nothing_to_change", Message: "failed to update a book",
		Detail: "give a title, description, category or cover_image",
	}
)

// bookView is a book as clients see it.
type bookView struct {
	ID models.ID `json:"_id"`
	models.BookTexts
	*models.BookDetails              // nil for a book without any, which is encoded faster
	ImageURL            string       `json:"image_url"`
	Covers              srcset       `json:"covers"`
	UserID              models.ID    `json:"user_id"`
	Owner               *ownerView   `json:"owner,omitzero"` // left out if the caller is the owner
	OnLoan              int          `json:"on_loan"`        // how many copies are on loan
	Loan                *bookLoan    `json:"loan"`           // the latest open loan; null if there is none or the caller is not the owner
	CreatedAt           *string      `json:"created_at"`
	UpdatedAt           *string      `json:"updated_at"`
	Reading             *readingView `json:"reading"` // the caller's reading; null if there is none
}

// ownerView is the owner of a book as other users see it.
type ownerView struct {
	ID   models.ID `json:"_id"`
	Name *string   `json:"name"` // null if others do not see it
}

// bookLoan is the open loan that a bookView shows to the book's owner.
type bookLoan struct {
	ID  models.ID   `json:"_id"`
	To  string      `json:"to"`
	Due models.Date `json:"due"`
}

// srcset maps each size of a cover to its URL. A client can make an HTML srcset attribute of it.
type srcset map[string]string

// pointers returns a pointer to each book of a page.
func pointers(books []models.Book) []*models.Book {
	list := make([]*models.Book, len(books))
	for i := range books {
		list[i] = &books[i]
	}
	return list
}

// attach adds to each book its owner, its open loans and the caller's reading record of the book.
func (h *Handlers) attach(c *gin.Context, books []*models.Book) error {
	if err := h.attachOwnersAndLoans(c, books); err != nil {
		return err
	}
	return h.Readings.Attach(c.Request.Context(), middleware.UserOf(c), books)
}

// attachOwnersAndLoans adds to each book its owner and its open loans.
func (h *Handlers) attachOwnersAndLoans(c *gin.Context, books []*models.Book) error {
	if err := h.Owners.Attach(c.Request.Context(), middleware.UserOf(c), books); err != nil {
		return err
	}
	return h.Loans.Attach(c.Request.Context(), books)
}

// bookViewer makes the JSON views of books for one request.
type bookViewer struct {
	base string    // the URL of the server
	user models.ID // the caller
}

func (h *Handlers) bookViewer(c *gin.Context) bookViewer {
	return bookViewer{h.Links.Base(c), middleware.UserOf(c).ID}
}

// view returns a book as the caller sees it.
func (v bookViewer) view(b models.Book) *bookView {
	image, covers := pictureURLs(b, v.base)
	view := &bookView{
		ID: b.ID, BookTexts: b.BookTexts, ImageURL: image, Covers: covers, UserID: b.UserID,
		OnLoan: len(b.OpenLoans), CreatedAt: web.Timestamp(b.CreatedAt), UpdatedAt: web.Timestamp(b.UpdatedAt),
		Reading: viewReading(b.Reading),
	}
	if details := b.BookDetails; !details.IsZero() {
		view.BookDetails = &details
	}
	if b.UserID != v.user {
		view.Owner = &ownerView{b.UserID, web.OrNull(b.OwnerName)}
	} else if view.OnLoan > 0 {
		latest := slices.MaxFunc(b.OpenLoans, func(a, b models.Loan) int { return cmp.Compare(a.ID, b.ID) })
		view.Loan = &bookLoan{latest.ID, latest.Borrower, latest.Due}
	}
	return view
}

// pictureURLs returns the URL of a book's thumbnail, and the URLs of all sizes of its cover.
func pictureURLs(b models.Book, base string) (thumbnail string, covers srcset) {
	covers = make(srcset, len(b.Cover.Sizes))
	for _, size := range b.Cover.Sizes {
		covers[strconv.Itoa(size)] = base + PicturePath + b.Cover.Key(size)
	}
	return thumbnailURL(b, base), covers
}

// thumbnailURL returns the URL of a book's thumbnail. A book without a cover has that of the placeholder.
func thumbnailURL(b models.Book, base string) string {
	if key := b.Cover.Thumbnail(); key != "" {
		return base + PicturePath + key
	}
	return cmp.Or(b.ImageURL, base+PicturePath+placeholder)
}

// bookRequest is the body of a request that creates or changes a book.
type bookRequest struct {
	models.BookUpdate
	CoverText string `json:"cover_image"` // set if the cover was sent as text, which is an error
}

// readBook checks the fields of a request and returns them as an update of a book.
func (h *Handlers) readBook(in *web.Body, request bookRequest) models.BookUpdate {
	up := request.BookUpdate
	up.Check(h.Categories, in.Check)
	if up.Category != nil { // an empty category is an error; it can come from a merge patch
		in.Require("category", *up.Category)
	}
	if in.Cover == nil && request.CoverText != "" {
		in.Check(web.CoverField, errors.New("must be a file in form-data"))
	}
	return up
}

// CreateBook adds a book to the caller's library.
func (h *Handlers) CreateBook(c *gin.Context) error {
	var request bookRequest
	in, err := web.ReadWithCover(c, h.MaxUpload, &request)
	if err != nil {
		return err
	}
	defer in.Close()
	if in.Empty() {
		return errNoBookDetails
	}
	if h.looksUp(c, &request) {
		return h.createByISBN(c, in, request)
	}
	fields := h.readBook(in, request)
	if fields.Title == nil {
		in.Check("title", titleMissing(c, request))
	}
	if fields.Category == nil && !in.JSON() {
		in.Require("category", "")
	}
	if in.Cover == nil && !in.JSON() {
		return coverRequired(in)
	}
	if err := in.Invalid(); err != nil {
		return err
	}
	b, err := h.Books.Create(middleware.ClientContext(c), web.CreatedID(c), middleware.UserOf(c).ID, fields, in.Cover)
	if err != nil {
		return titleTaken(err)
	}
	return h.respondCreated(c, b)
}

// Book shows a book of any owner.
func (h *Handlers) Book(c *gin.Context) error {
	b, err := h.findBook(c)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, "successfully retrieved a book", b)
}

// findBook returns the book that the path names.
func (h *Handlers) findBook(c *gin.Context) (models.Book, error) {
	id, err := pathID(c, "id", errBookNotFound)
	if err != nil {
		return models.Book{}, err
	}
	b, err := h.Books.Get(c.Request.Context(), middleware.UserOf(c), id)
	return b, replaceNotFound(err, errBookNotFound)
}

// editableBook returns the book that the path names, if the caller may edit it. Handlers call it before they read the
// body, so that an upload for a missing book is rejected before it arrives.
func (h *Handlers) editableBook(c *gin.Context) (models.Book, error) {
	id, err := pathID(c, "id", errNotUsersBook)
	if err != nil {
		return models.Book{}, err
	}
	b, err := h.Books.Editable(c.Request.Context(), middleware.ActorOf(c), id)
	return b, replaceNotFound(err, errNotUsersBook)
}

// bookToChange returns the book that the path names, if the caller may edit it, and the versions that the request's If-Match
// names.
func (h *Handlers) bookToChange(c *gin.Context) (b models.Book, ifVersion models.Versions, err error) {
	if b, err = h.editableBook(c); err != nil {
		return models.Book{}, nil, err
	}
	ifVersion, err = ifMatch(c, b.ID)
	return b, ifVersion, err
}

// ChangeBook changes those fields of a book that the request has, and the cover if the request has one.
func (h *Handlers) ChangeBook(c *gin.Context) error {
	b, ifVersion, err := h.bookToChange(c)
	if err != nil {
		return err
	}
	var request bookRequest
	in, err := web.ReadWithCover(c, h.MaxUpload, &request)
	if err != nil {
		return err
	}
	defer in.Close()
	up := h.readBook(in, request)
	up.IfVersion = ifVersion
	if err := in.Invalid(); err != nil {
		return err
	}
	if up.Empty() && in.Cover == nil {
		return errNothingToUpdate
	}
	after, err := h.Books.Edit(middleware.ClientContext(c), middleware.ActorOf(c), b, up, in.Cover)
	if err != nil {
		return h.editFailed(c, b.ID, err)
	}
	return h.respond(c, http.StatusCreated, "successfully updated a book", after)
}

// PatchBook changes those fields of a book that a JSON merge patch (RFC 7396) has. A null clears a field.
func (h *Handlers) PatchBook(c *gin.Context) error {
	b, ifVersion, err := h.bookToChange(c)
	if err != nil {
		return err
	}
	up := models.BookUpdate{IfVersion: ifVersion}
	in, err := web.ReadPatch(c, &up)
	if err != nil {
		return err
	}
	up.Check(h.Categories, in.Check)
	if err := in.Invalid(); err != nil {
		return err
	}
	if up.Empty() {
		return errNothingToUpdate
	}
	after, err := h.Books.Edit(middleware.ClientContext(c), middleware.ActorOf(c), b, up, nil)
	if err != nil {
		return h.editFailed(c, b.ID, err)
	}
	return h.respond(c, http.StatusOK, "successfully updated a book", after)
}

// ListCategories lists the categories that a book may have.
func (h *Handlers) ListCategories(c *gin.Context) error {
	web.Respond(c, http.StatusOK, "successfully retrieved all categories", h.Categories)
	return nil
}

// DeleteBook deletes a book of the caller. With ?trash=true it moves the book to its owner's trash instead, which may then be
// any book that the caller may edit.
func (h *Handlers) DeleteBook(c *gin.Context) error {
	trash, err := strconv.ParseBool(c.DefaultQuery("trash", "false"))
	if err != nil {
		return models.InvalidField("trash", errors.New("must be true or false"))
	}
	if trash {
		return h.moveToTrash(c)
	}
	id, err := pathID(c, "id", errNotUsersBook)
	if err != nil {
		return err
	}
	ifVersion, err := ifMatch(c, id)
	if err != nil {
		return err
	}
	if err := h.Books.Delete(c.Request.Context(), id, middleware.UserOf(c).ID, ifVersion); err != nil {
		return h.editFailed(c, id, err)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// coverRequired returns the error for a request without a cover. The error also names the other invalid fields.
func coverRequired(in *web.Body) error {
	in.Require(web.CoverField, "")
	return &models.Error{
		Code: models.Invalid, Name: "cover_missing", Message: "cover image is required", Detail: in.Wrong(),
	}
}

// titleTaken replaces a Conflict error by the contract's error for a title that the user already has. It returns any
// other error unchanged.
func titleTaken(err error) error {
	if models.CodeOf(err) == models.Conflict {
		return errBookExists.WithCause(err)
	}
	return err
}
