// Talks to the command. The token stays in the address, behind #: no server sees it there.
const token = () => location.hash.slice(1);
const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 5_000;

export async function call(path, { body, signal } = {}) {
    const headers = { Authorization: `Bearer ${token()}` };
    if (body) headers['Content-Type'] = 'application/json';
    const response = await fetch(path, {
        method: body ? 'POST' : 'GET', body: body && JSON.stringify(body), headers, signal,
        cache: 'no-store', referrerPolicy: 'no-referrer', redirect: 'error',
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const text = problem.detail ?? problem.title ?? `answered ${response.status}`;
    throw Object.assign(new Error(text), { status: response.status });
}

// Yields the messages of an event stream, and undefined for each comment.
async function* messages(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let busy = performance.now(); ; ) {
        const { value, done } = await reader.read();
        if (done) return;
        const parts = (rest + value).split('\n\n');
        rest = parts.pop();
        for (const part of parts) {
            const { id, event, data } = Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s)));
            yield data && { id, event, data: JSON.parse(data) };
        }
        // A long replay must not hold up a frame.
        if (performance.now() - busy > 12) {
            await new Promise((resolve) => setTimeout(resolve));
            busy = performance.now();
        }
    }
}

// Ends a wait at once: the button, the tab is looked at, the network is back.
let wake = () => {};
export const connectNow = () => wake();
addEventListener('online', connectNow);
document.addEventListener('visibilitychange', () => document.hidden || connectNow());

// Follows the deliveries, and connects again after each end, until the token is refused.
export async function follow({ hello, delivery, state }) {
    let [after, failures] = ['', 0];
    for (;;) {
        const stop = new AbortController();
        let silence;
        const heard = () => {
            clearTimeout(silence);
            silence = setTimeout(() => stop.abort(), SILENCE_MS);
        };
        try {
            heard();
            const path = `/api/deliveries?after=${encodeURIComponent(after)}`;
            for await (const message of messages(await call(path, { signal: stop.signal }))) {
                heard();
                after = message?.id ?? after;
                if (message?.event === 'delivery') delivery(message.data);
                if (message?.event !== 'hello') continue;
                failures = 0;
                hello(message.data);
                state('live');
            }
        } catch (error) {
            if (error.status === 401 || error.status === 403) return state('refused', error.message);
        } finally {
            clearTimeout(silence);
        }
        const wait = Math.min(100 * 2 ** failures++, LONGEST_WAIT_MS);
        if (failures > 1) state('waiting');
        await new Promise((resolve) => setTimeout((wake = resolve), wait));
    }
}
