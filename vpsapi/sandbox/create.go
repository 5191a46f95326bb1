package sandbox

import (
	"fmt"
	"net/http"
	"slices"
)

type createFields struct {
	name, location, hostname string
	plan                     *Plan
	os                       *System
	backups                  bool
}

func (s *Sandbox) createServer(c *call) answer {
	f, bad := readForm(c)
	if bad != nil {
		return *bad
	}
	want := readCreate(f)
	if a, ok := f.refusal(); ok {
		return a
	}
	if price, err := want.plan.PriceMonthly.Float64(); err != nil || price > s.opts.Credit {
		return detail(http.StatusPaymentRequired,
			fmt.Sprintf("Insufficient credits: %s costs $%s a month.", want.plan.Name, want.plan.PriceMonthly))
	}
	now := s.opts.Now()
	sv := &server{
		name: want.name, hostname: want.hostname, location: want.location,
		plan: want.plan, os: want.os, backups: want.backups, created: now,
	}
	s.fleet.add(sv)
	s.fleet.begin(sv, provisioning, now)
	return done(reply(http.StatusCreated, sv.createdView()))
}

func readCreate(f *form) createFields {
	var want createFields
	want.name, _ = f.name(required)
	want.hostname, _ = f.hostname(optional)
	want.backups, _ = f.boolean("backups_enabled", optional)
	if key, ok := f.integer("ssh_key_id", nullable); ok && key < 1 {
		f.fail("ssh_key_id", missingObject(key))
	}
	if id, ok := f.integer("os_id", required); ok {
		if want.os = systemByID(id); want.os == nil {
			f.fail("os_id", missingObject(id))
		}
	}
	location, located := f.text("location", required)
	if located && !slices.Contains(locations, location) {
		f.fail("location", fmt.Sprintf("%q is not a valid choice.", location))
		located = false
	}
	want.location = location
	want.plan = readPlan(f, location, located)
	return want
}

func readPlan(f *form, location string, located bool) *Plan {
	id, ok := f.integer("plan_id", required)
	if !ok {
		return nil
	}
	p := planByID(id)
	switch {
	case p == nil:
		f.fail("plan_id", missingObject(id))
	case !p.Available:
		f.fail("plan_id", "This plan is not available.")
	case located && !slices.Contains(p.Locations, location):
		f.fail("plan_id", "This plan is not available in "+location+".")
	}
	return p
}

func missingObject(id int64) string {
	return fmt.Sprintf(`Invalid pk "%d" - object does not exist.`, id)
}
