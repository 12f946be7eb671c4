package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bookplate/library/copies"
	"bookplate/storage"
)

// backUpTo makes the jobs write hourly backups to the returned folder and keep two.
func (b *bench) backUpTo() (folder string) {
	b.Helper()
	folder = filepath.Join(filepath.Dir(b.folder), "backups")
	if err := os.Mkdir(folder, 0o700); err != nil {
		b.Fatal(err)
	}
	files, err := storage.OpenFiles(b.Context(), storage.BlobConfig{URL: "disk:" + folder})
	if err != nil {
		b.Fatal(err)
	}
	covers, err := storage.OpenBlobs(b.Context(), storage.BlobConfig{URL: "disk:" + b.folder})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = files.Close(), covers.Close() })
	b.jobs.Backups = &copies.Schedule{
		Backups: copies.Backups{
			From: copies.Source{Store: b.jobs.Store, Covers: covers}, To: files, Now: now, OpenFile: storage.OpenPrivate,
		},
		Every: time.Hour, Keep: 2,
	}
	return folder
}

func (b *bench) wantBackups(when, folder, want string) {
	b.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		b.Fatal(err)
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "bookplate-200001"), "00Z.zip")
	}
	if got := strings.Join(names, " "); got != want {
		b.Errorf("%s: backups of %s, want %s", when, got, want)
	}
}

// A backup is made at once and then every hour, by one of two servers. The two latest are kept.
func TestBackups(t *testing.T) {
	inBubble(t, func(b *bench) { // the clock begins with 2000
		folder := b.backUpTo()
		defer b.run("")()
		defer b.run("")()
		b.wantBackups("at the start", folder, "01T0000")
		b.after(50 * time.Minute)
		b.wantBackups("before an hour has passed", folder, "01T0000")
		b.after(10 * time.Minute)
		b.wantBackups("after an hour", folder, "01T0000 01T0100")
		b.after(2 * time.Hour)
		b.wantBackups("after three hours", folder, "01T0200 01T0300")
		if got := b.jobs.Backups.Last(); got.Hour() != 3 {
			b.Errorf("the last backup is of %s", got)
		}
	})
}

// A backup that fails is logged with the time of the last good one, and tried again later. Other files in the folder stay.
func TestBackupFails(t *testing.T) {
	inBubble(t, func(b *bench) {
		folder := b.backUpTo()
		if err := os.WriteFile(filepath.Join(folder, "mine.zip"), nil, 0o600); err != nil {
			b.Fatal(err)
		}
		stop := b.run("")
		b.after(30 * time.Minute)
		if err := os.Rename(folder, folder+"-away"); err != nil {
			b.Fatal(err)
		}
		b.after(time.Hour)
		if err := os.Rename(folder+"-away", folder); err != nil {
			b.Fatal(err)
		}
		b.after(30 * time.Minute)
		stop()
		b.wantBackups("after the folder is back", folder, "01T0000 01T0140 mine.zip")
		if log := b.log.String(); !strings.Contains(log, `level=ERROR msg="the backup failed" "last good backup"=2000-01-01T00:00:00Z`) {
			b.Errorf("the log is\n%s", log)
		}
	})
}
