// The plot as one SVG file: light or dark as the reader's page is, every line named where it ends, no script.

import type { Curve } from './curve.js';
import { logScale, recallScale, spread } from './scale.js';

const WIDTH = 860;
const HEIGHT = 520;
const LEFT = 76;
const RIGHT = 690;
const TOP = 64;
const BOTTOM = 452;
const LABEL_GAP = 17;
const LEAST_RECALL = 0.5;

/** Told apart also by those who see few colours; light and dark. Ours are drawn solid and heavier, peers dashed. */
const OWN: readonly (readonly [string, string])[] = [['#0b62c4', '#6cb2ff'], ['#0d8a6a', '#48d6ac'], ['#7a3fc0', '#bf93ff'], ['#a11660', '#ff86c2'], ['#006a85', '#5fd3ec'], ['#4a5a00', '#c4d65a']];
const PEERS: readonly (readonly [string, string])[] = [['#b8420a', '#ff9a5c'], ['#8a6500', '#e8c04a'], ['#5d5d5d', '#b4b4b4'], ['#8c2f2f', '#e88c8c'], ['#5b6b2f', '#b6c88a'], ['#725039', '#cfae94']];

const STYLE = `text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:17px;font-weight:600;fill:#111}.paper{fill:#fff}.grid{stroke:#e3e3e3}.axis{stroke:#888}.line{fill:none;stroke-width:1.6;stroke-dasharray:5 3}.own{stroke-width:2.6;stroke-dasharray:none}.leader{stroke-width:1;opacity:.55}`;
const DARK = `text{fill:#ccc}.title{fill:#f2f2f2}.paper{fill:#15181c}.grid{stroke:#2c3138}.axis{stroke:#777}`;

/** Curves without a point above the least recall shown are left out. Errors: none of them has one. */
export function svgOf(title: string, subtitle: string, curves: readonly Curve[]): string {
  const shown = curves.map((curve) => ({ ...curve, points: curve.points.filter(({ recall }) => recall >= LEAST_RECALL) })).filter(({ points }) => points.length > 0);
  if (shown.length === 0) throw new Error(`no target reaches recall ${LEAST_RECALL}: there is nothing to draw`);
  const points = shown.flatMap((curve) => curve.points);
  const x = recallScale(Math.min(...points.map(({ recall }) => recall)), LEFT, RIGHT);
  const y = logScale(Math.min(...points.map(({ qps }) => qps)), Math.max(...points.map(({ qps }) => qps)), BOTTOM, TOP);
  const colours = coloursOf(shown);
  const ends = shown.map(({ points: all }) => all.at(-1) as { readonly recall: number; readonly qps: number });
  const labels = spread(ends.map(({ qps }) => y.at(qps)), LABEL_GAP, TOP, BOTTOM);
  const css = (shade: 0 | 1): string => colours.map((pair, i) => `.c${i}{stroke:${pair[shade]}}text.c${i},circle.c${i}{fill:${pair[shade]};stroke:none}`).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${title}: ${subtitle}`)}">`,
    `<style>${STYLE}${css(0)}@media (prefers-color-scheme:dark){${DARK}${css(1)}}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${LEFT}" y="26">${escaped(title)}</text>`,
    `<text x="${LEFT}" y="46">${escaped(subtitle)}</text>`,
    ...y.ticks.flatMap((tick) => [`<path class="grid" d="M${LEFT} ${px(y.at(tick))}H${RIGHT}"/>`, `<text x="${LEFT - 8}" y="${px(y.at(tick) + 4)}" text-anchor="end">${thousands(tick)}</text>`]),
    ...x.ticks.flatMap((tick) => [`<path class="grid" d="M${px(x.at(tick))} ${TOP}V${BOTTOM}"/>`, `<text x="${px(x.at(tick))}" y="${BOTTOM + 20}" text-anchor="middle">${String(tick).slice(1)}</text>`]),
    `<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" fill="none"/>`,
    `<text x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 44}" text-anchor="middle">recall (what is missing to 1, logarithmic)</text>`,
    `<text transform="translate(18 ${(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">queries a second of CPU time</text>`,
    ...shown.flatMap(({ name, own, points: all }, i) => [
      `<path class="line c${i}${own ? ' own' : ''}" d="M${all.map(({ recall, qps }) => `${px(x.at(recall))} ${px(y.at(qps))}`).join('L')}"/>`,
      ...all.map(({ recall, qps }) => `<circle class="c${i}" cx="${px(x.at(recall))}" cy="${px(y.at(qps))}" r="${own ? 3 : 2.2}"/>`),
      leader(i, x.at((ends[i] as { readonly recall: number }).recall), y.at((ends[i] as { readonly qps: number }).qps), labels[i] as number),
      `<text class="c${i}" x="${RIGHT + 16}" y="${px((labels[i] as number) + 4)}"${own ? ' font-weight="600"' : ''}>${escaped(name)}</text>`,
    ]),
    '</svg>',
    '',
  ].join('\n');
}

function leader(i: number, x: number, y: number, label: number): string {
  return `<path class="leader c${i}" fill="none" d="M${px(x + 4)} ${px(y)}L${RIGHT + 12} ${px(label)}"/>`;
}

function coloursOf(curves: readonly Curve[]): readonly (readonly [string, string])[] {
  let ours = 0;
  let theirs = 0;
  return curves.map(({ own }) => (own ? OWN[ours++ % OWN.length] : PEERS[theirs++ % PEERS.length]) as readonly [string, string]);
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function thousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
