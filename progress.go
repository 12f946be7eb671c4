package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressInterval is the time between two lines of progress in an output that is not a terminal.
const progressInterval = 5 * time.Second

// progress shows how much of a command's work is done. On a terminal it draws a bar for each step. In another output it
// writes a line every progressInterval.
type progress struct {
	out      io.Writer
	terminal bool

	mu   sync.Mutex
	step string
	bar  *progressbar.ProgressBar // nil before the first step
	next time.Time                // of the next line
}

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	return &progress{out: out, terminal: ok && term.IsTerminal(int(file.Fd())), next: time.Now().Add(progressInterval)}
}

// report is a copies.Progress.
func (p *progress) report(step string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.terminal {
		if now := time.Now(); now.After(p.next) {
			p.next = now.Add(progressInterval)
			_, _ = fmt.Fprintln(p.out, line(step, done, total)) // a command does not fail because its progress cannot be shown
		}
		return
	}
	if step != p.step {
		p.finish()
		p.step = step
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(step),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	if total > 0 {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(done)
}

// line returns a line of progress.
func line(step string, done, total int64) string {
	if total < 0 {
		return fmt.Sprintf("%s: %d", step, done)
	}
	return fmt.Sprintf("%s: %d of %d", step, done, total)
}

// end removes the last bar.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
