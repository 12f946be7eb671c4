package catalogue

import (
	"encoding/json"
	"strconv"

	"bookplate/handlers/web"
	"bookplate/models"
)

// shownBook is a book of a list, as the viewer sees it. Its JSON is that of a bookView.
type shownBook struct {
	viewer bookViewer
	book   *models.Book
}

// AppendJSON implements web.Appender. It makes no bookView, which saves a tenth of the CPU time of a list. Package json encodes
// the parts that few books have.
func (s shownBook) AppendJSON(to []byte) (_ []byte, err error) {
	b := s.book
	to = web.AppendText(append(to, `{"_id":`...), string(b.ID))
	to = web.AppendText(append(to, `,"title":`...), b.Title)
	to = web.AppendText(append(to, `,"description":`...), b.Description)
	to = web.AppendText(append(to, `,"category":`...), b.Category)
	if details := b.BookDetails; !details.IsZero() {
		text, err := json.Marshal(details)
		if err != nil {
			return nil, err
		}
		to = append(append(to, ','), text[1:len(text)-1]...)
	}
	to = s.appendPictures(to)
	to = web.AppendText(append(to, `,"user_id":`...), string(b.UserID))
	if b.UserID == s.viewer.user && len(b.OpenLoans) == 0 && b.Reading == nil {
		to = append(to, `,"on_loan":0,"loan":null,"reading":null`...)
	} else if to, err = s.appendPeople(to); err != nil {
		return nil, err
	}
	to = web.AppendTimestamp(append(to, `,"created_at":`...), b.CreatedAt)
	to = web.AppendTimestamp(append(to, `,"updated_at":`...), b.UpdatedAt)
	return append(to, '}'), nil
}

// MarshalJSON implements json.Marshaler, for an answer that has only some of the fields.
func (s shownBook) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// appendPictures appends the URLs of pictureURLs.
func (s shownBook) appendPictures(to []byte) []byte {
	to = web.AppendText(append(to, `,"image_url":`...), thumbnailURL(*s.book, s.viewer.base))
	to = append(to, `,"covers":{`...)
	base := s.viewer.base + PicturePath
	for i, size := range s.book.Cover.Sizes {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(strconv.AppendInt(append(to, '"'), int64(size), 10), `":`...)
		to = web.AppendText(to, base+s.book.Cover.Key(size))
	}
	return append(to, '}')
}

// appendPeople appends the fields about the owner, the borrowers and the reader.
func (s shownBook) appendPeople(to []byte) ([]byte, error) {
	view := s.viewer.view(*s.book)
	people, err := json.Marshal(struct {
		Owner   *ownerView   `json:"owner,omitzero"`
		OnLoan  int          `json:"on_loan"`
		Loan    *bookLoan    `json:"loan"`
		Reading *readingView `json:"reading"`
	}{view.Owner, view.OnLoan, view.Loan, view.Reading})
	if err != nil {
		return nil, err
	}
	return append(append(to, ','), people[1:len(people)-1]...), nil
}
