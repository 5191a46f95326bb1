package sandbox

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

const firstID = 12345

// fleet is the account's servers in the order of their ids.
type fleet struct {
	servers []*server
	nextID  int64
	seed    uint64
	speed   float64
}

func newFleet(o Options) fleet {
	f := fleet{nextID: firstID, seed: o.Seed, speed: o.Speed}
	f.servers = make([]*server, 0, o.Servers)
	names := newNamer(o.Seed)
	for i := range o.Servers {
		if i < len(specified) {
			sv := specified[i]
			f.add(&sv)
			continue
		}
		f.add(f.invent(i, o.Servers, names))
	}
	return f
}

// specified are the two servers of the specification's page, field by field.
// The page gives 12345 two times of its last change; this is the list's.
var specified = []server{
	{
		name: "web-server-01", hostname: "web01.example.com", status: StatusActive,
		ip: "203.0.113.10", ipv6: "2001:0db8::1", location: "us-west",
		plan: planByID(1), os: systemByID(5), backups: true,
		created: time.Date(2025, 1, 10, 14, 30, 0, 0, time.UTC),
		updated: time.Date(2025, 1, 15, 10, 20, 0, 0, time.UTC),
	},
	{
		name: "db-server-01", hostname: "db01.example.com", status: StatusActive,
		ip: "203.0.113.11", ipv6: "2001:0db8::2", location: "us-east",
		plan: planByID(2), os: systemByID(3), backups: true,
		created: time.Date(2025, 1, 12, 9, 15, 0, 0, time.UTC),
		updated: time.Date(2025, 1, 16, 8, 45, 0, 0, time.UTC),
	},
}

// invent makes the i-th of n servers, and spreads their making over 2025.
func (f *fleet) invent(i, n int, names *namer) *server {
	h := mix(f.seed, uint64(i))
	name := names.next(i)
	ip, ipv6 := addresses(f.nextID)
	sv := &server{
		name: name, hostname: name + ".example.com", status: inventStatus(i, h),
		ip: ip, ipv6: ipv6, location: pick(locations, h>>8),
		os: &systems[h>>16%uint64(len(systems))], backups: h>>24%3 == 0,
	}
	sv.plan = pick(inventPlans, h>>32)
	if !slices.Contains(sv.plan.Locations, sv.location) {
		sv.plan = planByID(1)
	}
	const year = 330 * 24 * time.Hour
	step := year / time.Duration(n)
	sv.created = time.Date(2025, 1, 13, 7, 0, 0, 0, time.UTC).
		Add(step*time.Duration(i) + step/1000*time.Duration(h>>40%1000)).Truncate(time.Second)
	sv.updated = sv.created.Add(time.Duration(h>>48%40000) * time.Second)
	return sv
}

var inventPlans = []*Plan{planByID(1), planByID(1), planByID(2), planByID(3), planByID(4), planByID(5)}

// inventStatus keeps one stopped and one suspended server in the smallest
// fleets, so that a demonstration has something to start.
func inventStatus(i int, h uint64) string {
	switch r := h % 100; {
	case i == 4:
		return StatusStopped
	case i == 5:
		return StatusSuspended
	case i < 4 || r < 85:
		return StatusActive
	case r < 97:
		return StatusStopped
	default:
		return StatusSuspended
	}
}

// addresses are a function of the id, so that no two servers ever share one.
func addresses(id int64) (ip, ipv6 string) {
	n := uint32(id - firstID)
	switch {
	case n < 240:
		ip = fmt.Sprintf("203.0.113.%d", n+10)
	case n < 1<<17:
		ip = ipv4(198<<24 | 18<<16 + n)
	default:
		ip = ipv4(10<<24 + n)
	}
	ipv6 = fmt.Sprintf("2001:db8::%x", (n+1)&0xffff)
	if high := (n + 1) >> 16; high > 0 {
		ipv6 = fmt.Sprintf("2001:db8::%x:%x", high, (n+1)&0xffff)
	}
	return ip, ipv6
}

func ipv4(n uint32) string {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()
}

// add gives a server the next id. An id is never given twice.
func (f *fleet) add(sv *server) {
	sv.id = f.nextID
	f.nextID++
	f.servers = append(f.servers, sv)
}

func (f *fleet) search(id int64) (int, bool) {
	return slices.BinarySearchFunc(f.servers, id, func(sv *server, id int64) int {
		return cmp.Compare(sv.id, id)
	})
}

func (f *fleet) find(id int64) *server {
	i, ok := f.search(id)
	if !ok {
		return nil
	}
	return f.servers[i]
}

func (f *fleet) remove(id int64) bool {
	i, ok := f.search(id)
	if ok {
		f.servers = slices.Delete(f.servers, i, i+1)
	}
	return ok
}

func pick[T any](of []T, h uint64) T { return of[h%uint64(len(of))] }

// mix is a hash of two numbers (the finisher of SplitMix64): random enough to
// look real, and the same for the same seed.
func mix(seed, n uint64) uint64 {
	z := seed*0x9e3779b97f4a7c15 + n*0xd1b54a32d192ed03 + 0x632be59bd9b4e019
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
