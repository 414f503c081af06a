/**
 * The one question that the edge asks of a bucket policy: does it let this distribution in? A statement admits
 * when principal, action, resource and every condition match and no Deny does; a condition that is not known here
 * does not match.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 *
 * Gap: only CloudFront's service principal and requests without a signature are held against the policy; signed callers
 * of the API are not.
 */
import { compileWildcard, type Matches } from '../../matching/wildcard.ts'
import { readPolicy } from '../../policy-statements.ts'
import { malformedPolicy } from './errors.ts'

interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>
  readonly Action?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface PolicyRequest {
  readonly service: string
  readonly action: string
  readonly resource: string
  readonly sourceArn: string
  readonly sourceAccount: string
}

const parsed = new Map<string, readonly Statement[]>()
const parsedLimit = 100

/** Throws `MalformedPolicy` for what is no policy. */
export function parsePolicy(policy: string): readonly Statement[] {
  const known = parsed.get(policy)
  if (known !== undefined) return known
  const read = readPolicy(policy)
  if (read === 'not-json') throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'")
  if (read === 'no-statement') throw malformedPolicy('Missing required field Statement')
  const statements = read.statements as unknown as readonly Statement[]
  for (const { Effect } of statements) {
    if (Effect !== 'Allow' && Effect !== 'Deny') throw malformedPolicy(`Invalid effect: ${Effect}`)
  }
  if (parsed.size >= parsedLimit) parsed.clear()
  parsed.set(policy, statements)
  return statements
}

/** Whether everyone may read the object, without a signature. */
export function policyIsPublic(policy: string, resource: string): boolean {
  return policyAdmits(policy, {
    service: '',
    action: 's3:GetObject',
    resource,
    sourceArn: '',
    sourceAccount: '',
  })
}

export function policyAdmits(policy: string, request: PolicyRequest): boolean {
  const matching = parsePolicy(policy).filter((statement) => matches(statement, request))
  return (
    matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
  )
}

function matches(statement: Statement, request: PolicyRequest): boolean {
  const { Principal: principal } = statement
  const services = principal === undefined || principal === '*' ? [] : list(principal.Service)
  const anyone = principal === '*' || (principal !== undefined && list(principal.AWS).includes('*'))
  return (
    (anyone || services.includes(request.service)) &&
    list(statement.Action).some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase())) &&
    list(statement.Resource).some((pattern) => like(pattern, request.resource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, key, list(values), request)),
    )
  )
}

function holds(operator: string, key: string, values: readonly string[], request: PolicyRequest): boolean {
  const context: Record<string, string> = {
    'aws:sourcearn': request.sourceArn,
    'aws:sourceaccount': request.sourceAccount,
    'aws:securetransport': 'true',
  }
  const actual = context[key.toLowerCase()]
  if (actual === undefined) return false
  switch (operator) {
    case 'StringEquals':
    case 'ArnEquals':
    case 'Bool':
      return values.some((value) =>
        operator === 'ArnEquals' ? like(value, actual) : String(value) === actual,
      )
    case 'StringLike':
    case 'ArnLike':
      return values.some((value) => like(value, actual))
    case 'StringNotEquals':
    case 'ArnNotEquals':
      return values.every((value) => value !== actual)
    default:
      return false
  }
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined
    ? []
    : typeof value === 'string' || typeof value === 'boolean'
      ? [String(value)]
      : value
}

/** `*` any characters, `?` one. Policies repeat the same few patterns for each request. */
function like(pattern: string, text: string): boolean {
  let matches = compiled.get(pattern)
  if (matches === undefined) {
    matches = compileWildcard(pattern, { single: true })
    if (compiled.size >= parsedLimit) compiled.clear()
    compiled.set(pattern, matches)
  }
  return matches(text)
}

const compiled = new Map<string, Matches>()
