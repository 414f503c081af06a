/**
 * `baton destroy`, as a runbook: the protections are lowered, then everything is deleted, in an order that may be stopped
 * and started again anywhere.
 *
 * The protections are lowered by a targeted apply and not by calls of the SDK: whether a bucket is emptied and which
 * final snapshot a database leaves are read by Terraform from its own state when it destroys, and only an apply
 * writes them there. That plan may do nothing but change in place: a second run, half of the platform deleted already,
 * must not create anything again.
 */
import { describePlan, type Terraform } from '@baton/terraform'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import type { TearDownSteps } from './step/tear-down-steps.ts'
import { describeChanges } from './terminal/progress-reporter.ts'

export interface TornDown {
  readonly destroyed: readonly { readonly name: string; readonly resources: number }[]
  /** Name of the snapshot that the database left; undefined when there was no database. */
  readonly finalSnapshot?: string
}

export interface TearDownOptions {
  readonly platform: { readonly name: string; readonly region: string }
  readonly finalSnapshot: string
  /** Also the bootstrap stack: zone, images, and the state itself. */
  readonly all: boolean
  /** Asks for the platform's name. */
  readonly confirm: (question: string) => Promise<void>
  readonly terminal: Terminal
}

/** Types that AWS does not delete while they are protected, or not while they are full. */
const protectedTypes = ['aws_db_instance', 'aws_lb', 'aws_s3_bucket', 'aws_ecr_repository']
const stateBucketTypes = /^aws_s3_bucket\w*\.state$/

/** Throws what a step throws; run again, it continues from where it stopped. */
export async function tearDown(steps: TearDownSteps, options: TearDownOptions): Promise<TornDown> {
  const { platform, all, confirm, terminal, finalSnapshot } = options
  const account = await steps.identify()
  const state = steps.stateBucket(account)
  const bucket = await state.find()
  if (bucket === undefined) {
    terminal.note(
      `Account ${account.id} has no platform ${platform.name} in ${platform.region}: there is no bucket ${state.newName}.`,
    )
    return { destroyed: [] }
  }
  await confirm(
    `This destroys ${platform.name} in account ${account.id}, ${platform.region}${all ? ', its images, hosted zone and state included' : ''}. The database leaves a final snapshot.`,
  )
  const running = await steps.deploymentsUnderWay()
  if (running.length > 0) {
    throw new UsageError(
      `A deployment is under way: ${running.join(', ')}.`,
      'Wait for its end or stop it, and run the command again.',
    )
  }
  const stack = await steps.open('platform', bucket)
  const addresses = await managed(stack)
  await lowerProtections('platform', stack, addresses, terminal)
  const destroyed = [await destroyStack('platform', stack, addresses, terminal)]
  const revisions = await steps.removeRevisions()
  if (revisions > 0) terminal.note(`${revisions} task definition revisions of releases removed`)
  if (all) {
    destroyed.push(await destroyBootstrap(await steps.open('bootstrap', bucket), terminal))
    terminal.note(`Deleting the bucket ${bucket} with the state`)
    await state.remove(bucket)
  }
  const left = addresses.some((address) => address.startsWith('aws_db_instance.')) ? { finalSnapshot } : {}
  return { destroyed, ...left }
}

/**
 * The bootstrap stack's state is in the very bucket that it describes: the bucket is removed from the state and deleted
 * last, so that a state describes what is left for as long as anything is left. Stopped before that, an apply adopts it again.
 */
async function destroyBootstrap(
  stack: Terraform,
  terminal: Terminal,
): Promise<TornDown['destroyed'][number]> {
  const addresses = await managed(stack)
  const bucket = addresses.filter((address) => stateBucketTypes.test(address))
  const others = addresses.filter((address) => !bucket.includes(address))
  await lowerProtections('bootstrap', stack, others, terminal)
  await stack.forget(bucket)
  await destroyStack('bootstrap', stack, others, terminal)
  return { name: 'bootstrap', resources: others.length + bucket.length }
}

const managed = async (stack: Terraform) =>
  (await stack.addresses()).filter((address) => !address.startsWith('data.'))

async function lowerProtections(
  name: string,
  stack: Terraform,
  addresses: readonly string[],
  terminal: Terminal,
): Promise<void> {
  let targets = addresses.filter((address) => protectedTypes.includes(address.split('.')[0] ?? ''))
  while (targets.length > 0) {
    terminal.progress({ target: name, step: 'lower the protections', state: 'started' })
    const plan = await stack.plan({ targets })
    const building = plan.changes.filter(({ action }) => action !== 'update')
    if (building.length === 0) {
      if (plan.applicable) await stack.apply()
      await stack.discardPlan()
      return terminal.progress({
        target: name,
        step: 'lower the protections',
        state: 'finished',
        detail: describePlan(plan),
      })
    }
    await stack.discardPlan()
    // In the state, but deleted from the account: a plan would create it again, and there is nothing to protect.
    const gone = targets.filter((target) => building.some(({ address }) => address === target))
    if (gone.length === 0) {
      throw new UsageError(
        `Lowering the protections of ${name} would create or replace ${building.map(({ address }) => address).join(', ')}.`,
        'Apply the configuration first, or undo its changes (`baton plan` shows them), and run the command again.',
      )
    }
    targets = targets.filter((target) => !gone.includes(target))
  }
}

async function destroyStack(
  name: string,
  stack: Terraform,
  addresses: readonly string[],
  terminal: Terminal,
) {
  if (addresses.length === 0) return { name, resources: 0 }
  const plan = await stack.plan({ destroy: true })
  for (const line of describeChanges(name, plan).slice(0, 1)) terminal.note(line)
  if (!plan.applicable) await stack.discardPlan()
  const { remove } = plan.applicable ? await stack.apply() : { remove: 0 }
  return { name, resources: remove }
}
