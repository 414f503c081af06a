/**
 * What all distributions share: the function that sends a request to the current release, the KeyValueStore it
 * reads, and the access control with which CloudFront signs its requests to the buckets.
 */
import { readFileSync } from 'node:fs'
import { edgeFunctionName, keyValueStoreName, originAccessControlName } from '@baton/config'
import { CloudfrontFunction } from '@cdktn/provider-aws/lib/cloudfront-function/index.js'
import { CloudfrontKeyValueStore } from '@cdktn/provider-aws/lib/cloudfront-key-value-store/index.js'
import { CloudfrontOriginAccessControl } from '@cdktn/provider-aws/lib/cloudfront-origin-access-control/index.js'
import { Construct } from 'constructs'
import { literal } from '../terraform/literal.ts'
import type { BatonStack } from '../terraform/stack.ts'

export interface Edge {
  readonly function: CloudfrontFunction
  readonly store: CloudfrontKeyValueStore
  readonly accessControl: CloudfrontOriginAccessControl
}

export function edge(stack: BatonStack): Edge {
  const scope = new Construct(stack, 'edge')
  const { platform } = stack
  const store = new CloudfrontKeyValueStore(new Construct(scope, 'store'), 'sites', {
    name: keyValueStoreName(platform),
    comment: 'Current release of each site, by host',
  })
  const source = readFileSync(new URL('../functions/edge.js', import.meta.url), 'utf8')
  return {
    store,
    function: new CloudfrontFunction(scope, 'sites', {
      name: edgeFunctionName(platform),
      runtime: 'cloudfront-js-2.0',
      comment: 'Sends requests to the current release of a site',
      // JavaScript writes ${…} too.
      code: literal(source),
      publish: true,
      keyValueStoreAssociations: [store.arn],
    }),
    accessControl: new CloudfrontOriginAccessControl(scope, 'buckets', {
      name: originAccessControlName(platform),
      description: 'CloudFront signs its requests to the buckets',
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    }),
  }
}
