/** The ECS cluster. */
import { clusterName } from '@baton/config'
import { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export const cluster = (stack: BatonStack): EcsCluster =>
  new EcsCluster(new Construct(stack, 'cluster'), 'main', {
    name: clusterName(stack.platform),
    setting: [{ name: 'containerInsights', value: 'enabled' }],
  })
