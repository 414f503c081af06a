/**
 * The bootstrap stack: what must exist before everything else. Its state is in the bucket that it describes:
 * `baton apply` creates the bare bucket first and the stack adopts it, so there is never a local state.
 */
import type { Platform } from '@baton/config'
import { EcrLifecyclePolicy } from '@cdktn/provider-aws/lib/ecr-lifecycle-policy/index.js'
import { EcrRepository } from '@cdktn/provider-aws/lib/ecr-repository/index.js'
import { IamOpenidConnectProvider } from '@cdktn/provider-aws/lib/iam-openid-connect-provider/index.js'
import { Route53Zone } from '@cdktn/provider-aws/lib/route53-zone/index.js'
import { type App, TerraformOutput } from 'cdktn'
import { Construct } from 'constructs'
import { encryptionKey } from '../security/encryption-key.ts'
import { imageRepositories } from '../service/repositories.ts'
import { bucketAccess } from '../storage/bucket-access.ts'
import { bucket } from '../storage/buckets.ts'
import { BatonStack } from '../terraform/stack.ts'
import { stateBackend } from '../terraform/state-backend.ts'

export function bootstrapStack(app: App, platform: Platform): BatonStack {
  const stack = new BatonStack(app, 'bootstrap', platform)
  stateBackend(stack)
  const state = bucket(stack, 'state')
  bucketAccess(stack, state, [])
  new TerraformOutput(stack, 'state_bucket', { value: state.bucket, staticId: true })
  if (platform.hostedZone === 'create') {
    const zone = new Route53Zone(new Construct(stack, 'zone'), 'main', { name: platform.domain })
    // The registrar of the domain must delegate it to these.
    new TerraformOutput(stack, 'name_servers', { value: zone.nameServers, staticId: true })
  }
  const key = platform.encryption.customerManagedKey ? encryptionKey(stack).arn : undefined
  for (const { id, name } of imageRepositories(platform)) repository(stack, id, name, key)
  if (platform.pipeline?.oidcProvider === 'create') {
    new IamOpenidConnectProvider(new Construct(stack, 'oidc'), 'github', {
      url: 'https://token.actions.githubusercontent.com',
      clientIdList: ['sts.amazonaws.com'],
    })
  }
  return stack
}

/** Images are pinned by digest and may run for years: only what no tag names any more may expire. */
function repository(stack: BatonStack, id: string, name: string, key: string | undefined): void {
  const scope = new Construct(stack, `repository-${id}`)
  const repository = new EcrRepository(scope, id, {
    name,
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: [
      key === undefined ? { encryptionType: 'AES256' } : { encryptionType: 'KMS', kmsKey: key },
    ],
    ...(stack.platform.deletionProtection ? {} : { forceDelete: true }),
  })
  new EcrLifecyclePolicy(new Construct(scope, 'lifecycle'), id, {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: 'Untagged images go after a week',
          selection: {
            tagStatus: 'untagged',
            countType: 'sinceImagePushed',
            countUnit: 'days',
            countNumber: 7,
          },
          action: { type: 'expire' },
        },
      ],
    }),
  })
}
