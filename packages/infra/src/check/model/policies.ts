/** IAM policies as data, from JSON text, `jsonencode(…)` or a `data.aws_iam_policy_document`. */
import type { Block, Resource } from './block.ts'

export interface Statement {
  readonly sid: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** e.g. `AWS *`, `Service ecs-tasks.amazonaws.com`, `Federated …`. */
  readonly principals: readonly string[]
  /** `operator key` and the values that it compares with, keys in lower case: AWS does not mind their case. */
  readonly conditions: readonly {
    readonly operator: string
    readonly key: string
    readonly values: string[]
  }[]
}

/** The statements of a policy, or undefined where they are not written down. */
export function statementsOf(block: Block, ...path: string[]): Statement[] | undefined {
  const document = block.references(...path).find(({ type }) => type === 'aws_iam_policy_document')
  if (document !== undefined) return document.blocks('statement').map(fromDocument)
  const policy = block.embedded(...path)
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) return undefined
  return list(policy.Statement).filter(isRecord).map(fromJson)
}

/** Arguments that hold a policy, by resource type. */
const policyArguments: Readonly<Record<string, readonly string[]>> = {
  aws_iam_policy: ['policy'],
  aws_iam_role_policy: ['policy'],
  aws_iam_user_policy: ['policy'],
  aws_iam_group_policy: ['policy'],
}

/** Policies that say what an identity may do: those of their own, and those inside of a role. */
export function identityPolicies(resource: Resource): (Statement[] | undefined)[] {
  const own = (policyArguments[resource.type] ?? []).map((path) => statementsOf(resource, path))
  const inline = resource.type === 'aws_iam_role' ? resource.blocks('inline_policy') : []
  return [...own, ...inline.map((block) => statementsOf(block, 'policy'))]
}

/** Types whose `policy` says who may come in. */
export const resourcePolicyTypes = [
  'aws_s3_bucket_policy',
  'aws_sns_topic_policy',
  'aws_sqs_queue_policy',
  'aws_ecr_repository_policy',
  'aws_secretsmanager_secret_policy',
  'aws_efs_file_system_policy',
  'aws_kms_key',
] as const

export const isEveryone = (principal: string): boolean => principal === 'AWS *' || principal === '* *'

function fromJson(statement: Readonly<Record<string, unknown>>): Statement {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, Condition } = statement
  return {
    sid: typeof Sid === 'string' ? Sid : '',
    effect: Effect === 'Deny' ? 'Deny' : 'Allow',
    // Everything but a few counts as everything: AWS may add actions at any time.
    actions: NotAction === undefined ? texts(Action) : ['*'],
    resources: NotResource === undefined ? texts(Resource) : ['*'],
    principals: isRecord(Principal)
      ? Object.entries(Principal).flatMap(([type, values]) =>
          texts(values).map((value) => `${type} ${value}`),
        )
      : texts(Principal).map((value) => `${value} ${value}`),
    conditions: Object.entries(isRecord(Condition) ? Condition : {}).flatMap(([operator, keys]) =>
      Object.entries(isRecord(keys) ? keys : {}).map(([key, values]) => ({
        operator,
        key: key.toLowerCase(),
        values: texts(values),
      })),
    ),
  }
}

const fromDocument = (block: Block): Statement => ({
  sid: block.text('sid') ?? '',
  effect: block.text('effect') === 'Deny' ? 'Deny' : 'Allow',
  actions: block.at('not_actions') === undefined ? block.texts('actions') : ['*'],
  resources: block.at('not_resources') === undefined ? block.texts('resources') : ['*'],
  principals: block
    .blocks('principals')
    .flatMap((principals) =>
      principals.texts('identifiers').map((identifier) => `${principals.text('type')} ${identifier}`),
    ),
  conditions: block.blocks('condition').map((condition) => ({
    operator: condition.text('test') ?? '',
    key: (condition.text('variable') ?? '').toLowerCase(),
    values: condition.texts('values'),
  })),
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]
const texts = (value: unknown): string[] => list(value).map(String)
