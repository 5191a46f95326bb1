//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"syscall"
	"time"
)

var healthLine = regexp.MustCompile(`(?m)^health: +(\S+)`)

// troubles are what is done to the replicas and their database, one after the
// other and each several times.
var troubles = []struct {
	name string
	make func(*town, context.Context, *rand.Rand)
}{
	{"a replica is killed (SIGKILL)", (*town).killOne},
	{"a replica is paused past its lease (SIGSTOP, 17 to 22 s)", (*town).pauseOne},
	{"a replica is paused for a moment", (*town).hiccup},
	{"PostgreSQL is killed and started again", (*town).restartDatabase},
	{"all connections to PostgreSQL are cut", (*town).cutDatabase},
	{"two replicas are killed at once", (*town).killTwo},
	{"all connections to Slack are cut", (*town).cutSlack},
	{"Slack's API fails for some seconds", (*town).flapSlack},
	{"a newer version's migration adds to the schema", (*town).expand},
	{"a rolling restart (SIGTERM)", (*town).rollingRestart},
}

// trouble makes each once, and then whichever, until ctx ends.
func (c *town) trouble(ctx context.Context, r *rand.Rand) {
	order := r.Perm(len(troubles))
	for i := 0; ctx.Err() == nil; i++ {
		wait(ctx, time.Duration(1000+r.IntN(3000))*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
		t := troubles[r.IntN(len(troubles))]
		if i < len(order) {
			t = troubles[order[i]]
		}
		c.count("trouble: " + t.name)
		t.make(c, ctx, r)
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (c *town) one(r *rand.Rand) *replica { return c.replicas[r.IntN(len(c.replicas))] }

func (c *town) killOne(ctx context.Context, r *rand.Rand) {
	victim := c.one(r)
	victim.house().crash()
	wait(ctx, time.Duration(r.IntN(3000))*time.Millisecond)
	victim.open()
}

func (c *town) killTwo(ctx context.Context, r *rand.Rand) {
	first := r.IntN(len(c.replicas))
	pair := []*replica{c.replicas[first], c.replicas[(first+1)%len(c.replicas)]}
	for _, victim := range pair {
		victim.house().crash()
	}
	wait(ctx, time.Duration(r.IntN(2000))*time.Millisecond)
	for _, victim := range pair {
		victim.open()
	}
}

func (c *town) pauseOne(_ context.Context, r *rand.Rand) {
	victim := c.one(r)
	victim.signalTo(syscall.SIGSTOP)
	<-time.After(time.Duration(17000+r.IntN(5000)) * time.Millisecond)
	victim.signalTo(syscall.SIGCONT)
}

func (c *town) hiccup(_ context.Context, r *rand.Rand) {
	victim := c.one(r)
	victim.signalTo(syscall.SIGSTOP)
	<-time.After(time.Duration(500+r.IntN(3000)) * time.Millisecond)
	victim.signalTo(syscall.SIGCONT)
}

func (c *town) restartDatabase(ctx context.Context, r *rand.Rand) {
	if err := c.database.Kill(); err != nil {
		c.Error(err)
	}
	wait(ctx, time.Duration(r.IntN(3000))*time.Millisecond)
	if err := c.database.Run(); err != nil {
		c.Fatal(err)
	}
}

func (c *town) cutDatabase(ctx context.Context, _ *rand.Rand) {
	err := c.database.Exec(context.WithoutCancel(ctx), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vpsops'")
	if err != nil {
		c.Error(err)
	}
}

// expand does to the schema what the first replica of a newer version would: the
// older ones go on with it, and start on it.
func (c *town) expand(ctx context.Context, _ *rand.Rand) {
	c.expanded++
	err := c.database.Exec(context.WithoutCancel(ctx), fmt.Sprintf(`SET search_path = %[1]s; BEGIN;
		CREATE TABLE newer%[2]d (id TEXT PRIMARY KEY);
		ALTER TABLE requests ADD COLUMN newer%[2]d TEXT NOT NULL DEFAULT '';
		ALTER TABLE audit ADD COLUMN newer%[2]d BIGINT NOT NULL DEFAULT 0;
		INSERT INTO vpsops_schema (version_id, is_applied) SELECT MAX(version_id) + 1, true FROM vpsops_schema;
		COMMIT`, c.schema, c.expanded))
	if err != nil {
		c.Error(err)
	}
}

func (c *town) rollingRestart(_ context.Context, _ *rand.Rand) {
	for _, r := range c.replicas {
		r.house().end()
		r.open()
	}
}

// calm brings everything back that trouble may have left behind.
func (c *town) calm() {
	c.slack.Behave()
	for _, r := range c.replicas {
		r.signalTo(syscall.SIGCONT)
		select {
		case <-r.house().ended:
			r.open()
		default:
		}
	}
}
