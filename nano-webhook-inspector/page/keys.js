// The keyboard, and the two preferences that this browser keeps: single keys and the theme.
import { $ } from './dom.js';

const THEMES = ['auto', 'dark', 'light'];

function applyTheme(theme) {
    localStorage.setItem('theme', theme);
    document.documentElement.dataset.theme = theme;
    $('theme').textContent = `◐ ${theme}`;
    $('theme').setAttribute('aria-label', `Theme: ◐ ${theme}`);
}
const theme = () => localStorage.getItem('theme') ?? THEMES[0];
applyTheme(theme());
$('theme').addEventListener('click', () => applyTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]));

$('single').checked = localStorage.getItem('single') !== 'off';
$('single').addEventListener('change', () => localStorage.setItem('single', $('single').checked ? 'on' : 'off'));
$('open-help').addEventListener('click', () => $('help').showModal());

export function keys({ move, page, open, compare, escape }) {
    const single = {
        j: () => move(1), k: () => move(-1), c: compare,
        '/': () => $('text').focus(), '?': () => $('help').showModal(),
    };
    const inList = {
        ArrowDown: () => move(1), PageDown: () => move(page()), End: () => move(Infinity),
        ArrowUp: () => move(-1), PageUp: () => move(-page()), Home: () => move(-Infinity), Enter: open,
    };
    addEventListener('keydown', (event) => {
        const { key, target } = event;
        if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
        const types = target.matches('input:not([type=radio]), textarea, select');
        const act = key === 'Escape' ? escape : target === $('list') && inList[key] ? inList[key]
            : target === $('text') && key === 'ArrowDown' ? () => ($('list').focus(), move(0))
            : !types && $('single').checked ? single[key] : undefined;
        if (!act) return;
        event.preventDefault();
        act();
    });
}
