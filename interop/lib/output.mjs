/** What a program has written to one of its streams, for as long as it lives. */
export class Output {
    #text = '';
    #ended = false;
    #changed = Promise.withResolvers();

    constructor(stream, encoding = 'utf8') {
        stream.setEncoding(encoding);
        stream.on('data', part => this.#change(() => (this.#text += part)));
        stream.on('end', () => this.#change(() => (this.#ended = true)));
    }

    #change(how) {
        how();
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
    }

    /** The first match, once it is there. Rejects where the program ends without it. */
    async match(pattern) {
        for (;;) {
            const found = this.#text.match(pattern);
            if (found) {
                return found;
            }
            if (this.#ended) {
                throw new Error(`nothing matches ${pattern} in what the program wrote:\n${this.#text}`);
            }
            await this.#changed.promise;
        }
    }
}
