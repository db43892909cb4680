// Invalid: what every part of the language says of a filter that means nothing.

import { ElanusError } from '../model/errors.js';
import type { Place } from '../model/filter.js';

/** An `InvalidFilter` that names the place: `position` is set if that is in a text. */
export function invalid(place: Place, message: string): ElanusError {
  if (typeof place === 'number') return new ElanusError('InvalidFilter', `filter at ${place}: ${message}`, { position: place });
  return new ElanusError('InvalidFilter', `filter${place === '' ? '' : ` at ${place}`}: ${message}`);
}

/** A text of the caller's, short enough for a message. */
export function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
