/** Making, changing and deleting listeners; a listener's default actions are those of its default rule. */
import { isDeepStrictEqual } from 'node:util'
import type {
  Certificate,
  CreateListenerInput,
  ListenerAttribute,
  ModifyListenerInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { normalizeActions } from '../model/actions.ts'
import { listenerDefaults } from '../model/attributes.ts'
import type { Elbv2Context } from '../model/context.ts'
import {
  certificateNotFound,
  duplicateListener,
  notImplemented,
  unsupportedProtocol,
  validationError,
} from '../model/errors.ts'
import { arnId, type Listener, type Rule } from '../model/model.ts'
import { tagsOf } from '../model/tags.ts'
import { checkForwarded } from '../rule/rules.ts'
import { changeSettings } from './settings.ts'

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const defaultSslPolicy = 'ELBSecurityPolicy-2016-08'

/**
 * The same one again is the one that there is, for Terraform too: its provider does not look for listeners first.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
 * https://github.com/hashicorp/terraform-provider-aws/issues/35121
 *
 * `onCreated` is called within the transaction that creates the listener.
 */
export async function createListener(
  env: Elbv2Context,
  input: CreateListenerInput,
  onCreated: (listener: Listener) => void = () => {},
): Promise<Listener> {
  const { context, state } = env
  const loadBalancer = state.loadBalancer(input.LoadBalancerArn)
  refuseUnsupported(input)
  const port = checkPort(input.Port)
  const protocol = checkProtocol(input.Protocol)
  const actions = normalizeActions(input.DefaultActions, (arn) => checkForwarded(env, arn, loadBalancer.arn))
  const secured = security(env, protocol, input.Certificates, input.SslPolicy)
  const known = state.listenersOf(loadBalancer.arn).find((each) => each.port === port)
  if (known) {
    const { certificateArn, sslPolicy } = known
    const settled = { protocol: known.protocol, certificateArn, sslPolicy }
    const same =
      isDeepStrictEqual(settled, { protocol, certificateArn: undefined, sslPolicy: undefined, ...secured }) &&
      isDeepStrictEqual(state.defaultRule(known.arn).actions, actions)
    if (!same) throw duplicateListener(loadBalancer.arn)
    context.store.transaction(() => onCreated(known))
    return known
  }
  const path = `app/${loadBalancer.name}/${arnId(loadBalancer.arn)}/${context.ids.hex('', 16)}`
  const prefix = `arn:aws:elasticloadbalancing:${context.region}:${context.accountId}`
  const listener: Listener = {
    arn: `${prefix}:listener/${path}`,
    loadBalancerArn: loadBalancer.arn,
    port,
    protocol,
    ...secured,
    certificateArns: [],
    settings: listenerDefaults,
    tags: tagsOf(input.Tags),
  }
  const rule: Rule = {
    arn: `${prefix}:listener-rule/${path}/${context.ids.hex('', 16)}`,
    listenerArn: listener.arn,
    priority: 'default',
    conditions: [],
    actions,
    tags: {},
  }
  context.store.transaction(() => {
    state.listeners.put(listener.arn, listener)
    state.rules.put(rule.arn, rule)
    onCreated(listener)
  })
  env.dataPlane.refresh()
  await env.dataPlane.open(listener)
  return listener
}

export async function modifyListener(env: Elbv2Context, input: ModifyListenerInput): Promise<Listener> {
  const { state } = env
  const known = state.listener(input.ListenerArn)
  refuseUnsupported(input)
  const port = input.Port === undefined ? known.port : checkPort(input.Port)
  if (state.listenersOf(known.loadBalancerArn).some((each) => each.arn !== known.arn && each.port === port)) {
    throw duplicateListener(known.loadBalancerArn)
  }
  const protocol = input.Protocol === undefined ? known.protocol : checkProtocol(input.Protocol)
  const { sslPolicy, certificateArn, ...rest } = known
  // A listener that no longer speaks HTTPS loses them: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
  const kept = protocol === 'HTTPS' && certificateArn ? [{ CertificateArn: certificateArn }] : undefined
  const listener: Listener = {
    ...rest,
    port,
    protocol,
    ...security(env, protocol, input.Certificates ?? kept, input.SslPolicy ?? sslPolicy),
    certificateArns: protocol === 'HTTPS' ? known.certificateArns : [],
  }
  const actions =
    input.DefaultActions === undefined
      ? undefined
      : normalizeActions(input.DefaultActions, (arn) => checkForwarded(env, arn, known.loadBalancerArn))
  env.context.store.transaction(() => {
    state.listeners.put(listener.arn, listener)
    if (actions) {
      const rule = state.defaultRule(listener.arn)
      state.rules.put(rule.arn, { ...rule, actions })
    }
  })
  env.dataPlane.refresh()
  await env.dataPlane.open(listener)
  return listener
}

export function modifyListenerAttributes(
  env: Elbv2Context,
  arn: string | undefined,
  attributes: readonly ListenerAttribute[],
): Listener {
  const listener = env.state.listener(arn)
  const changed = { ...listener, settings: changeSettings(listener.settings, attributes) }
  env.state.listeners.put(listener.arn, changed)
  return changed
}

export async function deleteListener(env: Elbv2Context, arn: string | undefined): Promise<void> {
  await closeListener(env, env.state.listener(arn))
  env.dataPlane.refresh()
}

/** Its rules go with it, its socket is closed. */
export async function closeListener(env: Elbv2Context, listener: Listener): Promise<void> {
  env.context.store.transaction(() => {
    for (const rule of env.state.rulesOf(listener.arn)) env.state.rules.delete(rule.arn)
    env.state.listeners.delete(listener.arn)
  })
  await env.dataPlane.close(listener)
}

/** Adds certificates for other server names. */
export function addCertificates(
  env: Elbv2Context,
  arn: string | undefined,
  certificates: readonly Certificate[],
): void {
  const listener = env.state.listener(arn)
  if (listener.protocol !== 'HTTPS')
    throw unsupportedProtocol('Certificates can be added to HTTPS listeners only')
  const added = certificates.map((each) => checkCertificate(env, each.CertificateArn))
  const certificateArns = [...new Set([...listener.certificateArns, ...added])]
  env.state.listeners.put(listener.arn, { ...listener, certificateArns })
}

export function removeCertificates(
  env: Elbv2Context,
  arn: string | undefined,
  certificates: readonly Certificate[],
): void {
  const listener = env.state.listener(arn)
  const removed = new Set(certificates.map((each) => each.CertificateArn))
  if (removed.has(listener.certificateArn))
    throw validationError('The default certificate of a listener cannot be removed')
  env.state.listeners.put(listener.arn, {
    ...listener,
    certificateArns: listener.certificateArns.filter((each) => !removed.has(each)),
  })
}

function refuseUnsupported(input: CreateListenerInput | ModifyListenerInput): void {
  if (input.MutualAuthentication && input.MutualAuthentication.Mode !== 'off')
    throw notImplemented('mutual TLS')
  if (input.AlpnPolicy?.length)
    throw validationError('ALPN policies are for TLS listeners of Network Load Balancers')
}

function checkPort(port: number | undefined): number {
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw validationError(`Listener port '${port ?? ''}' must be between '1-65535' inclusive`)
  }
  return port
}

function checkProtocol(protocol: string | undefined): Listener['protocol'] {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol
  throw validationError(`Listener protocol '${protocol ?? ''}' must be one of 'HTTPS, HTTP'`)
}

function security(
  env: Elbv2Context,
  protocol: Listener['protocol'],
  certificates: readonly Certificate[] | undefined,
  sslPolicy: string | undefined,
): Pick<Listener, 'certificateArn' | 'sslPolicy'> {
  if (protocol === 'HTTP') {
    if (certificates?.length) throw validationError('A certificate cannot be specified for HTTP listeners')
    return {}
  }
  if (certificates?.length !== 1) throw validationError('A certificate must be specified for HTTPS listeners')
  return {
    certificateArn: checkCertificate(env, certificates[0]?.CertificateArn),
    sslPolicy: sslPolicy ?? defaultSslPolicy,
  }
}

function checkCertificate(env: Elbv2Context, arn: string | undefined): string {
  if (!arn || !env.acm.material(arn)) throw certificateNotFound(arn ?? '')
  return arn
}
