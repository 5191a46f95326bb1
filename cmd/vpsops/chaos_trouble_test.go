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
	{"PostgreSQL is killed for good, and its standby takes over", (*town).failOver},
	{"PostgreSQL's disk is full", (*town).fillDisk},
	{"all connections to PostgreSQL are cut", (*town).cutDatabase},
	{"two replicas are killed at once", (*town).killTwo},
	{"all connections to Slack are cut", (*town).cutSlack},
	{"Slack's API fails for some seconds", (*town).flapSlack},
	{"a replica's clock is off (2 to 60 minutes)", (*town).shiftClock},
	{"a newer version's migration adds to the schema", (*town).expand},
	{"a rolling restart (SIGTERM)", (*town).rollingRestart},
	{"a rolling upgrade, after going back to an older version", (*town).upgrade},
}

// trouble makes each once, and then whichever, until ctx ends.
func (c *town) trouble(ctx context.Context, r *rand.Rand) {
	c.count("trouble: a rolling upgrade that migrates the ledger, both versions serving for a while")
	c.upgradeFirst(ctx, r)
	for _, i := range r.Perm(len(troubles)) {
		<-time.After(time.Duration(500+r.IntN(1500)) * time.Millisecond)
		c.makeTrouble(ctx, r, i)
	}
	for ctx.Err() == nil {
		wait(ctx, time.Duration(1000+r.IntN(3000))*time.Millisecond)
		c.makeTrouble(ctx, r, r.IntN(len(troubles)))
	}
}

func (c *town) makeTrouble(ctx context.Context, r *rand.Rand, i int) {
	began := time.Now()
	c.count("trouble: " + troubles[i].name)
	troubles[i].make(c, ctx, r)
	c.Logf("%s: %s", troubles[i].name, round(time.Since(began)))
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
	if err := c.pair.Primary().Kill(); err != nil {
		c.Error(err)
	}
	wait(ctx, time.Duration(r.IntN(3000))*time.Millisecond)
	if err := c.pair.Primary().Run(); err != nil {
		c.Fatal(err)
	}
}

func (c *town) failOver(ctx context.Context, r *rand.Rand) {
	ctx = context.WithoutCancel(ctx)
	if err := c.pair.InStep(ctx); err != nil { // nobody would promote one that is not
		c.Fatal(err)
	}
	if err := c.pair.FailOver(ctx); err != nil {
		c.Fatal(err)
	}
	wait(ctx, time.Duration(r.IntN(3000))*time.Millisecond)
	if err := c.pair.Rejoin(ctx); err != nil {
		c.Fatal(err)
	}
}

// fillDisk takes what space PostgreSQL has in hand, too.
func (c *town) fillDisk(ctx context.Context, r *rand.Rand) {
	primary := c.pair.Primary()
	if err := primary.FillDisk(); err != nil {
		c.Fatal(err)
	}
	const more = "CREATE TABLE IF NOT EXISTS space (taken TEXT); INSERT INTO space SELECT md5(i::text) FROM generate_series(1, 10000) i"
	for primary.Exec(context.WithoutCancel(ctx), more) == nil {
	}
	wait(ctx, time.Duration(3000+r.IntN(5000))*time.Millisecond)
	if err := primary.FreeDisk(); err != nil {
		c.Fatal(err)
	}
}

func (c *town) cutDatabase(ctx context.Context, _ *rand.Rand) {
	err := c.pair.Exec(context.WithoutCancel(ctx), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vpsops'")
	if err != nil {
		c.Error(err)
	}
}

// expand does to the schema what the first replica of a newer version would: the
// older ones go on with it, and start on it.
func (c *town) expand(ctx context.Context, _ *rand.Rand) {
	c.expanded++
	err := c.pair.Exec(context.WithoutCancel(ctx), fmt.Sprintf(`SET search_path = %[1]s; BEGIN;
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
