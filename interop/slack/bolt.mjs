// A Bolt app that uses what an app uses: a command, a form, a card with buttons,
// a menu, App Home. In Socket Mode, or with the argument http over HTTP.
import bolt from '@slack/bolt';

import { ready } from './lib.mjs';

const http = process.argv[2] === 'http';

const transport = http
    ? {
          signingSecret: process.env.SLACK_SIGNING_SECRET,
          endpoints: ['/slack/commands', '/slack/interactions', '/slack/events'],
      }
    : { appToken: process.env.SLACK_APP_TOKEN, socketMode: true };

const app = new bolt.App({
    token: process.env.SLACK_BOT_TOKEN,
    clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
    logLevel: bolt.LogLevel.ERROR,
    ...transport,
});

const plain = text => ({ type: 'plain_text', text });
const button = (id, text) => ({ type: 'button', action_id: id, value: `v-${id}`, text: plain(text) });

const form = {
    type: 'modal',
    callback_id: 'form',
    title: plain('A new server'),
    submit: plain('Ask'),
    notify_on_close: true,
    blocks: [
        { type: 'input', block_id: 'name', label: plain('Name'), element: { type: 'plain_text_input', action_id: 'name' } },
        {
            type: 'input',
            block_id: 'plan',
            label: plain('Plan'),
            element: { type: 'external_select', action_id: 'plan', min_query_length: 0 },
        },
    ],
};

app.command('/vps', async ({ command, ack, client, say }) => {
    switch (command.text) {
        case 'create':
            await ack();
            await client.views.open({ trigger_id: command.trigger_id, view: form });
            return;
        case 'reboot web-01':
            await ack();
            await say({
                text: 'Reboot web-01?',
                blocks: [
                    { type: 'section', text: { type: 'mrkdwn', text: '*Reboot* `web-01`?' } },
                    { type: 'actions', elements: [button('approve', 'Approve'), button('deny', 'Deny')] },
                ],
            });
            return;
        default:
            await ack(`${command.user_id} asked for ${command.text}`);
    }
});

app.action('approve', async ({ ack, action, body, respond }) => {
    await ack();
    await respond({ replace_original: true, text: `approved by ${body.user.id} with ${action.value}`, blocks: [] });
});

app.options('plan', async ({ ack, options }) => {
    await ack({ options: [{ text: plain(`Plan ${options.value}`), value: 'p1' }] });
});

app.view('form', async ({ ack, view, body, client }) => {
    const name = view.state.values.name.name.value;
    if (name === 'taken') {
        await ack({ response_action: 'errors', errors: { name: 'There is one of that name.' } });
        return;
    }
    await ack();
    const plan = view.state.values.plan.plan.selected_option.value;
    await client.chat.postMessage({ channel: body.user.id, text: `${name} on ${plan} was asked for` });
});

app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack, body, client }) => {
    await ack();
    await client.chat.postMessage({ channel: body.user.id, text: 'never mind' });
});

app.event('app_home_opened', async ({ event, client }) => {
    const blocks = [{ type: 'header', text: plain('Nothing awaits your vote') }];
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
});

if (http) {
    const server = await app.start({ port: 0, host: '127.0.0.1' });
    ready(`http://127.0.0.1:${server.address().port}`);
} else {
    await app.start();
    ready('socket mode');
}
