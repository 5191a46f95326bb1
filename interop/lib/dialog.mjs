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
