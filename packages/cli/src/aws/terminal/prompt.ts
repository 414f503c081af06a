/**
 * Questions before something is changed, and values that must not be shown. Without a terminal the command refuses to
 * begin instead of guessing.
 */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Interrupted } from '../../interrupt.ts'
import { UsageError } from '../../usage-error.ts'

/** Where questions go and answers come from. */
export interface Prompt {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

export type Confirm = (question: string) => Promise<void>

const onTerminal: Prompt = { input: process.stdin, output: process.stderr }

/**
 * Asks a question before each change; resolves on the answer `yes`. With the option `yes` nothing is asked. Throws
 * `UsageError` immediately where there is no terminal, and for every other answer.
 */
export function confirmer(
  options: { readonly yes: boolean; readonly json: boolean },
  prompt: Prompt = onTerminal,
): Confirm {
  if (options.yes) return async () => {}
  if (options.json || !prompt.input.isTTY) {
    throw new UsageError(
      'This changes AWS, and there is no terminal to ask on.',
      'Run it in a terminal, or pass --yes.',
    )
  }
  return async (question) => {
    const answer = await ask(`${question} Type yes to go on: `, prompt)
    if (answer.trim().toLowerCase() === 'yes') return
    throw new UsageError(
      'Nothing more was changed.',
      'Run the command again; it continues from where it stopped.',
    )
  }
}

/** Asks for the platform's name, unless it is `given`. Throws `UsageError` for any other name. */
export async function confirmName(
  name: string,
  question: string,
  options: { readonly given: string | undefined; readonly json: boolean },
  prompt: Prompt = onTerminal,
): Promise<void> {
  if (options.given === undefined && (options.json || !prompt.input.isTTY)) {
    throw new UsageError(
      'This destroys a platform, and there is no terminal to ask on.',
      `Run it in a terminal, or pass the platform’s name: --confirm ${name}.`,
    )
  }
  const answer = options.given ?? (await ask(`${question} Type ${name} to go on: `, prompt))
  if (answer.trim() === name) return
  throw new UsageError(
    `The platform is called ${name}, not "${answer.trim()}"; nothing was changed.`,
    'Check project and environment in the configuration, and name the platform exactly.',
  )
}

/** At most what Secrets Manager takes: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const maximumValueBytes = 65_536

/**
 * A secret value, which must be in no history and on no screen: typed twice without echo, or read from standard input to
 * its end, without the last line end.
 */
export async function readValue(name: string, prompt: Prompt = onTerminal): Promise<string> {
  const value = prompt.input.isTTY ? await typed(name, prompt) : await piped(prompt.input)
  if (value === '')
    throw new UsageError(
      `The value of ${name} is empty.`,
      'Type it, or pipe it in: printf %s VALUE | baton …',
    )
  if (Buffer.byteLength(value) > maximumValueBytes) {
    throw new UsageError(
      `The value of ${name} is larger than ${maximumValueBytes} bytes.`,
      'Secrets Manager accepts no more. Store a shorter value.',
    )
  }
  return value
}

async function typed(name: string, prompt: Prompt): Promise<string> {
  const value = await ask(`Value of ${name}: `, prompt, { hidden: true })
  if (value === '' || (await ask('Once more: ', prompt, { hidden: true })) === value) return value
  throw new UsageError('The two values differ; nothing was written.', 'Run the command again.')
}

async function piped(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of input) {
    const piece = Buffer.from(chunk)
    length += piece.length
    if (length > maximumValueBytes + 2) break
    chunks.push(piece)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

/** One line from a person. Rejects with `Interrupted` on Ctrl-C, and when the input ends without an answer. */
function ask(
  question: string,
  { input, output }: Prompt,
  options: { hidden?: boolean } = {},
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  output.write(question)
  return new Promise((answer, reject) => {
    const lines = createInterface({ input, output: options.hidden ? nowhere : output, terminal: true })
    const finish = (then: () => void) => {
      lines.removeAllListeners().close()
      if (options.hidden) output.write('\n')
      then()
    }
    lines.once('line', (line) => finish(() => answer(line)))
    lines.once('SIGINT', () => finish(() => reject(new Interrupted())))
    lines.once('close', () => finish(() => reject(new Interrupted())))
  })
}
