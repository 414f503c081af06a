/**
 * Elastic Load Balancing v2: Application Load Balancers with listeners, rules, target groups and a data plane that
 * moves real traffic.
 *
 * What AWS documents and this does otherwise or not yet: behaviours.ts.
 *
 * Quirk: zones of subnets are guessed by their order where the network does not tell them.
 */
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { EmulatorContext } from '../../service.ts'
import type { Acm } from '../acm/contract.ts'
import type { CloudWatch } from '../cloudwatch/contract.ts'
import { behaviours } from './behaviours.ts'
import type { Elbv2, Target } from './contract.ts'
import { awaitHealthy } from './control/target-health.ts'
import { createDataPlane } from './data-plane/data-plane.ts'
import type { Elbv2Context, SubnetLookup } from './model/context.ts'
import { missingMembers } from './model/errors.ts'
import { createState } from './model/state.ts'
import { createOperations } from './operations.ts'
import { refusedOperations } from './refused-operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { forwardingRules, setForward } from './rule/rules.ts'

export interface Elbv2Dependencies {
  readonly acm: Acm
  readonly cloudWatch: CloudWatch
  /** Where subnets are, for `AvailabilityZones` and `VpcId`. */
  readonly subnet?: SubnetLookup
  /** Chooses among weighted groups; a number from 0 to below 1. */
  readonly random?: () => number
  /** How long a target may take to accept a connection, and TLS on it; AWS's 10 s where it is not given. */
  readonly connectTimeoutMs?: number
}

export function createElbv2(context: EmulatorContext, dependencies: Elbv2Dependencies): Elbv2 {
  const { acm, cloudWatch, subnet = () => undefined, random = Math.random, connectTimeoutMs } = dependencies
  const state = createState(context.store)
  const dataPlane = createDataPlane({ context, state, acm, cloudWatch, random, connectTimeoutMs })
  const { targets } = dataPlane
  const env: Elbv2Context = { context, state, dataPlane, acm, subnet }
  return {
    name: 'elasticloadbalancing',
    behaviours,
    resourceTypes: createResourceTypes(env),
    dataSourceTypes: createDataSourceTypes(env),
    api: {
      signingName: 'elasticloadbalancing',
      protocol: 'query',
      sdk,
      operations: createOperations(env),
      refused: refusedOperations,
      missingMembers,
    },
    start: dataPlane.start,
    stop: dataPlane.stop,
    registerTarget: (arn: string, target: Target) => targets.register(state.targetGroup(arn), target),
    async deregisterTarget(arn, target) {
      const group = state.targetGroups.get(arn)
      // A group that was deleted has no targets.
      if (group) await targets.deregister(group, target)
    },
    targetHealth: (arn, target) => targets.find(arn, target)?.health,
    targetHealthy: (arn, target, signal) => awaitHealthy(targets, arn, target, signal),
    onTargetHealth: targets.onHealth,
    dnsNameOf: (arn) => state.loadBalancers.get(arn)?.dnsName,
    targetGroupByName(name) {
      const group = state.targetGroups.values().find((each) => each.name === name)
      return (
        group && {
          arn: group.arn,
          name: group.name,
          healthCheckIntervalMs: group.healthCheck.intervalSeconds * 1000,
        }
      )
    },
    forwardingRules: (listenerArn) => forwardingRules(env, listenerArn),
    setForward: (ruleArn, groups) => setForward(env, ruleArn, groups),
    listenerExists: (arn) => state.listeners.has(arn),
  }
}
