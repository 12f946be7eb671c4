package copies

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
	"bookplate/storage/blob"
)

// parallel is the number of pictures that are copied at the same time. Copying mostly waits for disks and servers.
const parallel = 8

// checking is the prefix of the names of steps that check an earlier step.
const checking = "check of "

// Covers is a blob.Store that can only be read.
type Covers interface {
	List(ctx context.Context) iter.Seq2[blob.Info, error]
	Open(ctx context.Context, key string) (blob.Object, error)
}

func (c *copier) copyCovers(ctx context.Context) (digest, error) {
	return eachPicture(ctx, c.from.Covers, c.mark, func(key string, content []byte, done int64) error {
		c.progress(coversLine, done, max(done, c.pictures))
		return c.store(ctx, key, content)
	})
}

// store stores a picture. An interrupted copy may have stored it already, whole or in part.
func (c *copier) store(ctx context.Context, key string, content []byte) error {
	if c.resumed {
		stored, err := readPicture(ctx, c.to.Covers, key)
		if err == nil && bytes.Equal(stored, content) {
			return nil
		}
		if err := c.to.Covers.Delete(ctx, key); err != nil {
			return err
		}
	}
	return c.to.Covers.Put(ctx, key, content)
}

// checkCovers reads all pictures of the target. total is their expected number.
func (c *copier) checkCovers(ctx context.Context, total int64) (digest, error) {
	return eachPicture(ctx, c.to.Covers, c.mark, func(_ string, _ []byte, done int64) error {
		c.progress(checking+coversLine, done, max(done, total))
		return nil
	})
}

// eachPicture calls do with each picture of the library with this mark, concurrently, and returns a digest of the
// pictures. done is the number of pictures before this one.
//
// It skips pictures with another mark, because they belong to another library in the same place. It does not skip
// pictures of early versions, which have no mark. An empty mark skips none.
func eachPicture(
	ctx context.Context, covers Covers, mark string, do func(key string, content []byte, done int64) error,
) (digest, error) {
	var d digest
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for info, err := range covers.List(ctx) {
		if err != nil {
			return d, errors.Join(group.Wait(), err)
		}
		if other := models.CoverMarkOf(info.Key); mark != "" && other != "" && other != mark {
			continue
		}
		group.Go(func() error {
			content, err := readPicture(ctx, covers, info.Key)
			if err != nil {
				return skipMissing(err)
			}
			mu.Lock()
			done := d.count
			d.addCover(info.Key, content)
			mu.Unlock()
			return do(info.Key, content, done)
		})
	}
	err := group.Wait()
	return d, err
}

// skipMissing returns nil if err is NotFound. A store may list a picture that was stored only in part, but cannot open
// it.
func skipMissing(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return nil
	}
	return err
}

func readPicture(ctx context.Context, covers Covers, key string) ([]byte, error) {
	object, err := covers.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer object.Close() //nolint:errcheck // it was only read
	return io.ReadAll(object)
}
