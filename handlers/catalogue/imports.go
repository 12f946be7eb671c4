package catalogue

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/library/transfer"
	"bookplate/middleware"
	"bookplate/models"
)

var errImportNotFound = &models.Error{Code: models.NotFound, Message: "Import not found"}

// importView is an import as its owner sees it.
type importView struct {
	ID       models.ID          `json:"_id"`
	State    models.ImportState `json:"state"`
	FileName string             `json:"file_name"`
	Format   string             `json:"format"`
	Total    int                `json:"total"`
	Done     int                `json:"done"`
	models.ImportCounts
	Reason       *string            `json:"reason"` // why it failed; null if it did not
	OnDuplicate  models.OnDuplicate `json:"on_duplicate"`
	LookUp       bool               `json:"lookup"`
	Covers       bool               `json:"covers"`
	Rate         *float64           `json:"rate"`          // lines a second; null before the first batch
	EstimatedEnd *string            `json:"estimated_end"` // null unless the import is running
	CreatedAt    *string            `json:"created_at"`
	StartedAt    *string            `json:"started_at"`
	FinishedAt   *string            `json:"finished_at"`
}

func viewImport(i models.Import, now time.Time) importView {
	view := importView{
		ID: i.ID, State: i.State, FileName: i.FileName, Format: i.Format, Total: i.Total, Done: i.Done(),
		ImportCounts: i.Outcomes, Reason: web.OrNull(i.Reason), OnDuplicate: i.OnDuplicate, LookUp: i.LookUp, Covers: i.Covers,
		CreatedAt: web.Timestamp(i.CreatedAt), StartedAt: web.Timestamp(i.StartedAt), FinishedAt: web.Timestamp(i.FinishedAt),
	}
	end := now
	if i.Finished() {
		end = i.FinishedAt
	}
	if took := end.Sub(i.StartedAt); !i.StartedAt.IsZero() && took > 0 && view.Done > 0 {
		rate := float64(view.Done) / took.Seconds()
		view.Rate = &rate
		if i.State == models.ImportRunning {
			left := time.Duration(float64(i.Total-view.Done) / rate * float64(time.Second))
			view.EstimatedEnd = web.Timestamp(now.Add(left))
		}
	}
	return view
}

// importRequest has the options of an import.
type importRequest struct {
	DryRun      *bool          `json:"dry_run"`
	OnDuplicate string         `json:"on_duplicate"`
	LookUp      *bool          `json:"lookup"`
	Covers      *bool          `json:"covers"`
	Mapping     *importMapping `json:"mapping"`
}

// importMapping has the fields into which the columns of a file are read.
type importMapping map[string]string

// UnmarshalJSON decodes an object, or a text that is one, as in a form.
func (m *importMapping) UnmarshalJSON(value []byte) error {
	var text string
	if json.Unmarshal(value, &text) == nil {
		if value = []byte(text); strings.TrimSpace(text) == "" {
			return nil
		}
	}
	if json.Unmarshal(value, (*map[string]string)(m)) != nil {
		return errors.New(`must be a JSON object from columns to fields, such as {"Titel": "title"}`)
	}
	return nil
}

const importFile = "file" // the field of the form

// Import receives a file and queues its import, or shows what the import would do.
func (h *Handlers) Import(c *gin.Context) error {
	var request importRequest
	in, err := web.ReadWithFile(c, h.MaxImport, importFile, &request)
	if err != nil {
		return err
	}
	defer in.Close()
	if in.Cover == nil {
		in.Check(importFile, errors.New("is required: send the file in form-data"))
	}
	on := models.OnDuplicate(cmp.Or(request.OnDuplicate, string(models.DuplicateSkip)))
	if !slices.Contains(models.OnDuplicates, on) {
		in.Check("on_duplicate", errors.New("must be skip, update or add"))
	}
	if err := in.Invalid(); err != nil {
		return err
	}
	upload := transfer.Upload{
		Name: in.FileName, File: in.Cover,
		ImportOptions: models.ImportOptions{OnDuplicate: on, LookUp: isSet(request.LookUp), Covers: isSet(request.Covers)},
	}
	if request.Mapping != nil {
		upload.Mapping = *request.Mapping
	}
	if isSet(request.DryRun) {
		return h.previewImport(c, upload)
	}
	i, err := h.Imports.Start(c.Request.Context(), web.CreatedID(c), middleware.UserOf(c).ID, upload)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusAccepted, "successfully queued an import", viewImport(i, h.Imports.Now()))
	return nil
}

func isSet(option *bool) bool { return option != nil && *option }

// previewView is the result of a dry run.
type previewView struct {
	Format  string            `json:"format"`
	Mapping map[string]string `json:"mapping"` // the field of each column; empty for a column that is left out
	Total   int               `json:"total"`
	models.ImportCounts
	Sample  []previewRowView `json:"sample"`
	Records map[string]int   `json:"records,omitzero"` // of each kind; only for an export of Bookplate as ZIP
}

// previewRowView is a line as it would come into the library.
type previewRowView struct {
	rowView
	Book    map[string]any `json:"book"`
	Reading map[string]any `json:"reading"`
	Shelves []string       `json:"shelves"`
	LentTo  *string        `json:"lent_to"`
}

func (h *Handlers) previewImport(c *gin.Context, upload transfer.Upload) error {
	preview, err := h.Imports.DryRun(c.Request.Context(), middleware.UserOf(c).ID, upload)
	if err != nil {
		return err
	}
	view := previewView{
		Format: preview.Format, Mapping: map[string]string{}, Total: preview.Total, ImportCounts: preview.Outcomes,
		Sample: []previewRowView{}, Records: preview.Records,
	}
	for _, column := range preview.Columns {
		view.Mapping[column.Name] = column.Field
	}
	for _, row := range preview.Sample {
		view.Sample = append(view.Sample, previewRowView{
			viewRow(row.ImportRow), maps.Collect(row.Book.Changes()), maps.Collect(row.Reading.Fields()),
			append([]string{}, row.Shelves...), web.OrNull(row.LentTo),
		})
	}
	web.Respond(c, http.StatusOK, "successfully read a file", view)
	return nil
}

// ListImports lists the caller's imports, the latest first.
func (h *Handlers) ListImports(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	f := models.ImportFilter{UserID: middleware.UserOf(c).ID}
	return web.List[models.Import]{
		Message: "successfully retrieved all imports",
		Fetch: func(after *models.Cursor, limit int) ([]models.Import, error) {
			f.Limit = limit
			if after != nil {
				f.After = after.ID
			}
			return h.Imports.List(c.Request.Context(), f)
		},
		Cursor: func(i models.Import) models.Cursor { return models.Cursor{ID: i.ID} },
		View:   func(i models.Import) any { return viewImport(i, h.Imports.Now()) },
	}.Respond(c, h.Links, page)
}

// findImport returns the import in the path, which must be the caller's.
func (h *Handlers) findImport(c *gin.Context) (models.Import, error) {
	id, err := pathID(c, "id", errImportNotFound)
	if err != nil {
		return models.Import{}, err
	}
	i, err := h.Imports.Get(c.Request.Context(), middleware.UserOf(c).ID, id)
	return i, replaceNotFound(err, errImportNotFound)
}

// ShowImport shows an import.
func (h *Handlers) ShowImport(c *gin.Context) error {
	i, err := h.findImport(c)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully retrieved an import", viewImport(i, h.Imports.Now()))
	return nil
}

// CancelImport cancels an import.
func (h *Handlers) CancelImport(c *gin.Context) error {
	i, err := h.findImport(c)
	if err != nil {
		return err
	}
	if err := h.Imports.Cancel(c.Request.Context(), i.UserID, i.ID); err != nil {
		return replaceNotFound(err, errImportNotFound)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// rowView is a line of the report.
type rowView struct {
	Line    int                  `json:"line"`
	Outcome models.ImportOutcome `json:"outcome"`
	Title   *string              `json:"title"`
	Reason  *string              `json:"reason"`
	BookID  *models.ID           `json:"book_id"`
}

func viewRow(row models.ImportRow) rowView {
	return rowView{row.Line, row.Outcome, web.OrNull(row.Title), web.OrNull(row.Reason), web.OrNull(row.BookID)}
}

// ImportRows lists the lines of a report, as JSON or as CSV.
func (h *Handlers) ImportRows(c *gin.Context) error {
	i, err := h.findImport(c)
	if err != nil {
		return err
	}
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	outcome := models.ImportOutcome(c.Query("outcome"))
	wrong := models.Fields{}
	if outcome != "" && !slices.Contains(models.ImportOutcomes, outcome) {
		wrong["outcome"] = "must be created, updated, skipped or failed"
	}
	format := c.DefaultQuery("format", "json")
	if format != "json" && format != "csv" {
		wrong["format"] = "must be json or csv"
	}
	if err := models.InvalidFields(wrong); err != nil {
		return err
	}
	if format == "csv" {
		file := &download{c: c, mediaType: transfer.CSV.MediaType(), name: fmt.Sprintf("import-%s.csv", i.ID)}
		return h.Imports.WriteReport(c.Request.Context(), i, outcome, file)
	}
	return web.List[transfer.ReportRow]{
		Message: "successfully retrieved the lines of an import",
		Fetch: func(after *models.Cursor, limit int) ([]transfer.ReportRow, error) {
			return h.Imports.Rows(c.Request.Context(), i, outcome, *cmp.Or(after, &models.Cursor{}), limit)
		},
		Cursor: func(row transfer.ReportRow) models.Cursor { return row.Cursor(i.ID) },
		View:   func(row transfer.ReportRow) any { return viewRow(row.ImportRow) },
	}.Respond(c, h.Links, page)
}
