package delivery

import "github.com/slack-go/slack"

// commandOf is what the fields read as. Reading it again from the payload would
// take longer than all else that is done before a command is acknowledged. It is
// nil where the payload has to tell what is wrong.
func commandOf(fields map[string]string) *slack.SlashCommand {
	install, ok := fields["is_enterprise_install"]
	if ok && install != "true" && install != "false" {
		return nil
	}
	return &slack.SlashCommand{
		Token:               fields["token"],
		TeamID:              fields["team_id"],
		TeamDomain:          fields["team_domain"],
		EnterpriseID:        fields["enterprise_id"],
		EnterpriseName:      fields["enterprise_name"],
		IsEnterpriseInstall: install == "true",
		ChannelID:           fields["channel_id"],
		ChannelName:         fields["channel_name"],
		UserID:              fields["user_id"],
		UserName:            fields["user_name"],
		Command:             fields["command"],
		Text:                fields["text"],
		ResponseURL:         fields["response_url"],
		TriggerID:           fields["trigger_id"],
		APIAppID:            fields["api_app_id"],
	}
}
