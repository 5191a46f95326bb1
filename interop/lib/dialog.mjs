// What a person does with the client's dialog. Each remembers what it was asked.

function dialog(answer) {
    const asked = [];
    return {
        asked,
        handle(request) {
            asked.push(request.params);
            return answer;
        },
    };
}

export const accepting = () => dialog({ action: 'accept', content: { confirm: true } });
export const acceptingUnticked = () => dialog({ action: 'accept', content: { confirm: false } });
export const declining = () => dialog({ action: 'decline' });
export const cancelling = () => dialog({ action: 'cancel' });

/** A client that says it has a dialog, and fails. */
export const failing = () => ({
    asked: [],
    handle() {
        throw new Error('there is no dialog here');
    },
});

/** A dialog that stays open until the client closes it. shown is fulfilled with what it asks when it is there. */
export function unanswered() {
    const shown = Promise.withResolvers();
    const closed = Promise.withResolvers();
    return {
        asked: [],
        shown: shown.promise,
        close: () => closed.resolve({ action: 'cancel' }),
        handle(request) {
            shown.resolve(request.params);
            return closed.promise;
        },
    };
}

/** Opens pages, too. Whoever accepts looks at one, and decides nothing by that. */
export const withPages = dialog => ({ ...dialog, pages: true });
export const opening = () => withPages(dialog({ action: 'accept' }));
