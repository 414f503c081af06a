/** What Terraform does and what it plans, in lines for users. */
import { type Change, describePlan, type Plan, type Stopped, type UiEvent } from '@baton/terraform'
import type { Terminal } from '../../terminal.ts'

const done: Readonly<Record<string, string>> = { create: 'created', update: 'changed', delete: 'deleted' }
const doing: Readonly<Record<string, string>> = { create: 'creating', update: 'changing', delete: 'deleting' }

/** Reports what ends, what fails, and every full minute what is still under way. */
export function progressReporter(terminal: Terminal, stack: string): (event: UiEvent) => void {
  return (event) => {
    if (event.type === 'diagnostic' && event.diagnostic.severity === 'warning') {
      const { address, summary, detail } = event.diagnostic
      terminal.note(`· ${stack}: warning: ${[address, summary, detail].filter(Boolean).join(': ')}`)
    }
    if (event.type === 'message' && /^Interrupt received/.test(event.text)) {
      terminal.note(`· ${stack}: interrupted; Terraform finishes what it has begun and saves its state`)
    }
    if (!('action' in event) || event.type === 'planned' || event.action === 'read') return
    const seconds = event.elapsedSeconds ?? 0
    const step = `${event.address} ${(event.type === 'progress' ? doing : done)[event.action] ?? event.action}`
    if (event.type === 'finished') {
      terminal.progress({
        target: stack,
        step,
        state: 'finished',
        ...(seconds >= 5 ? { detail: `${seconds} s` } : {}),
      })
    } else if (event.type === 'failed') {
      terminal.progress({
        target: stack,
        step: `${event.address} not ${done[event.action] ?? event.action}`,
        state: 'failed',
      })
    } else if (event.type === 'progress' && seconds % 60 === 0) {
      terminal.progress({ target: stack, step, state: 'noted', detail: `${seconds / 60} min so far` })
    }
  }
}

const marks: Readonly<Record<string, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  forget: '-',
}

/** More resources to create than this are counted by type instead of listed. */
const listedCreations = 12

/** The plan of a stack in lines: the summary, then what happens to what. */
export function describeChanges(stack: string, plan: Plan): string[] {
  const creations = plan.changes.filter(({ action, imported }) => action === 'create' && !imported)
  const others = plan.changes.filter((change) => !creations.includes(change))
  return [
    `${stack}: ${describePlan(plan)}`,
    ...(creations.length > listedCreations ? byType(creations) : creations.map(describeChange)),
    ...others.map(describeChange),
    ...plan.drift.map(({ address, action, attributes }) =>
      action === 'delete'
        ? `  ! ${address} was deleted outside of Terraform`
        : `  ! ${address} was changed outside of Terraform: ${attributes.join(', ')}`,
    ),
  ]
}

function describeChange(change: Change): string {
  const { address, action, forcedBy, imported, movedFrom, deposed } = change
  const notes = [
    ...(forcedBy.length > 0 ? [`forced by ${forcedBy.join(', ')}`] : []),
    ...(imported ? ['exists; Terraform imports it'] : []),
    ...(movedFrom === undefined ? [] : [`was ${movedFrom}`]),
    ...(deposed ? ['left over from a replacement'] : []),
  ]
  return `  ${marks[action] ?? '='} ${address}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}

function byType(creations: readonly Change[]): string[] {
  const counts = new Map<string, number>()
  for (const { type } of creations) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].sort().map(([type, count]) => `  + ${count} ${type}`)
}

/** Why an apply stops, and how to allow it. */
export function describeStopped(
  stack: string,
  stopped: readonly Stopped[],
): { message: string; fix: string } {
  return {
    message: [
      `The plan of ${stack} deletes what the platform cannot lose:`,
      ...stopped.map(
        ({ address, action, loss, forcedBy }) =>
          `  ${address} would be ${action}d${forcedBy.length > 0 ? ` (${forcedBy.join(', ')} cannot be changed in place)` : ''}; lost: ${loss}`,
      ),
    ].join('\n'),
    fix: `Undo the change. If you want it all the same: ${stopped.map(({ address }) => `--allow-replace ${address}`).join(' ')}`,
  }
}
