package fakeslack

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// readScope is the scope by which a conversation is read: it depends on what it
// is. https://docs.slack.dev/reference/methods/conversations.info
func (s *Slack) readScope(args Args) []string {
	c := s.state.channels[args.Get("channel")]
	switch {
	case c.With != "":
		return []string{"im:read"}
	case c.Private:
		return []string{"groups:read"}
	}
	return []string{"channels:read"}
}

// readable is a channel that the app knows of. Callers hold s.mu.
func (s *Slack) readable(id string) (Channel, *apiError) {
	c, ok := s.state.channels[id]
	if !ok || (c.Private && !c.has(s.opts.App.BotUser)) {
		return c, fail("channel_not_found")
	}
	return c, nil
}

func (s *Slack) conversationsInfo(args Args) (map[string]any, *apiError) {
	c, failed := s.readable(args.Get("channel"))
	if failed != nil {
		return nil, failed
	}
	info := s.channelJSON(c)
	if args.bool("include_num_members") {
		info["num_members"] = len(c.Members)
	}
	return map[string]any{"channel": info}, nil
}

// channelJSON is a conversation object.
// https://docs.slack.dev/reference/objects/conversation-object
func (s *Slack) channelJSON(c Channel) map[string]any {
	if c.With != "" {
		return map[string]any{"id": c.ID, "is_im": true, "user": c.With, "is_ext_shared": false, "context_team_id": s.opts.Team.ID}
	}
	return map[string]any{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "is_channel": !c.Private, "is_group": c.Private, "is_im": false,
		"is_mpim": false, "is_private": c.Private, "is_archived": c.Archived, "is_member": c.has(s.opts.App.BotUser),
		// is_shared is true of an organization's own shared channels as well:
		// is_ext_shared alone tells of other workspaces.
		"is_shared": c.ExtShared, "is_ext_shared": c.ExtShared, "is_org_shared": false, "is_pending_ext_shared": false,
		"context_team_id": s.opts.Team.ID,
	}
}

func (s *Slack) conversationsMembers(args Args) (map[string]any, *apiError) {
	c, failed := s.readable(args.Get("channel"))
	if failed != nil {
		return nil, failed
	}
	members, next, failed := page(c.Members, args)
	if failed != nil {
		return nil, failed
	}
	return map[string]any{"members": members, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// page is the part of a list that a call asks for, and the cursor of the next.
// https://docs.slack.dev/apis/web-api/pagination
func page(list []string, args Args) (part []string, next string, failed *apiError) {
	limit, from := 100, 0
	if n, err := strconv.Atoi(args.Get("limit")); err == nil && n > 0 && n <= 1000 {
		limit = n
	}
	if cursor := args.Get("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		from, _ = strconv.Atoi(strings.TrimPrefix(string(raw), "next:"))
		if err != nil || from <= 0 || from > len(list) {
			return nil, "", fail("invalid_cursor")
		}
	}
	to := min(from+limit, len(list))
	if to < len(list) {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(to)))
	}
	return append([]string{}, list[from:to]...), next, nil
}

func (s *Slack) conversationsOpen(args Args) (map[string]any, *apiError) {
	users := strings.Split(args.Get("users"), ",")
	if len(users) != 1 {
		return nil, fail("too_many_users") // a direct message with several isn't simulated
	}
	u, ok := s.state.users[users[0]]
	switch {
	case !ok:
		return nil, fail("user_not_found")
	case u.Deactivated:
		return nil, fail("user_disabled")
	case u.Bot || u.Workflow:
		return nil, fail("cannot_dm_bot")
	}
	c := s.directMessage(u.ID)
	channel := map[string]any{"id": c.ID}
	if args.bool("return_im") {
		channel = s.channelJSON(c)
	}
	return map[string]any{"channel": channel}, nil
}
