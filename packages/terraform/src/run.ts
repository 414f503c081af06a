/**
 * One run of Terraform. It gets a process group of its own: a Ctrl-C in a terminal goes to everybody in the
 * group, and a Terraform that is interrupted twice drops everything, its state included. So the interrupt is
 * passed on here, once, and then Terraform is waited for, however long it takes to stop in good order.
 * https://developer.hashicorp.com/terraform/cli/commands/apply
 */
import { spawn } from 'node:child_process'
import type { TerraformBinary } from './binary.ts'
import type { Diagnostic } from './diagnostic.ts'
import { lineSplitter } from './lines.ts'
import { TerraformError } from './terraform-error.ts'
import { parseUiLine, type UiEvent } from './ui.ts'

export interface RunRequest {
  readonly binary: TerraformBinary
  readonly folder: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Ended {
  readonly code: number
  /** The end of what it wrote to standard error: it is for people, and a few lines of it are enough. */
  readonly stderr: string
}

/** A line of the UI: a diagnostic quotes the line of the configuration that it is about. */
const maximumLine = 1 << 20
const maximumOutput = 256 << 20
const maximumDiagnostics = 100
const stderrTail = 4_000

/** Runs a command that speaks the machine-readable UI; collects what it complains of. */
export async function runUi(
  request: RunRequest,
  onEvent?: (event: UiEvent) => void,
): Promise<Ended & { diagnostics: readonly Diagnostic[] }> {
  const diagnostics: Diagnostic[] = []
  const lines = lineSplitter({
    maximumLength: maximumLine,
    onLine(line) {
      const event = parseUiLine(line)
      if (event?.type === 'diagnostic' && diagnostics.length < maximumDiagnostics)
        diagnostics.push(event.diagnostic)
      if (event) onEvent?.(event)
    },
    onLost: (length) => onEvent?.({ type: 'message', text: `(a line of ${length} characters is left out)` }),
  })
  const ended = await run(request, (chunk) => lines.push(chunk))
  lines.end()
  return { ...ended, diagnostics }
}

/** Runs a command that prints one document. Throws `output-too-large` past 256 MiB. */
export async function runForText(request: RunRequest): Promise<Ended & { stdout: string }> {
  const chunks: string[] = []
  let length = 0
  const ended = await run(request, (chunk) => {
    length += chunk.length
    if (length <= maximumOutput) chunks.push(chunk)
  })
  if (length > maximumOutput) {
    throw new TerraformError(
      'output-too-large',
      `${request.arguments[0]} printed ${length} characters, more than can be read here.`,
      'Look at the stack with Terraform itself.',
    )
  }
  return { ...ended, stdout: chunks.join('') }
}

/** Throws `interrupted` when the signal was aborted, after Terraform has stopped. */
async function run(request: RunRequest, onOutput: (chunk: string) => void): Promise<Ended> {
  const { binary, folder, signal } = request
  if (signal?.aborted) throw interrupted(request, 'It was not started.')
  const child = spawn(binary.path, request.arguments, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...quiet, ...request.environment },
  })
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', onOutput)
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = `${stderr}${chunk}`.slice(-stderrTail)
  })
  const interrupt = () => child.kill('SIGINT')
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    const code = await new Promise<number>((done, fail) => {
      child.once('error', fail)
      child.once('close', (code) => done(code ?? 1))
    })
    if (signal?.aborted) throw interrupted(request, 'It stopped in good order; its state is saved.')
    return { code, stderr: stderr.trim() }
  } catch (cause) {
    if (cause instanceof TerraformError) throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new TerraformError('binary-broken', `${binary.path} cannot be run: ${what}`, 'Install it again.', {
      cause,
    })
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

/** https://developer.hashicorp.com/terraform/cli/config/environment-variables */
const quiet = { TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' }

const interrupted = ({ binary, arguments: [command] }: RunRequest, how: string) =>
  new TerraformError(
    'interrupted',
    `${binary.product} ${command} was interrupted. ${how}`,
    'Run the command again.',
  )
