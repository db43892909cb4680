// Searches in threads of the addon: what they give when they have ended.

import { ElanusError } from '../../model/errors.js';
import type { Candidates } from '../../ports/core.js';
import { checkStatus } from './abi.js';
import type { AddonSearch } from './addon.js';

export async function awaitSearch(k: number, search: AddonSearch): Promise<Candidates> {
  const found = await search;
  if (typeof found !== 'number') return { k, ...found };
  checkStatus(found, 'search');
  throw new ElanusError('Unsupported', 'search: the addon gave neither answers nor an error');
}
