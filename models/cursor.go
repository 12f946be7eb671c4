package models

// Cursor is a position in a list. It identifies the last item that was read.
type Cursor struct {
	ID     ID
	Key    string // the text that the list is sorted by; empty if there is none
	Number int64  // the number that the list is sorted by; 0 if there is none
	Part   int    // the part of a list of books; see BookFilter.Cursor
}
