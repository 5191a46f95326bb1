package fakeslack

import (
	"cmp"
	"slices"
)

// User is an account. Its id alone identifies it: names may repeat.
type User struct {
	ID          string
	Team        string // "" is the app's workspace; any other makes a stranger
	Name        string // the old handle; "" is the id in lower case
	RealName    string // "" is Name
	DisplayName string
	Email       string

	Guest        bool // is_restricted
	SingleGuest  bool // is_ultra_restricted, and so is_restricted
	Bot          bool
	Workflow     bool // is_workflow_bot, and so a bot
	Deactivated  bool
	Admin, Owner bool
}

// Channel is a conversation.
type Channel struct {
	ID        string // C…; D… is a direct message, made by the Slack itself
	Name      string
	Members   []string // user ids; the bot is in it only if it is named or invited
	Private   bool
	Archived  bool
	ExtShared bool   // is_ext_shared: Slack Connect
	With      string // of a direct message: the person
}

// UserGroup is a group of people that can be mentioned.
type UserGroup struct {
	ID, Handle, Name string
	Users            []string
	Disabled         bool
}

// AddUser adds accounts, or puts them in the place of those with the same id.
func (s *Slack) AddUser(users ...User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range users {
		u.Team = cmp.Or(u.Team, s.opts.Team.ID)
		u.Name = cmp.Or(u.Name, lower(u.ID))
		u.RealName = cmp.Or(u.RealName, u.Name)
		s.state.users[u.ID] = u
	}
	s.change()
}

// AddChannel adds channels, or puts them in the place of those with the same id.
func (s *Slack) AddChannel(channels ...Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range channels {
		c.Name = cmp.Or(c.Name, lower(c.ID))
		c.Members = slices.Clone(c.Members)
		s.state.channels[c.ID] = c
	}
	s.change()
}

// AddUserGroup adds user groups, or puts them in the place of those with the
// same id. No event tells of it; SetGroupMembers sends one.
func (s *Slack) AddUserGroup(groups ...UserGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range groups {
		g.Handle = cmp.Or(g.Handle, lower(g.ID))
		g.Name = cmp.Or(g.Name, g.Handle)
		g.Users = slices.Clone(g.Users)
		s.state.groups[g.ID] = g
	}
	s.change()
}

// EditUser changes an account that is there; it does nothing for another id.
func (s *Slack) EditUser(id string, edit func(*User)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.state.users[id]; ok {
		edit(&u)
		s.state.users[id] = u
		s.change()
	}
}

// EditChannel changes a channel that is there; it does nothing for another id.
func (s *Slack) EditChannel(id string, edit func(*Channel)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.state.channels[id]; ok {
		c.Members = slices.Clone(c.Members)
		edit(&c)
		s.state.channels[id] = c
		s.change()
	}
}

// Invite puts people, or the bot, into a channel.
func (s *Slack) Invite(channel string, users ...string) {
	s.EditChannel(channel, func(c *Channel) {
		for _, u := range users {
			if !slices.Contains(c.Members, u) {
				c.Members = append(c.Members, u)
			}
		}
	})
}

// Kick takes people, or the bot, out of a channel.
func (s *Slack) Kick(channel string, users ...string) {
	s.EditChannel(channel, func(c *Channel) {
		c.Members = slices.DeleteFunc(c.Members, func(u string) bool { return slices.Contains(users, u) })
	})
}

// SetScopes replaces the scopes of the bot token.
func (s *Slack) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.scopes = slices.Clone(scopes)
}

// Revoke makes every call with the bot or the app token fail with an error such
// as token_revoked or account_inactive; "" makes it good again.
func (s *Slack) Revoke(errorCode string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.revoked = errorCode
}

// directMessage is the conversation of the app with a person, made where there
// is none. Callers hold s.mu.
func (s *Slack) directMessage(user string) Channel {
	id := "D" + user[1:]
	c, ok := s.state.channels[id]
	if !ok {
		c = Channel{ID: id, Name: "directmessage", With: user, Members: []string{user, s.opts.App.BotUser}}
		s.state.channels[id] = c
	}
	return c
}

func (c Channel) has(user string) bool { return slices.Contains(c.Members, user) }
