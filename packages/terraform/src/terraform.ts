/**
 * Terraform over one stack's folder: the few commands that a platform needs, each of which ends in a value or in
 * a `TerraformError` that says what, where and how to fix it.
 */
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TerraformBinary } from './binary.ts'
import { type Diagnostic, describeDiagnostic } from './diagnostic.ts'
import { type Plan, parsePlan } from './plan.ts'
import { type Ended, runForText, runUi } from './run.ts'
import { TerraformError, type TerraformErrorCode } from './terraform-error.ts'
import type { ChangeCounts, UiEvent } from './ui.ts'

export interface TerraformOptions {
  /** Folder with the stack's `*.tf.json`. */
  readonly folder: string
  /** Added to this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Interrupts what runs; it is waited for. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: UiEvent) => void
}

export interface PlanRequest {
  /** Plan to destroy everything that is in the state. */
  readonly destroy?: boolean
  /** Only these addresses and what they need. */
  readonly targets?: readonly string[]
}

export interface Terraform {
  readonly binary: TerraformBinary
  /** Fetches providers and opens the backend. Throws `init-failed`. */
  init(options?: { readonly backendConfig?: Readonly<Record<string, string>> }): Promise<void>
  /** Plans and keeps the plan for `apply`. Throws `plan-failed`. */
  plan(request?: PlanRequest): Promise<Plan>
  /** Applies the plan that was made last, exactly. Throws `apply-failed`; what was done is in the state. */
  apply(): Promise<ChangeCounts>
  /** Deletes a plan that is not going to be applied. */
  discardPlan(): Promise<void>
  /** Throws `state-failed`. */
  outputs(): Promise<Readonly<Record<string, unknown>>>
  /** Addresses in the state. Throws `state-failed`. */
  addresses(): Promise<readonly string[]>
  /** Takes addresses out of the state and leaves what they stand for alone. Throws `state-failed`. */
  forget(addresses: readonly string[]): Promise<void>
}

/** A plan holds secrets in the clear: it is readable for its owner only, and deleted as soon as it is applied. */
const planFile = 'baton.tfplan'

/** How long to wait for another run that holds the lock of the stack. */
const lockTimeout = '-lock-timeout=60s'

export function openTerraform(binary: TerraformBinary, options: TerraformOptions): Terraform {
  const request = (command: readonly string[]) => ({
    binary,
    folder: options.folder,
    arguments: command,
    ...(options.environment ? { environment: options.environment } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  const ui = async (code: TerraformErrorCode, command: readonly string[], onEvent = options.onEvent) => {
    const ended = await runUi(request(command), onEvent)
    if (ended.code !== 0) throw failure(code, binary, command, ended)
  }
  const discardPlan = () => rm(join(options.folder, planFile), { force: true })
  const text = async (code: TerraformErrorCode, command: readonly string[]) => {
    const ended = await runForText(request(command))
    if (ended.code !== 0) throw failure(code, binary, command, { ...ended, diagnostics: [] })
    return ended.stdout
  }
  return {
    binary,
    async init({ backendConfig = {} } = {}) {
      const backend = Object.entries(backendConfig).map(([key, value]) => `-backend-config=${key}=${value}`)
      await ui('init-failed', ['init', '-json', '-input=false', '-reconfigure', ...backend])
    },
    async plan({ destroy = false, targets = [] } = {}) {
      await discardPlan()
      await ui('plan-failed', [
        'plan',
        '-json',
        '-input=false',
        lockTimeout,
        `-out=${planFile}`,
        ...(destroy ? ['-destroy'] : []),
        ...targets.map((target) => `-target=${target}`),
      ])
      await chmod(join(options.folder, planFile), 0o600)
      return parsePlan(await text('plan-unreadable', ['show', '-json', planFile]))
    },
    async apply() {
      let counts: ChangeCounts = { add: 0, change: 0, remove: 0, import: 0 }
      try {
        await ui('apply-failed', ['apply', '-json', '-input=false', lockTimeout, planFile], (event) => {
          if (event.type === 'summary' && event.operation !== 'plan') counts = event.counts
          // A saved plan is reported again before it is applied; it has been shown already.
          if (event.type !== 'planned') options.onEvent?.(event)
        })
      } finally {
        await discardPlan()
      }
      return counts
    },
    discardPlan,
    async outputs() {
      const outputs: Record<string, { value?: unknown }> = JSON.parse(
        await text('state-failed', ['output', '-json']),
      )
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))
    },
    async addresses() {
      const { code, stdout, stderr } = await runForText(request(['state', 'list']))
      // A stack that was never applied has no state, which is no mistake.
      if (code !== 0 && /no state file was found/i.test(stderr)) return []
      if (code !== 0) throw failure('state-failed', binary, ['state list'], { code, stderr, diagnostics: [] })
      return stdout.split('\n').filter((line) => line !== '')
    },
    async forget(addresses) {
      if (addresses.length > 0) await text('state-failed', ['state', 'rm', lockTimeout, ...addresses])
    },
  }
}

function failure(
  code: TerraformErrorCode,
  { product }: TerraformBinary,
  [command]: readonly string[],
  ended: Ended & { readonly diagnostics: readonly Diagnostic[] },
): TerraformError {
  const errors = ended.diagnostics.filter(({ severity }) => severity === 'error')
  const { stderr } = ended
  const details =
    errors.length > 0 ? errors.map(describeDiagnostic) : [withoutFrame(stderr) || `exit status ${ended.code}`]
  const fixes = [...new Set(errors.flatMap(({ fix }) => fix ?? []))]
  return new TerraformError(
    code,
    [`${product} ${command} failed:`, ...details.map((detail) => indent(detail))].join('\n'),
    fixes.join(' ') || fallback[code] || 'See the reason above, correct it, and run the command again.',
    { diagnostics: errors },
  )
}

const fallback: Partial<Record<TerraformErrorCode, string>> = {
  'apply-failed':
    'What was done is in the state: correct the reason above and run the command again, it goes on from there.',
}

const indent = (text: string) => text.replace(/^/gm, '  ')

/** Errors for people come in colours and in a frame of box-drawing characters. */
const withoutFrame = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
    .replace(/\u001b\[[0-9;]*m/g, '')
    .replace(/^[╷│╵ ]+/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim()
