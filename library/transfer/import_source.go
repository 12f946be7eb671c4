package transfer

import (
	"context"
	"iter"

	"bookplate/models"
)

// source is a checked file to import.
type source struct {
	format  string
	columns []models.ImportColumn
	lines   func(importID models.ID) iter.Seq2[models.ImportLine, error] // can be called once
}

// open checks a whole file before any line of it is stored. The error is Invalid if the file cannot be imported.
func (l *Imports) open(ctx context.Context, u Upload) (source, error) {
	if isArchive(u.File) {
		a, err := openUpload(ctx, u)
		if err != nil {
			return source{}, err
		}
		return source{archiveName, nil, func(id models.ID) iter.Seq2[models.ImportLine, error] { return a.lines(ctx, id) }}, nil
	}
	if err := checkTable(u); err != nil {
		return source{}, err
	}
	t, err := openTable(u.File, u.Mapping)
	if err != nil {
		return source{}, err
	}
	return source{t.format.name, t.columns, func(models.ID) iter.Seq2[models.ImportLine, error] { return l.linesOf(t) }}, nil
}

// checkTable checks a whole file by reading it.
func checkTable(u Upload) error {
	t, err := openTable(u.File, u.Mapping)
	if err != nil {
		return err
	}
	total := 0
	for _, err := range t.records {
		if err != nil {
			return err
		}
		if total++; total > maxLines {
			return unreadable("the file has more than %d lines: split it", maxLines)
		}
	}
	if total == 0 {
		return unreadable("the file has a header and no books")
	}
	return t.usable()
}

// linesOf returns the records of a table as lines of an import.
func (l *Imports) linesOf(t *table) iter.Seq2[models.ImportLine, error] {
	return func(yield func(models.ImportLine, error) bool) {
		for rec, err := range t.records {
			if !yield(l.newLine(rec), err) || err != nil {
				return
			}
		}
	}
}

func (l *Imports) newLine(rec record) models.ImportLine {
	now := l.Now()
	return models.ImportLine{Number: rec.line, BookID: models.NewID(now), LoanID: models.NewID(now), Cells: rec.cells}
}
