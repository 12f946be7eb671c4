-- Whether the book was ever lent. A page of books none of which was needs no query of the loans.
ALTER TABLE books ADD COLUMN lent INTEGER NOT NULL DEFAULT 0;

CREATE TABLE loans (
    id          TEXT PRIMARY KEY,
    book_id     TEXT NOT NULL,
    lender_id   TEXT NOT NULL,
    borrower_id TEXT NOT NULL,   -- empty for a borrower without an account
    borrower    TEXT NOT NULL,
    due         INTEGER NOT NULL, -- a day such as 20261231; 0 for none
    lent_at     INTEGER NOT NULL,
    returned_at INTEGER NOT NULL, -- negative while the loan is open, as the zero time is
    reminded    TEXT NOT NULL     -- models.Reminder
) STRICT, WITHOUT ROWID;

-- Loans.List of a book; Books.Delete.
CREATE INDEX loans_by_book ON loans (book_id, id);
-- Loans.OpenOf, and Loans.Create, which counts the open loans of a book.
CREATE INDEX loans_open_by_book ON loans (book_id) WHERE returned_at < 0;
-- Loans.List of a lender.
CREATE INDEX loans_by_lender ON loans (lender_id, id);
CREATE INDEX loans_open_by_lender ON loans (lender_id, id) WHERE returned_at < 0;
-- Loans.List of a borrower; Loans.ForgetBorrower.
CREATE INDEX loans_by_borrower ON loans (borrower_id, id);
CREATE INDEX loans_open_by_borrower ON loans (borrower_id, id) WHERE returned_at < 0;
-- Loans.ToRemind.
CREATE INDEX loans_by_reminder ON loans (reminded, due) WHERE returned_at < 0;
