package models

// Cursor is a position in a list: the last item that was read.
type Cursor struct {
	ID     ID
	Key    string // the text that the list is sorted by, or empty
	Number int64  // the number that the list is sorted by, or 0
	Part   int    // of a list of books; see BookFilter.Cursor
}
