package policy_test

import (
	"testing"
	"time"

	"vpsops/policy"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func window(t testing.TB, text string) policy.Window {
	t.Helper()
	w, err := policy.ParseWindow(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWindowsAreOpenFromStartToEnd(t *testing.T) {
	const freeze, weekend, one = "2026-12-20/2027-01-04", "Fri 16:00/Mon 08:00", "2026-12-24 12:00/2026-12-24 18:00"
	for _, tt := range []struct {
		window, at string
		open       bool
	}{
		{weekend, "2026-11-27 15:59:59", false},
		{weekend, "2026-11-27 16:00:00", true},
		{weekend, "2026-11-29 12:00:00", true},
		{weekend, "2026-11-30 07:59:59", true},
		{weekend, "2026-11-30 08:00:00", false},
		{weekend, "2026-11-25 16:00:00", false},
		{"Mon 09:00/Mon 17:00", "2026-11-30 12:00:00", true},
		{"Mon 09:00/Mon 17:00", "2026-12-01 12:00:00", false},
		{"mon 17:00/mon 09:00", "2026-11-30 12:00:00", false}, // all the week but the day
		{"mon 17:00/mon 09:00", "2026-12-03 12:00:00", true},
		{"Thu 00:00/Fri 00:00", "2026-11-26 00:00:00", true},
		{"Wed 23:00/Thu 01:00", "2026-11-26 00:59:59", true},
		{"Wed 23:00/Thu 01:00", "2026-11-26 01:00:00", false},
		{"Wed 23:00/Thu 01:00", "1969-12-31 23:30:00", true}, // before the clock's zero
		{"Wed 23:00/Thu 01:00", "1969-12-31 22:30:00", false},
		{freeze, "2026-12-19 23:59:59", false},
		{freeze, "2026-12-20 00:00:00", true},
		{freeze, "2027-01-04 23:59:59", true}, // the last day counts
		{freeze, "2027-01-05 00:00:00", false},
		{freeze, "2027-12-25 12:00:00", false}, // once
		{one, "2026-12-24 11:59:59", false},
		{one, "2026-12-24 12:00:00", true},
		{one, "2026-12-24 18:00:00", false},
	} {
		for _, in := range []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"} {
			at, err := time.ParseInLocation(time.DateTime, tt.at, zone(t, in))
			if err != nil {
				t.Fatal(err)
			}
			if got := window(t, tt.window).Contains(at.UTC(), zone(t, in)); got != tt.open {
				t.Errorf("%s at %s in %s: open %t", tt.window, tt.at, in, got)
			}
		}
	}
}

// TestWindowsHaveNoHolesWhereClocksChange goes by the minute through the
// changes of 2026: in Berlin 02:00 becomes 03:00 on 29 March and 03:00 becomes
// 02:00 on 25 October, both at 01:00 UTC.
func TestWindowsHaveNoHolesWhereClocksChange(t *testing.T) {
	for _, tt := range []struct {
		name, zone, window string
		opens, closes      string // UTC
	}{
		{"over the skipped hour", "Europe/Berlin", "Sun 01:00/Sun 04:00", "2026-03-29 00:00", "2026-03-29 02:00"},
		{"from within the skipped hour", "Europe/Berlin", "Sun 02:30/Sun 04:00", "2026-03-29 01:00", "2026-03-29 02:00"},
		{"until within the skipped hour", "Europe/Berlin", "Sun 01:00/Sun 02:30", "2026-03-29 00:00", "2026-03-29 01:00"},
		{"over the hour that comes twice", "Europe/Berlin", "Sun 01:00/Sun 04:00", "2026-10-24 23:00", "2026-10-25 03:00"},
		{"from within the hour that comes twice", "Europe/Berlin", "Sun 02:30/Sun 04:00", "2026-10-25 00:30", "2026-10-25 03:00"},
		{"until within the hour that comes twice", "Europe/Berlin", "Sun 01:00/Sun 02:30", "2026-10-24 23:00", "2026-10-25 01:30"},
		{"inside the hour that comes twice", "Europe/Berlin", "Sun 02:15/Sun 02:45", "2026-10-25 00:15", "2026-10-25 01:45"},
		{"dated, from within it", "Europe/Berlin", "2026-10-25 02:30/2026-10-25 04:00", "2026-10-25 00:30", "2026-10-25 03:00"},
		{"a day of 25 hours", "Europe/Berlin", "2026-10-25/2026-10-25", "2026-10-24 22:00", "2026-10-25 23:00"},
		{"half an hour's change", "Australia/Lord_Howe", "Sun 01:45/Sun 03:00", "2026-04-04 14:45", "2026-04-04 16:30"},
		{"New York's weekend", "America/New_York", "Fri 16:00/Mon 08:00", "2026-10-30 20:00", "2026-11-02 13:00"},
		{"a day that a zone left out", "Pacific/Apia", "Thu 12:00/Sat 12:00", "2011-12-29 22:00", "2011-12-30 22:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := func(text string) time.Time {
				m, err := time.Parse("2006-01-02 15:04", text)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			w, z := window(t, tt.window), zone(t, tt.zone)
			for m := at(tt.opens).Add(-6 * time.Hour); m.Before(at(tt.closes).Add(6 * time.Hour)); m = m.Add(time.Minute) {
				want := !m.Before(at(tt.opens)) && m.Before(at(tt.closes))
				if got := w.Contains(m, z); got != want {
					t.Fatalf("at %s (%s) open is %t", m, m.In(z).Format(time.DateTime), got)
				}
			}
		})
	}
}

func FuzzWindow(f *testing.F) {
	for _, text := range []string{"Fri 16:00/Mon 08:00", "2026-12-20/2027-01-04", "Sun 02:30/Sun 03:30", "2026-10-25 02:30/2026-10-25 02:45", "Fri/Mon", "/"} {
		for i := range int64(4) {
			f.Add(text, 1_792_890_000+i*1800, int(i))
		}
	}
	zones := []*time.Location{time.UTC}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns"} {
		zones = append(zones, zone(f, name))
	}
	f.Fuzz(func(t *testing.T, text string, at int64, in int) {
		w, err := policy.ParseWindow(text)
		if err != nil {
			return
		}
		again, err := policy.ParseWindow(w.String())
		if err != nil || again != w {
			t.Fatalf("%q is read again as %v, %v", text, again, err)
		}
		z := zones[uint(in)%uint(len(zones))]
		moment := time.Unix(at%(1<<33), 0)
		open := w.Contains(moment, z)
		// Where no clock changes near, the reading of the clock decides.
		_, offset := moment.In(z).Zone()
		_, before := moment.Add(-25 * time.Hour).In(z).Zone()
		_, after := moment.Add(25 * time.Hour).In(z).Zone()
		if offset == before && offset == after {
			fixed := time.FixedZone("", offset)
			if w.Contains(moment, fixed) != open {
				t.Fatalf("%q at %s is open %t in %s, not by the same clock elsewhere", text, moment, open, z)
			}
		}
	})
}

func TestNearAClockChangeOtherReadingsDoNotCount(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, tt := range []struct {
		window, at string
		open       bool
	}{
		// The clock went back from 03:00 to 02:00 and never read 03:00 before.
		{"Sun 03:00/Sun 04:00", "2026-10-25T01:30:00Z", false},
		{"Sun 02:59/Sun 04:00", "2026-10-25T01:30:00Z", true},
		{"2026-10-25 03:00/2026-10-25 04:00", "2026-10-25T01:59:59Z", false},
		// It goes forward at 02:00: what ended before stays ended.
		{"Sat 00:00/Sun 01:00", "2027-03-28T00:30:00Z", false},
		{"Sat 00:00/Sun 01:31", "2027-03-28T00:30:00Z", true},
	} {
		w, err := policy.ParseWindow(tt.window)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, tt.at)
		if w.Contains(at, berlin) != tt.open {
			t.Errorf("%s at %s is open: %t", tt.window, tt.at, !tt.open)
		}
	}
}
