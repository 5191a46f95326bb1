package sandbox

import "net/http"

func (s *Sandbox) getServer(_ *call, sv *server) answer {
	return reply(http.StatusOK, s.detail(sv))
}

func (s *Sandbox) replaceServer(c *call, sv *server) answer { return s.update(c, sv, required) }

func (s *Sandbox) patchServer(c *call, sv *server) answer { return s.update(c, sv, optional) }

// update changes the three fields that can be; any other in the body is
// ignored, as the framework does.
func (s *Sandbox) update(c *call, sv *server, need presence) answer {
	f, bad := readForm(c)
	if bad != nil {
		return *bad
	}
	name, named := f.name(need)
	hostname, hosted := f.hostname(need)
	backups, backed := f.boolean("backups_enabled", need)
	if a, ok := f.refusal(); ok {
		return a
	}
	if named {
		sv.name = name
	}
	if hosted {
		sv.hostname = hostname
	}
	if backed {
		sv.backups = backups
	}
	sv.updated = s.opts.Now()
	return done(reply(http.StatusOK, s.detail(sv)))
}

func (s *Sandbox) deleteServer(_ *call, sv *server) answer {
	s.fleet.remove(sv.id)
	return answer{status: http.StatusNoContent, header: http.Header{}, executed: true}
}
