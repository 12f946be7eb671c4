package jobs

import (
	"context"
	"time"
)

const (
	backupLease = "backup"

	// backupLeaseTime is how long other copies of the server wait if one dies during a backup. Two backups at once do no
	// harm.
	backupLeaseTime = 2 * time.Hour

	// backupInterval is the time between two checks whether a backup is due, and between two attempts.
	backupInterval = 10 * time.Minute
)

// backUp makes a backup if one is due, unless another copy of the server is doing so. It logs an error and does not return
// it, because the next attempt should not come soon: a failed backup may have filled the disk.
func (j Jobs) backUp(ctx context.Context, holder string) error {
	due, err := j.Backups.Due(ctx)
	if err == nil && due {
		err = j.alone(ctx, backupLease, holder, backupLeaseTime, func() error { return j.backUpNow(ctx) })
	}
	if err != nil && ctx.Err() == nil {
		j.Log.Error("the backup failed", "last good backup", lastBackup(j.Backups.Last()), "next attempt in", backupInterval, "error", err)
	}
	return nil
}

// backUpNow makes a backup, unless another copy of the server has made one since this one looked.
func (j Jobs) backUpNow(ctx context.Context) error {
	due, err := j.Backups.Due(ctx)
	if err != nil || !due {
		return err
	}
	started := time.Now()
	name, m, err := j.Backups.Run(ctx)
	if name != "" {
		j.Log.Info("made a backup", "name", name, "pictures", m.Covers.Count, "took", time.Since(started).Round(time.Millisecond))
	}
	return err
}

func lastBackup(at time.Time) string {
	if at.IsZero() {
		return "none"
	}
	return at.Format(time.RFC3339)
}
