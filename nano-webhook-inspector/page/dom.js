// Makes elements. Text from the network only ever becomes a text node.
export const $ = (id) => document.getElementById(id);

export function h(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (typeof value === 'function') element.addEventListener(key, value);
        else if (value !== undefined && value !== null && value !== false)
            element.setAttribute(key, value === true ? '' : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child || child === 0));
    return element;
}

let hiding;
export function notice(text) {
    $('notice').textContent = text;
    $('notice').hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => ($('notice').hidden = true), 10_000);
}

async function copy(text) {
    try {
        await navigator.clipboard.writeText(text);
        notice('Copied');
    } catch {
        notice('The browser did not allow copying: select the text');
    }
}

export const copyButton = (label, text) =>
    h('button', { class: 'small', click: () => copy(typeof text === 'function' ? text() : text) }, label);

export const command = (text) =>
    h('p', { class: 'command' }, h('code', {}, text), copyButton('Copy', text));

export function save(blob, name) {
    const url = URL.createObjectURL(blob);
    h('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Resolves to the value of the button that closed the dialog, '' for Escape.
export function ask(dialog) {
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => (dialog.onclose = () => resolve(dialog.returnValue)));
}
