-- What the names of this library's covers end with: it tells them from another library's in the same place.
CREATE TABLE library (cover_mark TEXT NOT NULL) STRICT;
INSERT INTO library VALUES (lower(hex(randomblob(8))));
