/**
 * The secret header between CloudFront and the load balancer: without it, a client that knows the load balancer's
 * name could bypass the edge. It is the one secret in the Terraform state (a listener rule and a distribution
 * hold it in the clear anyway). A parameter keeps the value from one plan to the next.
 *
 * Rotation: raise `originHeaderGeneration`. The rules accept the new and the previous value, the distributions
 * follow after the rules, and edges that still send the previous one are served.
 */
import { originHeaderParameter } from '@baton/config'
import { DataAwsSecretsmanagerRandomPassword } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-random-password/index.js'
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export interface OriginHeader {
  /** What distributions send. */
  readonly value: string
  /** What listener rules accept: the current value, and the previous one once there is one. */
  readonly accepted: readonly string[]
  readonly parameter: SsmParameter
}

export function originHeader(stack: BatonStack): OriginHeader {
  const scope = new Construct(stack, 'origin-header')
  const generation = stack.platform.delivery.originHeaderGeneration
  const random = new DataAwsSecretsmanagerRandomPassword(scope, 'origin_header', {
    passwordLength: 40,
    excludePunctuation: true,
  })
  const parameters = [generation, generation - 1]
    .filter((number) => number > 0)
    .map(
      (number) =>
        new SsmParameter(scope, `origin_header_${number}`, {
          name: originHeaderParameter(stack.platform, number),
          description: 'Secret header between CloudFront and the load balancer',
          type: 'SecureString',
          ...(stack.keyArn === undefined ? {} : { keyId: stack.keyArn }),
          value: random.randomPassword,
          lifecycle: { ignoreChanges: ['value'] },
        }),
    )
  const [current] = parameters
  if (current === undefined) throw new Error('invariant: generations of the origin header start at 1')
  return { value: current.value, accepted: parameters.map(({ value }) => value), parameter: current }
}
