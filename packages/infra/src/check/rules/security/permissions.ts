/** Who may do more than the work needs, and who may assume which role. */

import type { Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import {
  identityPolicies,
  isEveryone,
  resourcePolicyTypes,
  type Statement,
  statementsOf,
} from '../../model/policies.ts'
import type { Terraform } from '../../model/terraform.ts'

const leastPrivilege =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege'
const oidc = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html'

/**
 * Services that `confused-deputy` does not judge: CloudFront has a rule of its own, and EventBridge does not say
 * for which account it calls, so that the condition would shut it out.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
 */
const unnamed = ['Service cloudfront.amazonaws.com', 'Service events.amazonaws.com']

/** Services that say for which resource they assume a role. Others, such as Lambda, would be locked out. */
const namesSource = [
  'Service ecs-tasks.amazonaws.com',
  'Service codedeploy.amazonaws.com',
  'Service scheduler.amazonaws.com',
]

function* identityStatements(terraform: Terraform): Generator<{ at: Resource; statement: Statement }> {
  const types = [
    'aws_iam_policy',
    'aws_iam_role_policy',
    'aws_iam_user_policy',
    'aws_iam_group_policy',
    'aws_iam_role',
  ]
  for (const at of terraform.all(...types)) {
    for (const statement of identityPolicies(at).flatMap((statements) => statements ?? []))
      if (statement.effect === 'Allow') yield { at, statement }
  }
}

/**
 * What a trust policy demands of a claim: one list of values per condition, of which one must match. Conditions
 * must all hold. Negated operators, those with IfExists and ForAllValues admit a token without the claim.
 */
const demandsOf = (conditions: Statement['conditions'], claim: string): string[][] =>
  conditions
    .filter(
      ({ operator, key }) =>
        key.endsWith(`:${claim}`) && /^(ForAnyValue:)?String(Equals|Like)$/i.test(operator),
    )
    .map(({ values }) => values)
    .filter((values) => values.length > 0)

const isWide = (value: string) => /[*?]/.test(value)
const isOneBranch = (subject: string) =>
  !isWide(subject) &&
  (!subject.startsWith('repo:') ||
    /^repo:[^/]+\/[^:]+:(ref:refs\/(heads|tags)\/.+|environment:.+)$/.test(subject))

const means = (pattern: string, action: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  ).test(action)

export const permissionRules: readonly Rule[] = [
  {
    name: 'wildcard-permission',
    severity: 'error',
    demand: 'No policy allows every action of a service on everything.',
    source: leastPrivilege,
    *check(terraform) {
      for (const { at, statement } of identityStatements(terraform)) {
        const wide = statement.actions.filter((action) => /^(\*|[\w-]+:\*)$/.test(action))
        if (wide.length === 0 || !statement.resources.includes('*')) continue
        yield {
          at,
          reason: `it allows ${wide.join(', ')} on every resource`,
          fix: 'List the actions that are needed, and the resources by reference.',
        }
      }
    },
  },
  {
    name: 'managed-policy',
    severity: 'error',
    demand: 'No one has an AWS managed policy that allows everything.',
    source: leastPrivilege,
    *check(terraform) {
      const attached = [
        'aws_iam_role_policy_attachment',
        'aws_iam_user_policy_attachment',
        'aws_iam_policy_attachment',
      ]
      const roles = terraform.all('aws_iam_role').map((at) => ({ at, arns: at.texts('managed_policy_arns') }))
      const attachments = terraform.all(...attached).map((at) => ({ at, arns: at.texts('policy_arn') }))
      for (const { at, arns } of [...attachments, ...roles]) {
        const wide = arns.find((arn) =>
          /\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/.test(arn),
        )
        if (wide === undefined) continue
        yield {
          at,
          reason: `${wide.split('/').at(-1)} is attached`,
          fix: 'Write a policy with what is needed.',
        }
      }
    },
  },
  {
    name: 'pass-role',
    severity: 'error',
    demand: 'iam:PassRole names its roles, and the service that they are passed to.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html',
    *check(terraform) {
      for (const { at, statement } of identityStatements(terraform)) {
        if (!statement.actions.some((action) => means(action, 'iam:PassRole'))) continue
        const any = statement.resources.some((resource) => /^\*$|:role\/\*$/.test(resource))
        const narrowed = statement.conditions.some(({ key }) => key === 'iam:passedtoservice')
        if (!any && narrowed) continue
        yield {
          at,
          severity: any ? 'error' : 'warning',
          reason: any
            ? 'it may pass any role of the account, the strongest too'
            : 'it may pass its roles to any service',
          fix: 'Name the roles, with the condition iam:PassedToService.',
        }
      }
    },
  },
  {
    name: 'open-trust',
    severity: 'error',
    demand: 'A role names who may assume it.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html',
    *check(terraform) {
      for (const role of terraform.all('aws_iam_role')) {
        for (const { effect, principals, conditions } of statementsOf(role, 'assume_role_policy') ?? []) {
          if (effect === 'Deny' || !principals.some(isEveryone) || conditions.length > 0) continue
          yield { at: role, reason: 'everyone with an AWS account may assume it', fix: 'Name the principal.' }
        }
      }
    },
  },
  {
    name: 'oidc-trust',
    severity: 'error',
    demand:
      'A pipeline assumes its role from one repository and branch, with a token that was issued for AWS.',
    source: oidc,
    *check(terraform) {
      for (const role of terraform.all('aws_iam_role')) {
        for (const { effect, principals, conditions } of statementsOf(role, 'assume_role_policy') ?? []) {
          if (effect === 'Deny' || !principals.some((principal) => principal.startsWith('Federated ')))
            continue
          const exact = demandsOf(conditions, 'aud').some((values) => values.every((value) => !isWide(value)))
          if (!exact) {
            yield {
              at: role,
              reason: 'it accepts a token that was issued for another audience',
              fix: 'Demand the claim aud: sts.amazonaws.com, by StringEquals.',
            }
          }
          const subjects = demandsOf(conditions, 'sub')
          if (subjects.some((values) => values.every(isOneBranch))) continue
          const wide = subjects.flat().find((subject) => !isOneBranch(subject))
          yield {
            at: role,
            reason:
              wide === undefined
                ? 'any repository of the provider may assume it'
                : `${wide} admits more than one branch of one repository`,
            fix: 'Demand the claim sub by StringEquals: repo:OWNER/NAME:ref:refs/heads/BRANCH.',
          }
        }
      }
    },
  },
  {
    name: 'access-key',
    severity: 'error',
    demand: 'No long-lived access key is created.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles',
    *check(terraform) {
      for (const key of terraform.all('aws_iam_access_key')) {
        yield {
          at: key,
          reason: 'a key that never expires, with its secret in the state',
          fix: 'Use a role: OIDC for pipelines, task roles for services.',
        }
      }
    },
  },
  {
    name: 'confused-deputy',
    severity: 'warning',
    demand: 'A policy that admits a service of AWS says for which account.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html',
    *check(terraform) {
      for (const policy of terraform.all(...resourcePolicyTypes)) {
        for (const { effect, principals, conditions } of statementsOf(policy, 'policy') ?? []) {
          const services = principals.filter(
            (principal) => /^Service /.test(principal) && !unnamed.includes(principal),
          )
          const narrowed = conditions.some(({ key }) => /^aws:(source|principalorg)/.test(key))
          if (effect === 'Deny' || services.length === 0 || narrowed) continue
          yield {
            at: policy,
            reason: `${services.map((service) => service.slice(8)).join(', ')} may use it on behalf of any AWS account`,
            fix: 'Admit it in a statement of its own, with the condition aws:SourceAccount or aws:SourceArn.',
          }
        }
      }
    },
  },
  {
    name: 'role-deputy',
    severity: 'warning',
    demand: 'A role that a service of AWS assumes says for which account.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html',
    *check(terraform) {
      for (const role of terraform.all('aws_iam_role')) {
        for (const { effect, principals, conditions } of statementsOf(role, 'assume_role_policy') ?? []) {
          const services = principals.filter((principal) => namesSource.includes(principal))
          const narrowed = conditions.some(({ key }) => /^aws:source(account|arn|org)/.test(key))
          if (effect === 'Deny' || services.length === 0 || narrowed) continue
          yield {
            at: role,
            reason: `${services.map((service) => service.slice(8)).join(', ')} may use it on behalf of any AWS account`,
            fix: 'Add the condition aws:SourceAccount, and aws:SourceArn, to its trust policy.',
          }
        }
      }
    },
  },
  {
    name: 'open-resource-policy',
    severity: 'error',
    demand: 'No topic, queue, repository, secret, key or file system admits everyone.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html',
    *check(terraform) {
      for (const policy of terraform.all(...resourcePolicyTypes)) {
        if (policy.type === 'aws_s3_bucket_policy') continue
        for (const { effect, principals, conditions } of statementsOf(policy, 'policy') ?? []) {
          if (effect === 'Deny' || !principals.some(isEveryone) || conditions.length > 0) continue
          yield {
            at: policy,
            reason: 'everyone with an AWS account may use it',
            fix: 'Name the principal, or add a condition.',
          }
        }
      }
    },
  },
]
