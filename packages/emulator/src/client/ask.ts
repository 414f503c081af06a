/**
 * One request to the emulator's own interface. It goes to 127.0.0.1 by an agent that no one else uses: a company's
 * proxy (`NODE_USE_ENV_PROXY` with `HTTP_PROXY`) is for other hosts, and `localhost` may mean `::1` on this machine,
 * where the emulator does not listen. An emulator that does not begin to answer is reported, never waited for forever.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import type { EmulatorDescription } from './description.ts'
import { EmulatorError } from './emulator-error.ts'

export interface Question {
  /** Below `/_baton/`, with the query. */
  readonly path: string
  /** Sent as JSON by POST; a GET without it. */
  readonly body?: unknown
  /** How long the first byte of the answer may take. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** An idle emulator answers within milliseconds; a busy one within a second or two. */
const answerTimeoutMs = 5_000

const agent = new Agent({ keepAlive: false })

/**
 * Resolves with the answer as soon as its head is there. Rejects with the signal's reason, with `EmulatorError` when
 * there is no answer in time, and with the system's error when nothing listens.
 */
export function ask(
  { pid, endpoints, controlToken }: Pick<EmulatorDescription, 'pid' | 'endpoints' | 'controlToken'>,
  { path, body, timeoutMs = answerTimeoutMs, signal }: Question,
): Promise<IncomingMessage> {
  const { host, port } = new URL(endpoints.api)
  const content = body === undefined ? undefined : JSON.stringify(body)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const asked = request(
    {
      agent,
      host: '127.0.0.1',
      port,
      path: `/_baton/${path}`,
      method: content === undefined ? 'GET' : 'POST',
      headers: {
        host,
        authorization: `Bearer ${controlToken}`,
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal,
    },
    resolve,
  )
  const timer = setTimeout(() => asked.destroy(noAnswer(pid, timeoutMs)), timeoutMs)
  asked.once('response', () => clearTimeout(timer))
  asked.once('close', () => clearTimeout(timer))
  asked.on('error', (error) => reject(signal?.aborted ? signal.reason : error))
  asked.end(content)
  return promise
}

/** Reads an answer to its end as text. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8')
  let text = ''
  for await (const chunk of answer) text += chunk
  return text
}

/** Reads an answer line by line, each a JSON document. */
export async function* linesOf(answer: IncomingMessage): AsyncGenerator<unknown> {
  answer.setEncoding('utf8')
  let rest = ''
  for await (const chunk of answer) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield JSON.parse(part)
  }
}

export const noAnswer = (pid: number, timeoutMs?: number): EmulatorError =>
  new EmulatorError(
    `The emulator (process ${pid}) runs but does not answer${timeoutMs === undefined ? '' : ` within ${timeoutMs / 1000} s`}.`,
    'Wait a moment and try again, or stop it with `baton down`, which ends it if it must.',
  )
