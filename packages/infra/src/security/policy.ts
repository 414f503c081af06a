/** IAM policy documents as JSON, so that a policy in the code looks as on AWS's pages. */

export interface Statement {
  readonly Sid?: string
  readonly Effect?: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** The document of the given statements, which allow unless they say otherwise. */
export const policyDocument = (statements: readonly Statement[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ Effect = 'Allow', ...rest }) => ({ Effect, ...rest })),
  })

/** Who may assume a role: an AWS service, e.g. `ecs-tasks.amazonaws.com`. */
export const trustedService = (service: string, condition?: Statement['Condition']): string =>
  policyDocument([
    {
      Action: 'sts:AssumeRole',
      Principal: { Service: service },
      ...(condition === undefined ? {} : { Condition: condition }),
    },
  ])
