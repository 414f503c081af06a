/**
 * The emulator's own interface below `/_baton`: what no AWS API offers, because only the emulator can offer it. An apply
 * answers in lines of JSON, progress first, so that the caller sees it move.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { EmulatorDescription } from './client/description.ts'
import type { EmulatorNotice, EmulatorStatus } from './client/emulator.ts'
import { gapsOf } from './gaps.ts'
import { sameText } from './protocol/signature/sign.ts'
import type { EmulatorContext } from './service.ts'
import { delivered } from './services/sns/notification.ts'
import type { Services } from './services.ts'
import { type CheckedStack, summarize, type Terraform, TerraformError } from './terraform/index.ts'

/** What the interface controls. */
export interface ControlledEmulator {
  readonly description: EmulatorDescription
  readonly context: EmulatorContext
  readonly services: Services
  readonly terraform: Terraform
  stop(): void
}

interface ApplyRequest {
  readonly folder: string
  readonly stacks?: CheckedStack[]
  readonly inert?: string[]
  readonly variables?: Record<string, never>
}

type SendLine = (line: unknown) => void

export function controlApi(emulator: ControlledEmulator): RequestListener {
  return (request, response) => {
    answer(emulator, request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(error instanceof Error ? error.message : String(error))
    })
  }
}

async function answer(
  emulator: ControlledEmulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!sameText(`Bearer ${emulator.description.controlToken}`, request.headers.authorization ?? '')) {
    return void refuse(
      response,
      401,
      'The control API demands its token: controlToken of emulator.json in the state directory.',
    )
  }
  const url = new URL(request.url ?? '/', emulator.description.endpoints.api)
  const [, , noun = '', name = '', verb = ''] = url.pathname.split('/')
  if (request.method === 'GET') {
    const result = read(emulator, noun, name, verb, url)
    if (result === undefined) return void refuse(response, 404, `There is no ${url.pathname} here.`)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
    return
  }
  if (request.headers['content-type'] !== 'application/json') {
    return void refuse(response, 415, 'Send application/json.')
  }
  const body = (await json(request)) as ApplyRequest
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders()
  const sendLine: SendLine = (line) => void response.write(`${JSON.stringify(line)}\n`)
  try {
    const disconnected = new AbortController()
    response.once('close', () => disconnected.abort(new Error('The client has disconnected.')))
    const result = await act(emulator, noun, name, verb, body, sendLine, disconnected.signal)
    sendLine({ type: 'done', result })
  } catch (error) {
    sendLine({ type: 'failed', ...failure(error) })
  }
  response.end()
  if (noun === 'stop') emulator.stop()
}

function read(emulator: ControlledEmulator, noun: string, name: string, verb: string, url: URL): unknown {
  if (noun === 'status') return status(emulator)
  if (noun === 'events') return emulator.context.events.since(Number(url.searchParams.get('since') ?? 0))
  if (noun === 'notices') return notices(emulator, url)
  if (noun === 'stacks' && verb === 'outputs') return emulator.terraform.outputs(name)
  if (noun === 'deployments' && verb === 'timing') return emulator.services.codeDeploy.timing(name) ?? null
  return undefined
}

/** What the process holds after a full garbage collection: the figure for finding growth. */
function liveMemory(): NodeJS.MemoryUsage {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage()
}

/** `since` is a moment in ISO 8601, `topic` a name or an ARN. */
function notices({ services }: ControlledEmulator, { searchParams }: URL): EmulatorNotice[] {
  const since = searchParams.get('since')
  return delivered(services.sns.inbox(), {
    since: since === null ? undefined : Date.parse(since),
    topic: searchParams.get('topic') ?? undefined,
  })
}

function act(
  emulator: ControlledEmulator,
  noun: string,
  stack: string,
  verb: string,
  body: ApplyRequest,
  sendLine: SendLine,
  signal: AbortSignal,
): unknown {
  const { terraform } = emulator
  const onProgress = (event: unknown) => sendLine({ type: 'progress', event })
  if (noun === 'stop') return {}
  if (noun === 'memory') return liveMemory()
  if (noun === 'check') return checked(terraform, body)
  if (noun === 'stacks' && verb === 'plan') return terraform.plan(body.folder, { stack, ...body })
  if (noun === 'stacks' && verb === 'apply')
    return terraform.apply(body.folder, { stack, ...body, onProgress, signal })
  if (noun === 'stacks' && verb === 'destroy') return terraform.destroy(stack, { onProgress, signal })
  throw new Error(`There is no /_baton/${noun}/${stack}/${verb} here.`)
}

async function checked(terraform: Terraform, { stacks = [], inert = [] }: ApplyRequest) {
  await terraform.check(stacks, { inert })
  return {}
}

function status({ description, context, services, terraform }: ControlledEmulator): EmulatorStatus {
  // A caller that may ask this has them from the file; an answer may end up in a log.
  const { credentials: _credentials, controlToken: _controlToken, ...emulator } = description
  const counts = Map.groupBy(terraform.resources(), (resource) => resource.stack)
  return {
    emulator,
    stacks: [...counts].map(([name, resources]) => ({ name, resources: resources.length })),
    names: context.names.all().map(({ name, port, socket }) => ({
      name,
      port,
      ...(socket ? { socket: `${socket.address}:${socket.port}` } : {}),
    })),
    gaps: gapsOf(services.usedRuntimes()),
  }
}

function failure(error: unknown) {
  if (error instanceof TerraformError) {
    const { diagnostics, unfinished } = error
    const problems = diagnostics.length === 1 ? '1 problem' : `${diagnostics.length} problems`
    if (unfinished === undefined) {
      return {
        message: `The Terraform cannot be applied: ${problems}.`,
        fix: 'Fix each of them; what was applied before stays as it is.',
        diagnostics,
      }
    }
    const { changes, pending } = unfinished
    return {
      message: `The apply ended early: ${problems}. Done: ${changes.length > 0 ? summarize(changes) : 'nothing'}. Not begun: ${pending.length}.`,
      fix: 'Fix what is wrong and apply again: what was done is kept, and the apply continues with the rest.',
      diagnostics,
      unfinished,
    }
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    fix: 'Read emulator.log in the state directory.',
    diagnostics: [],
  }
}

function refuse(response: ServerResponse, statusCode: number, message: string): void {
  response.writeHead(statusCode, { 'content-type': 'text/plain' }).end(`${message}\n`)
}
