// The clients: the official packages, each in the modes of negotiation it has.
// connect answers the revision agreed on; dialog is null for a client without one.
import * as v2 from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HTTPV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

const identity = { name: 'vpsops-interop', version: '1.0.0' };

function capabilitiesFor(dialog) {
    if (!dialog) {
        return {};
    }
    return { elicitation: { form: {}, ...dialog.pages && { url: {} } } };
}

/** @modelcontextprotocol/client in one of its modes of version negotiation. */
function current(title, mode, revision) {
    return {
        title: `@modelcontextprotocol/client, ${title}`,
        revision,
        Stdio: StdioV2,
        HTTP: v2.StreamableHTTPClientTransport,
        make(dialog) {
            const client = new v2.Client(identity, {
                capabilities: capabilitiesFor(dialog),
                versionNegotiation: { mode },
            });
            if (dialog) {
                client.setRequestHandler('elicitation/create', request => dialog.handle(request));
            }
            return client;
        },
        async connect(client, transport) {
            await client.connect(transport);
            return client.getNegotiatedProtocolVersion();
        },
        call: (client, params, options) => client.callTool(params, options),
        async subscribe(client, uri, told) {
            client.setNotificationHandler('notifications/resources/updated', ({ params }) => told(params.uri));
            await (revision === '2026-07-28' ? client.listen({ resourceSubscriptions: [uri] }) : client.subscribeResource({ uri }));
        },
    };
}

/** This client tells the revision agreed on to its transport alone. */
async function connectListening(client, transport) {
    let revision;
    const tell = transport.setProtocolVersion?.bind(transport);
    transport.setProtocolVersion = agreed => {
        revision = agreed;
        tell?.(agreed);
    };
    await client.connect(transport);
    return revision;
}

/** @modelcontextprotocol/sdk, the older package. It ends at the revision before. */
const previous = {
    title: '@modelcontextprotocol/sdk',
    revision: '2025-11-25',
    Stdio: StdioV1,
    HTTP: HTTPV1,
    make(dialog) {
        const client = new ClientV1(identity, { capabilities: capabilitiesFor(dialog) });
        if (dialog) {
            client.setRequestHandler(ElicitRequestSchema, request => dialog.handle(request));
        }
        return client;
    },
    connect: connectListening,
    call: (client, params, options) => client.callTool(params, undefined, options),
    async subscribe(client, uri, told) {
        client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => told(params.uri));
        await client.subscribeResource({ uri });
    },
};

export const clients = [
    current('negotiating', 'auto', '2026-07-28'),
    current('pinned to 2026-07-28', { pin: '2026-07-28' }, '2026-07-28'),
    current('legacy', 'legacy', '2025-11-25'),
    previous,
];
