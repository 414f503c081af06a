/** What the clients of this platform do: the sites are those of the sample, and so is their traffic, at a lower rate. */
import type { Traffic } from '@baton/rehearsal'
import accounts from '../accounts/baton.rehearsal.ts'

export default { ...accounts, rate: 120 } satisfies Traffic
