/**
 * A program that speaks like Terraform: the same commands, the machine-readable UI and the plan JSON as Terraform
 * 1.11.4 prints them (recorded), over a folder whose `cdk.tf.json` it compares with a state of its own. The real
 * one needs a provider registry for anything more than `terraform_data`. `fake.json` in the folder says what goes wrong.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Faults {
  readonly version?: string
  /** A diagnostic with which `init` or `plan` fails. */
  readonly init?: object
  readonly plan?: object
  /** Address whose creation fails, with this detail. */
  readonly apply?: { readonly address: string; readonly detail: string }
  /** How long each resource takes. */
  readonly applyMs?: number
  readonly drift?: readonly object[]
}

type Attributes = Record<string, unknown>
type Resources = Record<string, Attributes>
/** An attribute of this name cannot be changed in place. */
const forcesReplacement = 'name'

/** A folder with an executable `terraform` in it; `name` may be `tofu`. */
export function installFake(name = 'terraform'): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-fake-'))
  addFake(folder, name)
  return folder
}

export function addFake(folder: string, name: string, version = '1.11.4'): string {
  const file = join(folder, name)
  const program = fileURLToPath(import.meta.url)
  writeFileSync(file, `#!/bin/sh\nFAKE_VERSION=${version} exec "${process.execPath}" "${program}" "$@"\n`)
  chmodSync(file, 0o755)
  return file
}

const read = <T>(file: string, otherwise: T): T =>
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : otherwise

let interrupted = false

async function main([command = '', ...rest]: string[]): Promise<number> {
  process.on('SIGINT', () => {
    interrupted = true
    log(
      '\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n',
    )
    log('Stopping operation...')
  })
  const faults = read<Faults>('fake.json', {})
  const options = rest.filter((argument) => argument.startsWith('-'))
  if (command === 'version') {
    console.log(
      JSON.stringify({
        terraform_version: process.env.FAKE_VERSION,
        platform: 'linux_amd64',
        provider_selections: {},
        terraform_outdated: false,
      }),
    )
    return 0
  }
  if (command === 'init') return faults.init ? fail(faults.init) : init()
  if (command === 'plan') return faults.plan ? fail(faults.plan) : plan(options)
  if (command === 'show') return show(rest.at(-1) ?? '', faults)
  if (command === 'apply') return apply(rest.at(-1) ?? '', faults)
  if (command === 'output') {
    console.log(
      JSON.stringify({
        name_servers: { sensitive: false, type: ['list', 'string'], value: ['ns-1.example'] },
      }),
    )
    return 0
  }
  return state(rest)
}

function init(): number {
  version()
  ui('init_output', 'Initializing the backend...', { message_code: 'initializing_backend_message' })
  ui('init_output', 'Terraform has been successfully initialized!', {
    message_code: 'output_init_success_message',
  })
  return 0
}

function plan(options: string[]): number {
  version()
  console.log('a line that is no JSON')
  const wanted = options.includes('-destroy') ? {} : desired()
  const targets = options.flatMap((option) => /^-target=(.*)$/.exec(option)?.[1] ?? [])
  const changes = difference(read<Resources>('fake.tfstate', {}), wanted).filter(
    ({ address }) => targets.length === 0 || targets.includes(address),
  )
  const moving = changes.filter(({ change }) => change.actions[0] !== 'no-op')
  for (const { address, change } of moving) {
    const action = change.actions.length === 2 ? 'replace' : (change.actions[0] ?? '')
    ui('planned_change', `${address}: Plan to ${action}`, { change: { resource: resource(address), action } })
  }
  const count = (action: string) => moving.filter(({ change }) => change.actions.includes(action)).length
  summary('plan', { add: count('create'), change: count('update'), remove: count('delete') })
  const out = options.flatMap((option) => /^-out=(.*)$/.exec(option)?.[1] ?? [])[0] ?? ''
  writeFileSync(out, JSON.stringify(changes))
  return 0
}

function show(file: string, faults: Faults): number {
  const changes: ReturnType<typeof difference> = read(file, [])
  const applyable = changes.some(({ change }) => change.actions[0] !== 'no-op')
  console.log(
    JSON.stringify({
      format_version: '1.2',
      terraform_version: '1.11.4',
      resource_changes: changes,
      resource_drift: faults.drift ?? [],
      output_changes: {},
      timestamp: '2026-11-22T13:50:42Z',
      applyable,
      complete: true,
      errored: false,
    }),
  )
  return 0
}

async function apply(file: string, faults: Faults): Promise<number> {
  version()
  const state = read<Resources>('fake.tfstate', {})
  const done = { create: 0, update: 0, delete: 0 }
  for (const { address, change } of read<ReturnType<typeof difference>>(file, [])) {
    for (const action of change.actions.filter((action) => action !== 'no-op')) {
      if (interrupted) {
        diagnostic({ severity: 'error', summary: 'execution halted', detail: '' })
        return 1
      }
      const hook = { resource: resource(address), action }
      ui('apply_start', `${address}: ${action}`, { hook })
      await new Promise((done) => setTimeout(done, faults.applyMs ?? 0))
      if (faults.apply?.address === address) {
        ui('apply_errored', `${address}: errored`, { hook: { ...hook, elapsed_seconds: 1 } })
        diagnostic({
          severity: 'error',
          summary: `creating ${address}`,
          detail: faults.apply.detail,
          address,
          range: { filename: 'cdk.tf.json', start: { line: 12, column: 1, byte: 1 } },
        })
        return 1
      }
      ui('apply_complete', `${address}: complete`, {
        hook: { ...hook, id_key: 'id', id_value: address, elapsed_seconds: 1 },
      })
      if (action === 'delete') delete state[address]
      else state[address] = change.after ?? {}
      done[action as keyof typeof done]++
      writeFileSync('fake.tfstate', JSON.stringify(state))
    }
  }
  summary('apply', { add: done.create, change: done.update, remove: done.delete })
  return 0
}

function state([verb, ...rest]: string[]): number {
  const known = read<Resources>('fake.tfstate', {})
  if (!existsSync('fake.tfstate')) {
    console.error('No state file was found!\n\nState management commands require a state file.')
    return 1
  }
  if (verb === 'list') console.log(Object.keys(known).join('\n'))
  for (const address of verb === 'rm' ? rest.filter((argument) => !argument.startsWith('-')) : [])
    delete known[address]
  writeFileSync('fake.tfstate', JSON.stringify(known))
  return 0
}

function desired(): Resources {
  const { resource = {} } = read<{ resource?: Record<string, Record<string, Attributes>> }>('cdk.tf.json', {})
  return Object.fromEntries(
    Object.entries(resource).flatMap(([type, bodies]) =>
      Object.entries(bodies).map(([name, body]) => [`${type}.${name}`, body]),
    ),
  )
}

function difference(before: Resources, after: Resources) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((address) => {
    const [old, wanted] = [before[address] ?? null, after[address] ?? null]
    const same = JSON.stringify(old) === JSON.stringify(wanted)
    const replaces = old !== null && wanted !== null && old[forcesReplacement] !== wanted[forcesReplacement]
    const actions = same
      ? ['no-op']
      : old === null
        ? ['create']
        : wanted === null
          ? ['delete']
          : replaces
            ? ['delete', 'create']
            : ['update']
    const [type = '', name = ''] = address.split('.')
    const reason = replaces ? { action_reason: 'replace_because_cannot_update' } : {}
    const change = {
      actions,
      before: old,
      after: wanted,
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
      ...(replaces ? { replace_paths: [[forcesReplacement]] } : {}),
    }
    return {
      address,
      mode: 'managed',
      type,
      name,
      provider_name: 'registry.terraform.io/hashicorp/aws',
      change,
      ...reason,
    }
  })
}

function fail(problem: object): number {
  version()
  diagnostic(problem)
  return 1
}

const diagnostic = (problem: object) => ui('diagnostic', 'Error', { diagnostic: problem }, 'error')
const log = (message: string) => ui('log', message, {})
const version = () => ui('version', 'Terraform 1.11.4', { terraform: '1.11.4', ui: '1.2' })
const summary = (operation: string, changes: object) =>
  ui('change_summary', `${operation} complete`, { changes: { import: 0, ...changes, operation } })

function ui(type: string, message: string, more: object, level = 'info'): void {
  console.log(
    JSON.stringify({
      '@level': level,
      '@message': message,
      '@module': 'terraform.ui',
      '@timestamp': '2026-11-22T13:50:39.577004Z',
      ...more,
      type,
    }),
  )
}

function resource(address: string) {
  const [type, name] = address.split('.')
  return {
    addr: address,
    module: '',
    resource: address,
    implied_provider: 'aws',
    resource_type: type,
    resource_name: name,
    resource_key: null,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
