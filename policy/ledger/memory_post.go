package ledger

import (
	"cmp"
	"slices"
)

func (v memoryView) Posts(requestID string) ([]Post, error) {
	var posts []Post
	for k, p := range v.m.posts {
		if k.request == requestID {
			posts = append(posts, p)
		}
	}
	slices.SortFunc(posts, func(a, b Post) int { return cmp.Compare(a.Name, b.Name) })
	return posts, nil
}

func (v memoryView) OpenPosts(limit int) ([]Post, error) {
	var posts []Post
	for _, p := range v.m.posts {
		if !p.Done {
			posts = append(posts, p)
		}
	}
	slices.SortFunc(posts, func(a, b Post) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.RequestID, b.RequestID)) })
	return posts[:min(limit, len(posts))], nil
}

func (t *memoryTx) PutPost(p Post) (Post, error) {
	key := postKey{p.RequestID, p.Name}
	old, kept := t.m.posts[key]
	if kept != (p.Version > 0) || old.Version != p.Version {
		return Post{}, ErrConflict
	}
	t.onRollback(func() {
		if delete(t.m.posts, key); kept {
			t.m.posts[key] = old
		}
	})
	p.Version++
	t.m.posts[key] = p
	if p.Problem != old.Problem {
		t.changed = append(t.changed, p.RequestID)
	}
	return p, nil
}
