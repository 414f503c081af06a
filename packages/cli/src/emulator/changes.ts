/** What an apply on the emulator changed, in lines for users: in place or replaced, and why. */
import type { Change, Unfinished } from '@baton/emulator/client'

const words: Readonly<Record<Change['action'], string>> = {
  create: '+ created',
  update: '~ changed in place',
  replace: '± replaced',
  delete: '- deleted',
  forget: '- forgotten',
  move: '= moved',
  import: '= imported',
  read: '',
}

/** More new resources than this are only counted, in the summary. */
const listedCreations = 12

/** Empty for a first apply, where everything is new. */
export function describeEmulatorChanges(changes: readonly Change[]): string[] {
  const created = changes.filter(({ action }) => action === 'create').length
  return changes
    .filter(({ action }) => action !== 'read' && (action !== 'create' || created <= listedCreations))
    .map(describeChange)
}

/** What an apply that was cut off had done, and what it had not begun; long lists end in a count. */
export function describeUnfinished({ changes, pending }: Unfinished): string[] {
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : [
          title,
          ...lines.slice(0, listedCreations),
          ...(lines.length > listedCreations ? [`  and ${lines.length - listedCreations} more`] : []),
        ]
  const done = changes.filter(({ action }) => action !== 'read').map(describeChange)
  return [
    ...list('Done, and kept:', done),
    ...list(
      'Not begun:',
      pending.map(({ action, address }) => `  ${action} ${address}`),
    ),
  ]
}

function describeChange({ address, action, changed = [], reason, createBeforeDestroy }: Change): string {
  const order = createBeforeDestroy ? 'the new one was created first' : undefined
  const notes = [action === 'update' ? changed.join(', ') : undefined, reason, order].filter(Boolean)
  return `  ${words[action]} ${address}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}
