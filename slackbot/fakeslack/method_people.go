package fakeslack

import (
	"cmp"
	"maps"
	"slices"
)

func (s *Slack) authTest(args Args) (map[string]any, *apiError) {
	t, a := s.opts.Team, s.opts.App
	answer := map[string]any{
		"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID,
		"user": a.Name, "user_id": a.BotUser, "bot_id": a.BotID, "is_enterprise_install": false,
	}
	return answer, nil
}

func (s *Slack) teamInfo(Args) (map[string]any, *apiError) {
	t := s.opts.Team
	return map[string]any{"team": map[string]any{"id": t.ID, "name": t.Name, "domain": t.Domain}}, nil
}

func (s *Slack) botsInfo(args Args) (map[string]any, *apiError) {
	a := s.opts.App
	if cmp.Or(args.Get("bot"), a.BotID) != a.BotID {
		return nil, fail("bot_not_found")
	}
	return map[string]any{"bot": map[string]any{
		"id": a.BotID, "app_id": a.ID, "user_id": a.BotUser, "name": a.Name, "deleted": false,
	}}, nil
}

func (s *Slack) usersInfo(args Args) (map[string]any, *apiError) {
	u, ok := s.state.users[args.Get("user")]
	if !ok {
		return nil, fail("user_not_found")
	}
	return map[string]any{"user": s.userJSON(u)}, nil
}

// userJSON is a user object.
// https://docs.slack.dev/reference/objects/user-object
func (s *Slack) userJSON(u User) map[string]any {
	profile := map[string]any{
		"real_name": u.RealName, "display_name": u.DisplayName, "email": u.Email, "team": u.Team,
	}
	if u.Bot {
		profile["api_app_id"], profile["bot_id"] = s.opts.App.ID, s.opts.App.BotID
	}
	return map[string]any{
		"id": u.ID, "team_id": u.Team, "name": u.Name, "real_name": u.RealName, "deleted": u.Deactivated,
		"profile": profile, "tz": "Europe/Berlin", "tz_offset": 3600,
		"is_admin": u.Admin, "is_owner": u.Owner, "is_primary_owner": false,
		"is_restricted": u.Guest || u.SingleGuest, "is_ultra_restricted": u.SingleGuest,
		"is_bot": u.Bot || u.Workflow, "is_workflow_bot": u.Workflow, "is_app_user": false,
		"is_stranger": u.Team != s.opts.Team.ID, "updated": 1_700_000_000,
	}
}

func (s *Slack) userGroupsList(args Args) (map[string]any, *apiError) {
	if failed := s.pace("usergroups.list", tier2Calls, tier2Window); failed != nil {
		return nil, failed
	}
	if s.opts.Team.FreePlan {
		return nil, fail("plan_upgrade_required")
	}
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.state.groups)) {
		g := s.state.groups[id]
		if !g.Disabled || args.bool("include_disabled") {
			list = append(list, s.groupJSON(g, args.bool("include_users")))
		}
	}
	return map[string]any{"usergroups": list}, nil
}

// groupJSON is a usergroup object.
// https://docs.slack.dev/reference/objects/usergroup-object
func (s *Slack) groupJSON(g UserGroup, users bool) map[string]any {
	deleted := 0
	if g.Disabled {
		deleted = 1_700_000_000
	}
	out := map[string]any{
		"id": g.ID, "team_id": s.opts.Team.ID, "is_usergroup": true, "is_subteam": true, "is_external": false,
		"name": g.Name, "handle": g.Handle, "description": "", "date_create": 1_700_000_000,
		"date_update": 1_700_000_000, "date_delete": deleted, "user_count": len(g.Users),
		"prefs": map[string]any{"channels": []string{}, "groups": []string{}},
	}
	if users {
		out["users"] = append([]string{}, g.Users...)
	}
	return out
}

func (s *Slack) userGroupsUsersList(args Args) (map[string]any, *apiError) {
	if failed := s.pace("usergroups.users.list", tier2Calls, tier2Window); failed != nil {
		return nil, failed
	}
	if s.opts.Team.FreePlan {
		return nil, fail("plan_upgrade_required")
	}
	g, ok := s.state.groups[args.Get("usergroup")]
	if !ok || (g.Disabled && !args.bool("include_disabled")) {
		return nil, fail("no_such_subteam")
	}
	return map[string]any{"users": append([]string{}, g.Users...)}, nil
}
