// Print: the settings as a configuration file that gives them again, each with where it is from; the table of options as
// a help text and as the reference of docs/server.md. A secret is never shown.

import { CONFIG, OPTION_NAMES, OPTIONS, variableOf, type OptionName } from './options.js';
import { durationText, SECTIONS, sizeText, type Option } from './option.js';
import type { Resolved } from './resolve.js';

const entryOf = (name: OptionName): Option<unknown> => OPTIONS[name];

/** YAML. What is not set, and what is secret, is a comment. */
export function printedSettings({ settings, sources }: Resolved): string {
  return OPTION_NAMES.map((name) => {
    const value = settings[name];
    if (value === undefined) return `# ${name}: not set`;
    if (entryOf(name).isSecret === true) return `# ${name}: set by ${sources[name]}, not shown`;
    return `${name}: ${JSON.stringify(configured(name, value))} # ${sources[name]}`;
  }).join('\n');
}

function configured(name: OptionName, value: unknown): unknown {
  const { operand } = entryOf(name);
  if (typeof value === 'number' && operand === 'SIZE') return sizeText(value);
  return typeof value === 'number' && operand === 'TIME' ? durationText(value) : value;
}

/** Undefined for what is nothing by default. */
function defaultOf(name: OptionName): string | undefined {
  const { default: value, defaultText } = entryOf(name);
  if (defaultText !== undefined) return defaultText;
  return value === undefined || value === false || Array.isArray(value) ? undefined : String(value);
}

const COLUMN = 30;

/** Lines of a help text, by section. */
export function optionsHelp(): string {
  return SECTIONS.map((section) => {
    const lines = OPTION_NAMES.filter((name) => entryOf(name).section === section).map((name) => {
      const { about, operand } = entryOf(name);
      const fallback = defaultOf(name);
      return `  ${`--${name}${operand === '' ? '' : ` ${operand}`}`.padEnd(COLUMN)} ${about}${fallback === undefined ? '' : ` (default ${fallback})`}`;
    });
    return lines.length === 0 ? '' : `${section}:\n${lines.join('\n')}\n`;
  }).filter((part) => part !== '').join('\n');
}

/** Tables in Markdown, by section. */
export function optionsReference(): string {
  const row = (name: string, operand: string, fallback: string | undefined, about: string): string => `| \`--${name}${operand === '' ? '' : ` ${operand.replaceAll('|', '\\|')}`}\` | \`${variableOf(name)}\` | ${fallback ?? ''} | ${about.replaceAll('|', '\\|')} |`;
  const head = '| flag | variable | default | what it is |\n|---|---|---|---|';
  const sections = SECTIONS.map((section) => {
    const rows = OPTION_NAMES.filter((name) => entryOf(name).section === section).map((name) => row(name, entryOf(name).operand, defaultOf(name), entryOf(name).about));
    return rows.length === 0 ? '' : `**${section}**\n\n${head}\n${rows.join('\n')}\n`;
  });
  return [`${head}\n${row(CONFIG.name, CONFIG.operand, undefined, CONFIG.about)}\n`, ...sections.filter((part) => part !== '')].join('\n');
}
