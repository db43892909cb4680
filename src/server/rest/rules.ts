// Rules: who may use a route, in the three forms that routes have. Which names a request is about is read out of it here, once.

import type { Asked } from '../access/privilege.js';

interface Named {
  readonly collectionName: string;
}

/** What is about the collection that the request names. */
export function ofCollection(privilege: Asked) {
  return { privilege, object: 'Collection', collections: ({ collectionName }: Named): readonly string[] => [collectionName] } as const;
}

/** The same where no collection need be named: then it is about all of the database. */
export function ofCollections(privilege: Asked) {
  return { privilege, object: 'Collection', collections: ({ collectionName = '*' }: Partial<Named>): readonly string[] => [collectionName] } as const;
}

/** Of an alias, which stands for a collection. */
export function ofAlias(privilege: Asked) {
  return { privilege, object: 'Collection', collections: ({ aliasName }: { readonly aliasName: string }): readonly string[] => [aliasName] } as const;
}

export function ofDatabase(privilege: Asked) {
  return { privilege, object: 'Database' } as const;
}

export function ofServer(privilege: Asked) {
  return { privilege, object: 'Global' } as const;
}

/** What is about a user, who may do it to himself. */
export function ofUser(privilege: Asked) {
  return { privilege, object: 'User', name: ({ userName }: { readonly userName: string }): string => userName } as const;
}

/** What is about a role, which who has it may see. */
export function ofRole(privilege: Asked) {
  return { privilege, object: 'Role', name: ({ roleName }: { readonly roleName: string }): string => roleName } as const;
}
