//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// build is a program of another version.
type build struct {
	version string
	path    string
}

// olderBuilds are what upgrades begin from. Where the history is not at hand, both
// are of this source, and other versions by name alone.
type olderBuilds struct {
	first build // the last that had not the newest migration
	back  build // the last of those, or the first after them, that goes on with a newer schema
}

func buildOlder(t *testing.T) olderBuilds {
	t.Helper()
	first, back, err := olderCommits()
	if err != nil {
		t.Logf("upgrades are from this very source: %v", err)
		return olderBuilds{build{"first", buildIn(t, root, "first")}, build{"back", buildIn(t, root, "back")}}
	}
	return olderBuilds{buildOf(t, first), buildOf(t, back)}
}

const root = "../.."

func olderCommits() (first, back string, err error) {
	migration, err := git("log", "-n", "1", "--diff-filter=A", "--format=%H", "--", "policy/ledger/migrations")
	if err != nil {
		return "", "", err
	}
	if first, err = git("rev-parse", "--short", migration+"^"); err != nil {
		return "", "", err
	}
	eras, err := git("log", "--reverse", "--format=%h", "-S", "eraSize =", "--", "policy/ledger/migrate.go")
	if err != nil {
		return "", "", err
	}
	eras, _, _ = strings.Cut(eras, "\n")
	if _, err := git("merge-base", "--is-ancestor", eras, first); err == nil {
		return first, first, nil
	}
	return first, eras, nil
}

func git(args ...string) (said string, err error) {
	text, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
	if said = strings.TrimSpace(string(text)); err == nil && said == "" && args[0] != "merge-base" && args[0] != "archive" {
		err = fmt.Errorf("git %s: nothing", args[0])
	}
	return said, err
}

// buildOf builds a commit's source.
func buildOf(t *testing.T, commit string) build {
	t.Helper()
	folder := t.TempDir()
	archive, source := filepath.Join(folder, "source.tar"), filepath.Join(folder, "source")
	if _, err := git("archive", "-o", archive, commit); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("tar", "-xf", archive, "-C", source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return build{commit, buildIn(t, source, commit)}
}

func buildIn(t *testing.T, source, version string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "vpsops")
	c := exec.Command("go", "build", "-ldflags", "-X main.version="+version, "-o", path, "./cmd/vpsops")
	c.Dir = source
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return path
}

// upgradeFirst has the replicas, which began as the version before the newest
// migration, replaced by this one.
func (c *town) upgradeFirst(ctx context.Context, r *rand.Rand) {
	c.replace(ctx, r, build{version: version})
}

// upgrade goes back to an older version, and on to this one again.
func (c *town) upgrade(ctx context.Context, r *rand.Rand) {
	c.replace(ctx, r, c.older.back)
	c.replace(ctx, r, build{version: version})
}

// replace puts another build in the place of each replica, one after the other:
// both serve for a while.
func (c *town) replace(ctx context.Context, r *rand.Rand, by build) {
	c.Helper()
	before := c.replicas[0].build.version
	for i, replica := range c.replicas {
		replica.house().end()
		replica.build = by
		replica.open()
		if i == 0 {
			wait(ctx, time.Duration(1000+r.IntN(3000))*time.Millisecond)
			c.bothServe(before, by.version)
		}
	}
}

// bothServe makes sure that each version is there.
func (c *town) bothServe(versions ...string) {
	c.Helper()
	c.until("replicas of both versions that serve", func() bool {
		there := make(map[string]bool)
		for _, r := range c.replicas {
			there[r.ready().Posture.Version] = true
		}
		for _, v := range versions {
			if !there[v] {
				return false
			}
		}
		return true
	})
}
