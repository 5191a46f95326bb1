// An authorization server that others wrote, on this machine. Whoever comes to
// it is the one account it has, and agrees to everything that is asked.
import { generateKeyPair, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

import { Provider } from 'oidc-provider';

export const subject = 'ana-at-the-provider';

/** The audience of access tokens, whichever of this machine's ports serves. */
export const audience = 'https://vpsops.example.com/mcp';

/** What a token made for somebody else's service is for. */
export const elsewhere = 'https://elsewhere.example.com/mcp';

async function signingKey(kid) {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
}

async function make(issuer, key) {
    const provider = new Provider(issuer, {
        jwks: { keys: [key] },
        clients: [],
        scopes: ['openid', 'offline_access', 'vps:read', 'vps:write'],
        pkce: { required: () => true },
        interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
        ttl: { AccessToken: 600, Grant: 600, Interaction: 600, Session: 600 },
        findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
        features: {
            devInteractions: { enabled: false },
            registration: { enabled: true },
            resourceIndicators: {
                enabled: true,
                useGrantedResource: () => true,
                getResourceServerInfo: (ctx, resource) => ({
                    scope: 'vps:read vps:write',
                    audience: resource === elsewhere ? elsewhere : audience,
                    accessTokenFormat: 'jwt',
                    jwt: { sign: { alg: 'RS256' } },
                }),
            },
        },
    });
    provider.on('server_error', (ctx, error) => console.error('the authorization server:', error));
    return provider;
}

/** Agrees to all that a client asks for. */
async function agree(provider, request, response) {
    const { params, session } = await provider.interactionDetails(request, response);
    const accountId = session?.accountId ?? subject;
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    for (const resource of [params.resource].flat().filter(Boolean)) {
        grant.addResourceScope(resource, params.scope);
    }
    await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId: await grant.save() } });
}

/**
 * Starts the server. rotate() has it sign with another key, and publish no other;
 * resign(token, claims) changes a token's claims.
 */
export async function authorizationServer(t) {
    let provider;
    const server = createServer((request, response) => {
        if (request.url.startsWith('/interaction/')) {
            return agree(provider, request, response);
        }
        return provider.callback()(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const issuer = `http://127.0.0.1:${server.address().port}`;
    let keys = 0;
    let key;
    const rotate = async () => {
        key = await signingKey(`key-${++keys}`);
        provider = await make(issuer, key);
    };
    await rotate();
    // The same token with other claims, signed as the server signs: one that
    // lives no second is none that it makes.
    const resign = (token, claims) => {
        const [header, payload] = token.split('.');
        const changed = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...claims };
        const signed = `${header}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}`;
        return `${signed}.${sign('sha256', Buffer.from(signed), { key, format: 'jwk' }).toString('base64url')}`;
    };
    return { issuer, rotate, resign };
}

/** Goes through the server's pages as a browser does, and answers the code that it comes back with. */
export async function browse(address, callback) {
    const cookies = new Map();
    for (let hops = 0; hops < 10; hops++) {
        if (address.href.startsWith(callback)) {
            return address.searchParams;
        }
        const response = await fetch(address, {
            redirect: 'manual',
            headers: { cookie: [...cookies].map(pair => pair.join('=')).join('; ') },
        });
        for (const line of response.headers.getSetCookie()) {
            const [pair] = line.split(';');
            const at = pair.indexOf('=');
            cookies.set(pair.slice(0, at), pair.slice(at + 1));
        }
        const location = response.headers.get('location');
        if (!location) {
            throw new Error(`${address} leads nowhere: ${response.status} ${await response.text()}`);
        }
        address = new URL(location, address);
    }
    throw new Error('the authorization server sends the browser round in circles');
}
