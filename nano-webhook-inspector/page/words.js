// Facts of a delivery in words.
import { plain } from './bytes.js';

export const VERDICTS = {
    accepted: ['✓', 'Accepted'], duplicate: ['=', 'Duplicate'], rejected: ['✕', 'Rejected'],
    in_progress: ['…', 'In progress'], failed: ['!', 'Failed'],
};

const two = (number) => String(number).padStart(2, '0');

export function clock(ms) {
    const time = new Date(ms);
    return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
}

export const moment = (ms) => {
    const day = new Date(ms).toDateString();
    return day === new Date().toDateString() ? clock(ms) : `${day} ${clock(ms)}`;
};

export function size(bytes) {
    if (bytes < 1_000) return `${bytes} B`;
    return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function age(seconds) {
    const length = Math.abs(seconds);
    const text = length < 120 ? `${Math.round(length * 10) / 10} s` : `${Math.round(length / 60)} min`;
    return seconds < 0 ? `${text} ahead` : `${text} old`;
}

export const took = (ms) => (ms < 1 ? `${ms.toPrecision(1)} ms` : ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(1)} s`);

export const verdict = ({ verdict }) => VERDICTS[verdict]?.[1] ?? plain(verdict);

// The first clause; the rest repeats what `cause` says better.
export const reason = (item) =>
    plain(item.reason ?? item.code).split(';')[0] || (item.duplicate_of && `of #${item.duplicate_of}`) || '';

export function summary(item) {
    return [
        reason(item),
        item.status !== null && `${item.status}${item.took_ms === null ? '' : ` in ${took(item.took_ms)}`}`,
        plain(item.note),
        size(item.size),
        item.age_s !== null && age(item.age_s),
        item.secret && `${plain(item.secret)} secret`,
    ].filter(Boolean).join(' · ');
}

export const title = (item) => plain(item.event) || 'no event';
