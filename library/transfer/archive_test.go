package transfer

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

// unzip returns the files of an archive.
func unzip(t testing.TB, file []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// comparable returns the files of an archive in a form that is equal for equal accounts. It replaces ids by numbers and
// pictures by their size, and omits the time and what the profile has besides the names.
func comparable(t testing.TB, file []byte) map[string]string {
	t.Helper()
	files := unzip(t, file)
	var profile archivedProfile
	if err := json.Unmarshal([]byte(files[profileFile]), &profile); err != nil {
		t.Fatal(err)
	}
	files[profileFile] = fmt.Sprintf("%+v", profile)
	delete(files, manifestFile)
	var replacements []string
	var loans []string
	for prefix, name := range map[string]string{"book": booksFile, "loan": loansFile, "trashed": trashFile} {
		for i, line := range slices.Collect(strings.Lines(files[name])) {
			var record struct {
				ID    string `json:"_id"`
				Loans []struct {
					ID string `json:"_id"`
				}
			}
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Fatal(err)
			}
			for _, l := range record.Loans {
				loans = append(loans, l.ID)
			}
			if name == loansFile {
				loans = append(loans, record.ID)
				continue
			}
			replacements = append(replacements, record.ID, fmt.Sprintf("%s-%d", prefix, i))
		}
	}
	slices.Sort(loans) // loans sort by id, also those of books in the trash
	for i, id := range loans {
		replacements = append(replacements, id, fmt.Sprintf("loan-%d", i))
	}
	for _, name := range []string{coversFile, trashCoversFile} {
		files[name] = pictureSizes(t, files[name])
	}
	replacer := strings.NewReplacer(replacements...)
	for name, text := range files {
		files[name] = replacer.Replace(text)
	}
	return files
}

// pictureSizes returns the names of the pictures in a tar file, with their sizes in pixels.
func pictureSizes(t testing.TB, file string) string {
	t.Helper()
	var sizes []string
	for r := tar.NewReader(strings.NewReader(file)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return strings.Join(sizes, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		config, err := jpeg.DecodeConfig(r)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, fmt.Sprintf("%s %dx%d", header.Name, config.Width, config.Height))
	}
}

func wantSameArchive(t testing.TB, got, want []byte) {
	t.Helper()
	gotFiles, wantFiles := comparable(t, got), comparable(t, want)
	for name := range wantFiles {
		if gotFiles[name] != wantFiles[name] {
			t.Errorf("%s is\n%s\nwant\n%s", name, gotFiles[name], wantFiles[name])
		}
	}
}

// An archive is imported into an empty account of another server and exported again. The second archive equals the
// first, with each combination of engines.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for from := range engines {
		for to := range engines {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				source, target := newServer(t, from), newServer(t, to)
				source.fill()
				source.rename(models.UserUpdate{LastName: new("King"), Username: new("ada")})
				target.rename(models.UserUpdate{Name: new("A Reader"), FirstName: new("A")})
				target.addBook(target.addUser("other@example.com").ID, 1, nil)
				file := source.export(ZIP)
				if left := target.restore(file); left != nil {
					t.Errorf("not imported: %+v", left)
				}
				wantSameArchive(t, target.export(ZIP), file)

				// A book that is restored from the trash is the same on both servers.
				source.restoreTrash()
				target.restoreTrash()
				wantSameArchive(t, target.export(ZIP), source.export(ZIP))
			})
		}
	}
}

// An archive has all test data except secrets.
func TestArchiveIsComplete(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	s.fill()
	files := unzip(t, s.export(ZIP))
	var m manifest
	s.must(json.Unmarshal([]byte(files[manifestFile]), &m))
	got := map[string]int{}
	for _, file := range m.Files {
		got[file.Name] = file.Records
	}
	for name, want := range map[string]int{
		profileFile: 1, booksFile: 8, readingsFile: 4, shelvesFile: 5, loansFile: 5, goalsFile: 2, coversFile: 2, trashFile: 2, trashCoversFile: 1,
	} {
		if got[name] != want {
			t.Errorf("%s has %d records, want %d:\n%s", name, got[name], want, files[name])
		}
	}
	for name, text := range files {
		if strings.Contains(text, s.user.PasswordHash) {
			t.Errorf("%s has the hash of the password", name)
		}
	}
	if !strings.Contains(files[profileFile], s.user.Email) {
		t.Errorf("the profile is %s", files[profileFile])
	}
}

// An interrupted import continues, and creates no record twice. This includes records that were stored but are not in
// the report yet.
func TestArchiveImportGoesOn(t *testing.T) {
	t.Parallel()
	for engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			source, target := newServer(t, "sqlite"), newServer(t, engine)
			source.fill()
			file := source.export(ZIP)
			i := target.start(file, models.DuplicateSkip)
			b, err := target.store.Imports().Batch(t.Context(), i.ID, 0)
			target.must(err)
			for _, n := range []int{1, 2, 12, len(b.Lines)} { // the number of lines that each interrupted attempt stores
				_, err := target.imports.importArchive(t.Context(), target.user, i, b.Lines[:n])
				target.must(err)
				target.reload()
			}
			rows := target.finish(i)
			if len(rows) != 27 || slices.ContainsFunc(rows, func(r models.ImportRow) bool { return r.Outcome == models.RowFailed }) {
				t.Errorf("%d rows: %+v", len(rows), rows)
			}
			wantSameArchive(t, target.export(ZIP), file)
		})
	}
}

// A book that was moved to the trash during the export is in the archive twice, with its loans. Both are imported.
func TestArchiveOfBookThatMoved(t *testing.T) {
	t.Parallel()
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	b := source.addBook(source.user.ID, 1, nil)
	source.lend(b, "Fay", models.LoanUpdate{})
	before := source.export(ZIP)
	source.must(source.store.Trash().Put(t.Context(), b.ID, source.user.ID, now, nil))
	after := unzip(t, source.export(ZIP))
	file := rezip(t, before, func(files map[string]string) { files[trashFile] = after[trashFile] })
	if left := target.restore(file); left != nil {
		t.Errorf("not imported: %+v", left)
	}
	files := unzip(t, target.export(ZIP))
	for _, name := range []string{loansFile, trashFile} {
		if strings.Count(files[name], `"to":"Fay"`) != 1 {
			t.Errorf("%s is %s", name, files[name])
		}
	}
}

// A second import of the same archive changes nothing.
func TestArchiveImportTwice(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	s.fill()
	file := s.export(ZIP)
	for _, r := range s.restore(file) {
		if r.Outcome != models.RowSkipped {
			t.Errorf("%+v", r)
		}
	}
	wantSameArchive(t, s.export(ZIP), file)
}

// Reading records and places on shelves that are about books of other accounts are imported if the library has the
// book.
func TestArchiveImportBooksOfOthers(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	foreign := s.addBook(s.addUser("bob@example.com").ID, 1, nil)
	_, err := s.exporter.Readings.Put(t.Context(), s.user, foreign, models.ReadingUpdate{Status: new(models.StatusRead)})
	s.must(err)
	_, err = s.exporter.Shelves.Put(t.Context(), s.user, "wishlist", foreign.ID)
	s.must(err)
	s.reload()
	file := s.export(ZIP)

	s.user = s.addUser("cora@example.com")
	if left := s.restore(file); left != nil {
		t.Errorf("not imported: %+v", left)
	}
	if files := unzip(t, s.export(ZIP)); !strings.Contains(files[readingsFile], string(foreign.ID)) || !strings.Contains(files[shelvesFile], string(foreign.ID)) {
		t.Errorf("%s%s", files[readingsFile], files[shelvesFile])
	}
	if left := s.restore(file); len(left) != 1 || left[0].Reason != readingsFile+": "+readingExists {
		t.Errorf("the second import: %+v", left)
	}

	other := newServer(t, "sqlite")
	left := other.restore(file)
	for _, r := range left {
		if r.Outcome != models.RowSkipped || !strings.HasSuffix(r.Reason, foreignBook) {
			t.Errorf("%+v", r)
		}
	}
	if len(left) != 2 {
		t.Errorf("%d records are left out, want 2", len(left))
	}
}

// Invalid values are omitted, and the report names them.
func TestArchiveImportLeavesOutWhatBreaksRules(t *testing.T) {
	t.Parallel()
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	for n, change := range []func(b *models.Book){
		func(b *models.Book) { b.Category = "gardening" },
		func(b *models.Book) { b.Title = strings.Repeat("x", models.MaxTitle+1) },
		func(b *models.Book) { b.Publisher = "N\x00L" },
		func(b *models.Book) { b.ImageURL = "http://old.example.com/x.jpg" },
	} {
		source.addBook(source.user.ID, n, change)
	}
	left := target.restore(source.export(ZIP))
	for i, want := range []models.ImportRow{
		{Outcome: models.RowCreated, Reason: "category is left out: it must be one of"},
		{Outcome: models.RowFailed, Reason: "title must have at most 500 characters"},
		{Outcome: models.RowCreated, Reason: "publisher is left out: it must have no NUL character"},
		{Outcome: models.RowCreated, Reason: "image_url is left out"},
	} {
		if r := left[i]; r.Line != i+2 || r.Outcome != want.Outcome || !strings.HasPrefix(r.Reason, want.Reason) {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	if books := comparable(t, target.export(ZIP))[booksFile]; strings.Count(books, "\n") != 3 {
		t.Errorf("the books are %s", books)
	}
}

// rezip changes the files of an archive by edit, and writes a manifest with the new checksums.
func rezip(t testing.TB, file []byte, edit func(files map[string]string)) []byte {
	t.Helper()
	files := unzip(t, file)
	edit(files)
	var out bytes.Buffer
	a := &archiveWriter{zip: zip.NewWriter(&out), now: now}
	for _, name := range archiveFiles {
		records := strings.Count(files[name], "\n")
		switch name {
		case profileFile:
			records = 1
		case coversFile, trashCoversFile:
			records = strings.Count(files[name], ".jpg\x00")
		}
		if err := a.add(name, func(w io.Writer) (int, error) {
			_, err := io.WriteString(w, files[name])
			return records, err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.close("1.2.3"); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tarOf(t testing.TB, name, content string) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600})
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// An imported picture is decoded like any upload. A record cannot refer to a picture of this server.
func TestArchiveImportBadCovers(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	b := s.addBook(s.user.ID, 1, nil)
	other := s.addBook(s.addUser("bob@example.com").ID, 2, func(b *models.Book) { s.addCover(b, 100, 100) })
	file := rezip(t, s.export(ZIP), func(files map[string]string) {
		files[coversFile] = tarOf(t, coverName(b.ID), "not a picture")
		stolen := fmt.Sprintf(`{"Cover":{"Name":%q,"Sizes":[150]},`, other.Cover.Name)
		files[booksFile] = strings.Replace(files[booksFile], "{", stolen, 1)
	})
	target := newServer(t, "sqlite")
	left := target.restore(file)
	if len(left) != 1 || left[0].Outcome != models.RowCreated || !strings.HasPrefix(left[0].Reason, "the cover is left out") {
		t.Fatalf("%+v", left)
	}
	restored, err := target.store.Books().Get(t.Context(), left[0].BookID)
	target.must(err)
	if restored.Cover.Name != "" {
		t.Errorf("the book has the cover %s", restored.Cover.Name)
	}
}

// A damaged or incomplete archive is rejected before any record is stored. The error names the problem.
func TestBadArchives(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	s.fill()
	file := s.export(ZIP)
	edited := func(name string, edit func(text string) string) []byte {
		return rezip(t, file, func(files map[string]string) { files[name] = edit(files[name]) })
	}
	content := unzip(t, file)
	zipOf := func(names ...string) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, name := range names {
			entry, err := w.Create(name)
			s.must(err)
			_, err = io.WriteString(entry, content[name])
			s.must(err)
		}
		s.must(w.Close())
		return out.Bytes()
	}
	manifestOf := func(edit func(m *manifest)) []byte {
		files := maps.Clone(content)
		var m manifest
		s.must(json.Unmarshal([]byte(files[manifestFile]), &m))
		edit(&m)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		text, err := json.Marshal(m)
		s.must(err)
		files[manifestFile] = string(text)
		for name, text := range files {
			entry, err := w.Create(name)
			s.must(err)
			_, err = io.WriteString(entry, text)
			s.must(err)
		}
		s.must(w.Close())
		return out.Bytes()
	}
	many := make([]string, 30_000)
	for i := range many {
		many[i] = fmt.Sprintf("%d.jsonl", i)
	}
	replace := func(old, with string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, with, 1) }
	}
	constant := func(text string) func(string) string { return func(string) string { return text } }
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"empty":               {nil, "is not a ZIP file"},
		"another kind":        {[]byte("title,author\nDune,Frank Herbert\n"), "is not a ZIP file"},
		"cut off":             {file[:len(file)-100], "is not a ZIP file, or it is cut off"},
		"names that climb":    {zipOf("../../etc/passwd"), `is not an export of Bookplate, because it has the file "../../etc/passwd"`},
		"no manifest":         {zipOf(booksFile), "is not an export of Bookplate: it has no manifest.json"},
		"a file twice":        {zipOf(booksFile, booksFile), "has the file books.jsonl twice"},
		"a file missing":      {zipOf(booksFile, manifestFile), `lacks the file "profile.json"`},
		"too many files":      {zipOf(many...), "it has too many files"},
		"another format":      {manifestOf(func(m *manifest) { m.Format = "x" }), `its format is "x"`},
		"newer":               {manifestOf(func(m *manifest) { m.Version, m.Server = 2, "9.9" }), "was exported by a newer server, Bookplate 9.9: update this server first"},
		"wrong checksum":      {manifestOf(func(m *manifest) { m.Files[1].SHA256 = strings.Repeat("0", 64) }), "books.jsonl is damaged: it does not have the checksum"},
		"wrong length":        {manifestOf(func(m *manifest) { m.Files[1].Bytes-- }), "books.jsonl is damaged"},
		"negative length":     {manifestOf(func(m *manifest) { m.Files[1].Bytes = -1 }), "books.jsonl is damaged"},
		"not listed":          {manifestOf(func(m *manifest) { m.Files = m.Files[1:] }), "lacks the file profile.json"},
		"too few records":     {manifestOf(func(m *manifest) { m.Files[1].Records++ }), "books.jsonl has 8 records, but manifest.json says 9"},
		"a bomb":              {edited(booksFile, constant(strings.Repeat("\n", 100<<20))), "would be more than 200 times its size when unpacked"},
		"a long line":         {edited(booksFile, constant(`{"title":"`+strings.Repeat("a", maxLine)+`"}`)), "books.jsonl, line 1: "},
		"not JSON":            {edited(booksFile, replace("{", "[")), "books.jsonl, line 1: "},
		"no id":               {edited(booksFile, replace(`"_id"`, `"id"`)), `books.jsonl, line 1: "" is not an id`},
		"a book twice":        {edited(booksFile, func(text string) string { return text + text }), "books.jsonl, line 9: the books are not sorted by id"},
		"a rating of 11":      {edited(readingsFile, replace(`"rating":null`, `"rating":11`)), "readings.jsonl, line 1: must be a number from 0.25 to 5"},
		"30 February":         {edited(readingsFile, replace("2026-01-02", "2026-02-30")), "a date must exist"},
		"a shelf's name":      {edited(shelvesFile, replace("wishlist", "../x")), `"../x" is not the name of a shelf`},
		"a loan's id":         {edited(loansFile, replace(`"_id":"`, `"_id":"g`)), "loans.jsonl, line 1: "},
		"a time":              {edited(loansFile, replace(`"lent_at":"2026`, `"lent_at":"1826`)), "is not a time such as"},
		"a year":              {edited(goalsFile, replace("2025", "0")), "0 is not a year"},
		"a loan twice":        {edited(loansFile, func(text string) string { return text + text }), "loans.jsonl, line 6: the loans are not sorted by id"},
		"a trashed loan's id": {edited(trashFile, replace(`"loans":[{"_id":"`, `"loans":[{"_id":"g`)), "trash.jsonl, line 1: "},
		"a trashed place":     {edited(trashFile, replace(`"place":"0`, `"place":"x`)), "trash.jsonl, line 1: a place has 24 hex digits"},
		"a trashed shelf":     {edited(trashFile, replace(`"shelf":"`, `"shelf":"../`)), "is not the name of a shelf"},
		"two profiles":        {edited(profileFile, func(text string) string { return text + text }), "profile.json has 2 records, but manifest.json says 1"},
		"a time in the trash": {edited(trashFile, replace(`"trashed_at"`, `"trashed"`)), "trash.jsonl, line 1: trashed_at is required"},
		"covers not a tar":    {edited(coversFile, constant(strings.Repeat("x", 2000))), "covers.tar cannot be read"},
		"cover that climbs":   {edited(coversFile, constant(tarOf(t, "../x.jpg", "x"))), `covers.tar has "../x.jpg", which is not the picture of a book`},
		"cover of no book":    {edited(coversFile, constant(tarOf(t, coverName(models.NewID(now)), "x"))), "which is not the picture of a book, or not in the order of the books"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openArchive(t.Context(), bytes.NewReader(test.file), int64(len(test.file)))
			if models.CodeOf(err) != models.Invalid || !strings.Contains(clientText(err), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
