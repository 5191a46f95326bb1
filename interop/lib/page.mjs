// A person at the confirmation page, as their browser has it.
import { request } from 'node:http';

/** The text of an attribute's value. */
function unescaped(value) {
    return value.replace(/&(?:#(\d+)|(amp|lt|gt|quot));/g,
        (_, code, name) => code ? String.fromCodePoint(code) : { amp: '&', lt: '<', gt: '>', quot: '"' }[name]);
}

/** The hidden fields of the first form that has this one. */
function form(page, field, value) {
    for (const [, text] of page.matchAll(/<form ([^]*?)<\/form>/g)) {
        const fields = new Map(Array.from(text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g),
            ([, name, value]) => [name, unescaped(value)]));
        if (fields.has(field) && (value === undefined || fields.get(field) === value)) {
            return fields;
        }
    }
    throw new Error(`the page has no form with ${field} ${value ?? ''}:\n${page}`);
}

/** Signs in by a one-time link. */
export async function signIn(link) {
    const { host, port, origin, pathname, search } = new URL(link);
    let cookie = '';
    const send = async (path, fields) => {
        const headers = { host, cookie };
        if (fields) {
            Object.assign(headers, { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' });
        }
        // Not every resolver knows names under .localhost.
        const sent = request({ host: '127.0.0.1', port, path, method: fields ? 'POST' : 'GET', headers, agent: false });
        sent.end(fields && new URLSearchParams([...fields]).toString());
        const response = await new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
        cookie = response.headers['set-cookie']?.map(line => line.split(';')[0]).join('; ') || cookie;
        const text = (await response.setEncoding('utf8').toArray()).join('');
        if (response.statusCode !== (fields ? 303 : 200)) {
            throw new Error(`${path}: ${response.statusCode} ${text}`);
        }
        return text;
    };
    await send('/login', form(await send(pathname + search), 'code'));
    return {
        /** Says approve or deny to a request, with its server's name typed where that is asked for. */
        async vote(id, verdict, typedName) {
            const fields = form(await send(`/requests/${id}`), 'verdict', verdict);
            if (typedName) {
                fields.set('typed_name', typedName);
            }
            await send(`/requests/${id}/vote`, fields);
        },
    };
}
