package tests

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// disks returns the disks that a test can make full: a small disk image, which needs no privileges.
func disks(t *testing.T) []disk {
	t.Helper()
	image, folder := filepath.Join(t.TempDir(), "small.dmg"), t.TempDir()
	hdiutil(t, "create", "-size", "16m", "-fs", "HFS+", "-volname", "bookplate", image)
	hdiutil(t, "attach", "-nobrowse", "-mountpoint", folder, image)
	t.Cleanup(func() { hdiutil(t, "detach", "-force", folder) })
	return []disk{{"small disk", folder, fillDisk(folder), freeDisk(folder), true}}
}

func hdiutil(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("hdiutil", args...).CombinedOutput(); err != nil {
		t.Fatalf("hdiutil %v: %v\n%s", args, err, out)
	}
}
