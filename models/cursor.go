package models

// Cursor is a position in a list: the last item that was read.
type Cursor struct {
	ID     ID
	Title  string // of a book; used if the list is sorted by title
	Number int64  // the value by which a list of readings is sorted
}
