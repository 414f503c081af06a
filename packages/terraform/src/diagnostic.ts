/**
 * What Terraform complains of, made into what, where and how to fix it. Terraform's own texts say what; for what
 * goes wrong most often with a platform, the table below says what to do.
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui#diagnostic
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** Resource that it is about: `aws_lb.main`. */
  readonly address?: string
  /** `cdk.tf.json:12`. */
  readonly place?: string
  readonly fix?: string
}

/** Reads the `diagnostic` of a message; undefined when it is none. */
export function parseDiagnostic(value: unknown): Diagnostic | undefined {
  if (!isObject(value) || typeof value.summary !== 'string') return undefined
  const summary = value.summary.replace(/\s+/g, ' ').trim()
  const detail = typeof value.detail === 'string' ? value.detail.trim() : ''
  const address = addressOf(value)
  const place = placeOf(value.range)
  const fix = fixOf(`${summary}\n${detail}`)
  return {
    severity: value.severity === 'warning' ? 'warning' : 'error',
    summary,
    detail,
    ...(address === undefined ? {} : { address }),
    ...(place === undefined ? {} : { place }),
    ...(fix === undefined ? {} : { fix }),
  }
}

/** One paragraph: `aws_lb.main: creating ELBv2 …: AccessDenied … (cdk.tf.json:12)`. */
export const describeDiagnostic = ({ address, summary, detail, place }: Diagnostic): string =>
  `${address ? `${address}: ` : ''}${[summary, detail].filter(Boolean).join(': ')}${place ? ` (${place})` : ''}`

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Before a plan there is no address, but the context of the snippet names the block: `resource.aws_lb.main`. */
function addressOf(value: Record<string, unknown>): string | undefined {
  if (typeof value.address === 'string' && value.address !== '') return value.address
  const context = isObject(value.snippet) ? value.snippet.context : undefined
  if (typeof context !== 'string') return undefined
  const [kind, type, name] = context.split('.')
  if (!type || !name) return undefined
  if (kind === 'resource') return `${type}.${name}`
  return kind === 'data' || kind === 'ephemeral' ? `${kind}.${type}.${name}` : undefined
}

function placeOf(range: unknown): string | undefined {
  if (!isObject(range) || typeof range.filename !== 'string') return undefined
  const line = isObject(range.start) ? range.start.line : undefined
  return typeof line === 'number' ? `${range.filename}:${line}` : range.filename
}

const fixes: readonly (readonly [pattern: RegExp, fix: string])[] = [
  [
    /no valid credential sources|failed to refresh cached credentials|NoCredentialProviders/i,
    'Sign in to AWS (AWS_PROFILE, `aws sso login`, or the role of the pipeline) and run the command again.',
  ],
  [
    /ExpiredToken|security token included in the request is expired/i,
    'Sign in to AWS again: the session has expired.',
  ],
  [
    /error acquiring the state lock|state lock/i,
    'Another run holds the lock of this stack: wait for its end. If there is none, remove the lock with `terraform force-unlock ID` in the folder of the stack.',
  ],
  [
    /could not connect to registry|failed to query available provider packages|failed to install provider/i,
    'Terraform must reach the registry for the aws provider: check the network and proxy, or set up a mirror (https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation).',
  ],
  [
    /AccessDenied|UnauthorizedOperation|not authorized to perform/i,
    'The identity that applies lacks this permission: grant it, or apply as another one.',
  ],
  [
    /AddressLimitExceeded|LimitExceeded|maximum number of|quota/i,
    'A quota of the account is used up: ask for more in Service Quotas, or remove what is not needed.',
  ],
  [
    /BucketAlreadyExists|BucketAlreadyOwnedByYou/,
    'The name of the bucket is taken: another account, or an earlier platform, has it. Choose another project, environment or domain.',
  ],
  [
    /DBSnapshotAlreadyExists/,
    'A snapshot of this name is there already: delete or copy it, and run the command again.',
  ],
  [/Unsupported (Terraform|OpenTofu) Core version/i, 'Install a version that the configuration asks for.'],
  [
    /DependencyViolation|HostedZoneNotEmpty/,
    'Something that Terraform does not know still uses it: find it in the console, remove it, and run the command again.',
  ],
]

const fixOf = (text: string): string | undefined => fixes.find(([pattern]) => pattern.test(text))?.[1]
