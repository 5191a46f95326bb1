package fakeslack_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

func TestACallIsAuthorized(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	who, err := api.AuthTest()
	if err != nil || who.TeamID != s.Team().ID || who.UserID != s.App().BotUser || who.BotID != s.App().BotID {
		t.Fatalf("%+v, %v", who, err)
	}
	if scopes := who.Header.Get("X-OAuth-Scopes"); !strings.Contains(scopes, "chat:write") {
		t.Errorf("scopes %q", scopes)
	}

	s.SetScopes("commands", "users:read")
	_, _, err = api.PostMessage(ops, slack.MsgOptionText("hi", false))
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "missing_scope" || refused.Needed != "chat:write" || refused.Provided != "commands,users:read" {
		t.Errorf("%+v", err)
	}
	s.Revoke("token_revoked")
	_, err = api.AuthTest()
	wantCode(t, err, "token_revoked")
	s.Revoke("")
	_, err = slack.New("xoxb-nobodys", slack.OptionAPIURL(s.URL()), slack.OptionHTTPClient(s.Client())).AuthTest()
	wantCode(t, err, "invalid_auth")
	_, _, err = slack.New("", slack.OptionAppLevelToken(s.App().BotToken), slack.OptionAPIURL(s.URL())).StartSocketModeContext(t.Context())
	wantCode(t, err, "not_allowed_token_type")
	http.DefaultClient.CloseIdleConnections()
}

func TestATokenMayStandInTheFormOrBeABearerButNotInJSON(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	token := s.App().BotToken
	for name, c := range map[string]struct{ kind, body, bearer, want string }{
		"form":              {"application/x-www-form-urlencoded", "token=" + token, "", `"ok":true`},
		"bearer":            {"application/json; charset=utf-8", "{}", token, `"ok":true`},
		"bearer first":      {"application/x-www-form-urlencoded", "token=x", token, `"ok":true`},
		"in JSON":           {"application/json; charset=utf-8", `{"token":"` + token + `"}`, "", "not_authed"},
		"without a charset": {"application/json", "{}", token, "missing_charset"},
		"broken JSON":       {"application/json", "{", token, "invalid_json"},
		"an odd type":       {"text/plain", "x", token, "invalid_post_type"},
	} {
		req, _ := http.NewRequest(http.MethodPost, s.URL()+"auth.test", strings.NewReader(c.body))
		req.Header.Set("Content-Type", c.kind)
		if c.bearer != "" {
			req.Header.Set("Authorization", "Bearer "+c.bearer)
		}
		if got := send(t, s, req); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	req, _ := http.NewRequest(http.MethodPost, s.URL()+"chat.explode?token="+token, nil)
	if got := send(t, s, req); !strings.Contains(got, "unknown_method") {
		t.Errorf("%s", got)
	}
}

func TestWhereAnAppMayPost(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	s.AddChannel(
		fakeslack.Channel{ID: "CELSEWHERE", Members: []string{ana}},
		fakeslack.Channel{ID: "CPRIVATE", Private: true, Members: []string{ana}},
		fakeslack.Channel{ID: "COLD", Archived: true, Members: []string{ana, s.App().BotUser}},
	)
	post := func(channel string, options ...slack.MsgOption) error {
		_, _, err := api.PostMessage(channel, options...)
		return err
	}
	hi := slack.MsgOptionText("hi", false)
	wantCode(t, post("CNONE", hi), "channel_not_found")
	wantCode(t, post("#ops", hi), "channel_not_found")
	wantCode(t, post("CELSEWHERE", hi), "not_in_channel")
	wantCode(t, post("CPRIVATE", hi), "channel_not_found")
	wantCode(t, post("COLD", hi), "is_archived")
	wantCode(t, post(ops), "no_text")
	wantCode(t, post(ops, slack.MsgOptionText(strings.Repeat("x", 40_001), false)), "msg_too_long")
	wantCode(t, post(ops, slack.MsgOptionText(strings.Repeat("x", 40_000), false)), "")
	wantCode(t, post(ana, hi), "")
	if got := s.Messages(s.As(t, ana).DirectMessage()); len(got) != 1 {
		t.Errorf("the direct message holds %d", len(got))
	}
	s.Invite("CELSEWHERE", s.App().BotUser)
	wantCode(t, post("CELSEWHERE", hi), "")
	s.Kick("CELSEWHERE", s.App().BotUser)
	wantCode(t, post("CELSEWHERE", hi), "not_in_channel")
}

func TestRefusedBlocksAreExplained(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	_, _, err := client(t, s).PostMessage(ops, slack.MsgOptionBlocks(section(strings.Repeat("x", 3001))))
	wantCode(t, err, "invalid_blocks")
	var refused slack.SlackErrorResponse
	errors.As(err, &refused)
	want := "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
	if got := refused.ResponseMetadata.Messages; len(got) != 1 || got[0] != want {
		t.Errorf("%q", got)
	}
	if len(refused.Errors) != 1 || "[ERROR] "+*refused.Errors[0].Message != want {
		t.Errorf("%+v", refused.Errors)
	}
}

func TestMessagesAreEditedAndDeletedByTheirAuthor(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	_, ts, _ := api.PostMessage(ops, card("one"))
	update := func(ts string, options ...slack.MsgOption) error {
		_, _, _, err := api.UpdateMessage(ops, ts, options...)
		return err
	}
	wantCode(t, update(ts, slack.MsgOptionText("two", false)), "")
	if m, _ := s.Message(ops, ts); m.AllText() != "two" || m.Has("approve") {
		t.Errorf("text alone takes the place of the blocks: %+v", m)
	}
	wantCode(t, update(ts, slack.MsgOptionText(strings.Repeat("x", 4001), false)), "msg_too_long")
	_, _, _, err := api.UpdateMessage(ana, ts, slack.MsgOptionText("x", false))
	wantCode(t, err, "channel_not_found")
	wantCode(t, update("1.000001", slack.MsgOptionText("x", false)), "message_not_found")
	s.As(t, ana).Types(ops, "mine")
	wantCode(t, update(s.Messages(ops)[1].TS, slack.MsgOptionText("x", false)), "cant_update_message")

	private, err := api.PostEphemeral(ops, ana, slack.MsgOptionText("psst", false))
	wantCode(t, err, "")
	wantCode(t, update(private, slack.MsgOptionText("x", false)), "message_not_found")
	_, err = api.PostEphemeral(ops, "UCY", slack.MsgOptionText("psst", false))
	wantCode(t, err, "user_not_in_channel")

	_, _, err = api.DeleteMessage(ops, ts)
	wantCode(t, err, "")
	if got := s.As(t, ben).Sees(ops); len(got) != 1 {
		t.Errorf("ben sees %+v", got)
	}
}

func TestWhoPeopleAre(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	s.AddUser(
		fakeslack.User{ID: "UGUEST", Guest: true}, fakeslack.User{ID: "USINGLE", SingleGuest: true},
		fakeslack.User{ID: "UGONE", Deactivated: true}, fakeslack.User{ID: "UFLOW", Workflow: true},
		fakeslack.User{ID: "USTRANGER", Team: "T0OTHER"},
	)
	for id, want := range map[string]string{
		ana: "", "UGUEST": "restricted", "USINGLE": "restricted ultra", "UGONE": "deleted", "UFLOW": "bot workflow",
		"USTRANGER": "stranger of T0OTHER", s.App().BotUser: "bot",
	} {
		u, err := api.GetUserInfo(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := flags(s, u); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	_, err := api.GetUserInfo("UNOBODY")
	wantCode(t, err, "user_not_found")
	if b, err := api.GetBotInfo(slack.GetBotInfoParameters{Bot: s.App().BotID}); err != nil || b.AppID != s.App().ID {
		t.Errorf("%+v, %v", b, err)
	}
}

func flags(s *fakeslack.Slack, u *slack.User) string {
	var words []string
	for word, is := range map[string]bool{"restricted": u.IsRestricted, "deleted": u.Deleted, "bot": u.IsBot} {
		if is {
			words = append(words, word)
		}
	}
	if u.IsUltraRestricted {
		words = append(words, "ultra")
	}
	if u.IsWorkflowBot {
		words = append(words, "workflow")
	}
	if u.IsStranger && u.TeamID != s.Team().ID {
		words = append(words, "stranger of "+u.TeamID)
	}
	return strings.Join(words, " ")
}

func TestUserGroups(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	s.AddUserGroup(
		fakeslack.UserGroup{ID: "SSRE", Handle: "sre", Users: []string{ana, ben}},
		fakeslack.UserGroup{ID: "SOLD", Disabled: true},
	)
	groups, err := api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil || len(groups) != 1 || groups[0].ID != "SSRE" || len(groups[0].Users) != 2 {
		t.Errorf("%+v, %v", groups, err)
	}
	members, err := api.GetUserGroupMembers("SSRE")
	if err != nil || fmt.Sprint(members) != "[UANA UBEN]" {
		t.Errorf("%v, %v", members, err)
	}
	_, err = api.GetUserGroupMembers("SNONE")
	wantCode(t, err, "no_such_subteam")

	free := workspace(t, fakeslack.Options{Team: fakeslack.Team{FreePlan: true}})
	_, err = client(t, free).GetUserGroupMembers("SSRE")
	wantCode(t, err, "plan_upgrade_required")
}

func TestConversations(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	s.AddChannel(fakeslack.Channel{ID: "CSHARED", ExtShared: true}, fakeslack.Channel{ID: "CPRIVATE", Private: true})
	c, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "CSHARED"})
	if err != nil || !c.IsExtShared || c.IsMember {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ops, IncludeNumMembers: true})
	if err != nil || c.IsExtShared || !c.IsMember || c.NumMembers != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "CPRIVATE"})
	wantCode(t, err, "channel_not_found")
	var members []string
	for cursor := ""; ; {
		part, next, err := api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: ops, Cursor: cursor, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, part...)
		if cursor = next; cursor == "" {
			break
		}
	}
	if got := fmt.Sprint(members); got != "[UANA UBEN U0FAKEBOT]" {
		t.Errorf("members %s", got)
	}
	im, _, _, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{ana}})
	if err != nil || im.ID != s.As(t, ana).DirectMessage() {
		t.Errorf("%+v, %v", im, err)
	}
	s.SetScopes("chat:write")
	_, err = api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ops})
	wantCode(t, err, "missing_scope")
}

func TestOneMessageASecondAndChannel(t *testing.T) {
	s := workspace(t, fakeslack.Options{Pace: true, PaceBurst: 2})
	api := client(t, s)
	s.AddChannel(fakeslack.Channel{ID: "COTHER", Members: []string{s.App().BotUser}})
	post := func(channel string) error {
		_, _, err := api.PostMessage(channel, slack.MsgOptionText("hi", false))
		return err
	}
	wantCode(t, post(ops), "")
	wantCode(t, post(ops), "")
	var limited *slack.RateLimitedError
	if err := post(ops); !errors.As(err, &limited) || limited.RetryAfter < time.Second {
		t.Errorf("%v", err)
	}
	wantCode(t, post("COTHER"), "")
	s.Advance(2 * time.Second)
	wantCode(t, post(ops), "")
}
