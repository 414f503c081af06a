/** The network as both doors see it: the documents, and what belongs to groups, tables and lists. */
import type { EmulatorContext } from '../../../service.ts'
import { type AclEntries, aclEntries } from './acl-entries.ts'
import { type Routes, routesOf } from './routes.ts'
import { type SecurityRules, securityRules } from './security-rules.ts'
import { createState, type Ec2State } from './state.ts'

export interface Ec2Model {
  readonly emulator: EmulatorContext
  readonly state: Ec2State
  readonly rules: SecurityRules
  readonly routes: Routes
  readonly entries: AclEntries
}

export function createModel(emulator: EmulatorContext): Ec2Model {
  const state = createState(emulator.store)
  const arnOf = (resource: string) => `arn:aws:ec2:${emulator.region}:${emulator.accountId}:${resource}`
  return {
    emulator,
    state,
    rules: securityRules(state, { ids: emulator.ids, arnOf }),
    routes: routesOf(state),
    entries: aclEntries(state, emulator.ids),
  }
}
