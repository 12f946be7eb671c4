package tests

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// importedLines is the number of lines of the imported files: several batches.
const importedLines = 2000

// manyBooks returns a file with importedLines books.
func manyBooks() string {
	var file strings.Builder
	file.WriteString("title,author,status\n")
	for i := range importedLines {
		fmt.Fprintf(&file, "Volume %d,Ada Lovelace,read\n", i)
	}
	return file.String()
}

// job is an import as the server shows it.
type job struct {
	ID      string `json:"_id"`
	State   string
	Done    int
	Created int
}

// importOf returns the request to import a file.
func importOf(token, content string) request {
	var body bytes.Buffer
	form := multipart.NewWriter(&body) // writing to memory cannot fail
	part, _ := form.CreateFormFile("file", "books.csv")
	_, _ = part.Write([]byte(content))
	_ = form.Close()
	return request{"POST", "/imports", token, form.FormDataContentType(), body.String()}
}

func (s *server) job(token, id string) job {
	s.Helper()
	return data[job](s, s.do(get("/imports/"+id, token), http.StatusOK))
}

// A server that is killed during an import goes on with it when it starts again. It imports no line twice, and the report
// has each line once.
func TestKilledServerGoesOnWithImport(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(newSeed(t), 0))
	s := startServer(t)
	token := s.signedIn("ada@example.com").Token
	i := data[job](s, s.do(importOf(token, manyBooks()), http.StatusAccepted))
	for kills := 0; kills < 2 && i.State != "done"; kills++ {
		before := i.Done
		s.eventually("another batch is imported", func() bool {
			i = s.job(token, i.ID)
			return i.Done > before || i.State == "done"
		})
		time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond) // so that the kill hits the next batch at any stage
		s.restart()
	}
	s.eventually("the import is done", func() bool {
		i = s.job(token, i.ID)
		return i.State == "done"
	})
	report := s.do(get("/imports/"+i.ID+"/rows?format=csv&outcome=created", token), http.StatusOK).body
	books, lines := len(s.books(token)), strings.Count(report, "\n")-1
	if i.Created != importedLines || books != importedLines || lines != importedLines {
		t.Errorf("the import is %+v, the library has %d books and the report %d lines; want %d", i, books, lines, importedLines)
	}
}

// A copy that is killed goes on when the command is run again.
func TestKilledCopyGoesOn(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(newSeed(t), 0))
	s := startServer(t, "SECRET_KEY="+sharedSecret)
	token := s.signedIn("ada@example.com").Token
	s.kill()
	if err := os.WriteFile(filepath.Join(s.folder, "books.csv"), []byte(manyBooks()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.succeeds("import", "books.csv", "--user", "ada@example.com")
	args := []string{"copy", "--from", "sqlite:data/bookplate.db", "--to", "sqlite:copied/bookplate.db"}
	for range 5 {
		cmd := exec.Command(binary, args...)
		cmd.Dir, cmd.Env = s.folder, s.settings
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // so that the kill hits the copy at any stage
		_ = cmd.Process.Kill()                                         // it may have ended by itself
		_ = cmd.Wait()
	}
	if _, stderr, code := s.run(args...); code != 0 && !strings.Contains(stderr, "already a complete copy") {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	s.settings = append(s.settings, "DATA_DIR=copied")
	s.start()
	if n := len(s.books(token)); n != importedLines {
		t.Errorf("the copy has %d books, want %d", n, importedLines)
	}
}
