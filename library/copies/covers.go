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

// parallel is the number of pictures that are read and stored at the same time. Most of the time goes to waiting for disks
// and servers.
const parallel = 8

// checking begins the names of steps that check the result of an earlier step.
const checking = "check of "

// Covers is the part of a blob.Store that can be read.
type Covers interface {
	List(ctx context.Context) iter.Seq2[blob.Info, error]
	Open(ctx context.Context, key string) (blob.Object, error)
}

// copyCovers copies all pictures.
func (c *copier) copyCovers(ctx context.Context) (digest, error) {
	return eachPicture(ctx, c.from.Covers, c.mark, func(key string, content []byte, done int64) error {
		c.progress(coversLine, done, max(done, c.pictures))
		return c.store(ctx, key, content)
	})
}

// store stores a picture. An interrupted call may have stored it or a part of it.
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

// checkCovers reads all pictures of the target, which should have so many.
func (c *copier) checkCovers(ctx context.Context, total int64) (digest, error) {
	return eachPicture(ctx, c.to.Covers, c.mark, func(_ string, _ []byte, done int64) error {
		c.progress(checking+coversLine, done, max(done, total))
		return nil
	})
}

// eachPicture calls do with each picture of the library with this mark, for several pictures at once. done is the number of
// pictures before this one. It returns a digest of the pictures. Pictures with another mark are skipped, because they belong
// to another library in the same place. Pictures without a mark were stored by an early version. An empty mark skips none.
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

// skipMissing returns nil if err says that there is no picture. The list of a store may have pictures that an interrupted
// call has stored in part.
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
