/**
 * A stack of Baton: the AWS provider with its default tags, and logical ids that are exactly the ids in the
 * code. CDK Terrain appends a hash to the id of a nested construct; here the groups (one per file, such as
 * `network`) don't count, so that `aws_lb_target_group.admin_blue` is the same address in the code, in a plan and
 * in the golden list. Two resources of a type under the same id would silently be merged: `synth` refuses them.
 */
import { keyAlias, type Platform } from '@baton/config'
import { DataAwsCallerIdentity } from '@cdktn/provider-aws/lib/data-aws-caller-identity/index.js'
import { DataAwsKmsAlias } from '@cdktn/provider-aws/lib/data-aws-kms-alias/index.js'
import { AwsProvider } from '@cdktn/provider-aws/lib/provider/index.js'
import { TerraformElement, TerraformStack } from 'cdktn'
import { Construct, type Node } from 'constructs'

export class BatonStack extends TerraformStack {
  readonly platform: Platform
  #identity: DataAwsCallerIdentity | undefined
  #key: DataAwsKmsAlias | undefined

  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id)
    this.platform = platform
    new AwsProvider(this, 'aws', {
      region: platform.region,
      ...(platform.account === undefined ? {} : { allowedAccountIds: [platform.account] }),
      defaultTags: [
        { tags: { project: platform.project, environment: platform.environment, 'managed-by': 'baton' } },
      ],
    })
  }

  /** The account that the stack is applied to, for names of resources that no other resource can give. */
  get accountId(): string {
    this.#identity ??= new DataAwsCallerIdentity(this, 'current')
    return this.#identity.accountId
  }

  /** ARN of the platform's own key, which the bootstrap stack creates; undefined where AWS's keys encrypt. */
  get keyArn(): string | undefined {
    if (!this.platform.encryption.customerManagedKey) return undefined
    this.#key ??= new DataAwsKmsAlias(new Construct(this, 'encryption-key'), 'main', {
      name: keyAlias(this.platform),
    })
    return this.#key.targetKeyArn
  }

  protected override allocateLogicalId(element: TerraformElement | Node): string {
    return TerraformElement.isTerraformElement(element) ? element.node.id : element.id
  }
}
