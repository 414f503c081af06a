/**
 * aws_lb_listener and aws_lb_listener_certificate.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/lb_listener.html.markdown
 */
import type { CreateListenerInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import {
  addCertificates,
  createListener,
  deleteListener,
  modifyListener,
  modifyListenerAttributes,
  removeCertificates,
} from '../control/listeners.ts'
import { listenerDefaults } from '../model/attributes.ts'
import type { Elbv2Context } from '../model/context.ts'
import type { Listener } from '../model/model.ts'
import { changeTags } from '../model/tags.ts'
import { actionSpecs, fromActions, toActions } from './action-attributes.ts'
import { allTags, blocks, integer, onlyBlock, settingChanges, tagRecord, text } from './values.ts'

/** `routing_http_response_server_enabled` → `routing.http.response.server.enabled`, and so on. */
const settingKeys = Object.fromEntries(
  Object.keys(listenerDefaults).map((key) => [key.replaceAll('.', '_'), key]),
)

const attributes: AttributeSpecs = {
  load_balancer_arn: implemented({ forceNew: true }),
  port: implemented(),
  protocol: implemented({ computed: true }),
  ssl_policy: ignored('a listener takes TLS 1.2 and 1.3 whatever the policy says', { computed: true }),
  certificate_arn: implemented(),
  default_action: block(actionSpecs),
  mutual_authentication: block({ mode: implemented() }, { maxItems: 1 }),
  ...Object.fromEntries(Object.keys(settingKeys).map((name) => [name, implemented({ computed: true })])),
  timeouts: ignored('provisioning takes no time'),
  tags: implemented(),
  tags_all: computed(),
  id: computed(),
  arn: computed(),
}

export function listenerType(env: Elbv2Context): ResourceType {
  return {
    type: 'aws_lb_listener',
    attributes,
    async create(planned, _context, onCreated) {
      const input = {
        LoadBalancerArn: text(planned, 'load_balancer_arn'),
        ...listenerInput(planned),
        Tags: allTags(planned),
      }
      const listener = await createListener(env, input, (created) =>
        onCreated?.(attributesOf(env, planned, created)),
      )
      return attributesOf(
        env,
        planned,
        modifyListenerAttributes(env, listener.arn, settingChanges(planned, settingKeys)),
      )
    },
    read(prior) {
      const listener = env.state.listeners.get(String(prior.id))
      return listener && attributesOf(env, prior, listener)
    },
    async update(planned, prior) {
      const arn = String(prior.id)
      await modifyListener(env, { ListenerArn: arn, ...listenerInput(planned) })
      changeTags(env, arn, () => tagRecord(planned))
      const listener = modifyListenerAttributes(env, arn, settingChanges(planned, settingKeys))
      return attributesOf(env, { ...prior, ...planned }, listener)
    },
    async delete(prior) {
      if (env.state.listeners.has(String(prior.id))) await deleteListener(env, String(prior.id))
    },
  }
}

function listenerInput(planned: Attributes): Omit<CreateListenerInput, 'LoadBalancerArn'> {
  const certificate = text(planned, 'certificate_arn')
  const mode = text(onlyBlock(planned, 'mutual_authentication'), 'mode')
  // The provider's default for load balancers of type application.
  const protocol = text(planned, 'protocol') ?? 'HTTP'
  return {
    Port: integer(planned, 'port'),
    Protocol: protocol as 'HTTP' | 'HTTPS',
    SslPolicy: protocol === 'HTTPS' ? text(planned, 'ssl_policy') : undefined,
    Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }],
    DefaultActions: toActions(blocks(planned, 'default_action')),
    ...(mode === undefined ? {} : { MutualAuthentication: { Mode: mode } }),
  }
}

function attributesOf(env: Elbv2Context, base: Attributes, listener: Listener): Attributes {
  const settings = Object.entries(settingKeys).map(([name, key]) => {
    const value = listener.settings[key] ?? ''
    return [name, name.endsWith('_enabled') ? value === 'true' : value]
  })
  return {
    ...base,
    ...Object.fromEntries(settings),
    id: listener.arn,
    arn: listener.arn,
    load_balancer_arn: listener.loadBalancerArn,
    port: listener.port,
    protocol: listener.protocol,
    ssl_policy: listener.sslPolicy ?? '',
    certificate_arn: listener.certificateArn ?? null,
    default_action: fromActions(env.state.defaultRule(listener.arn).actions, blocks(base, 'default_action')),
    tags_all: { ...listener.tags },
  }
}

/** A further certificate of a listener, for other server names. */
export function listenerCertificateType(env: Elbv2Context): ResourceType {
  const has = (attributes: Attributes) =>
    env.state.listeners
      .get(String(attributes.listener_arn))
      ?.certificateArns.includes(String(attributes.certificate_arn))
  return {
    type: 'aws_lb_listener_certificate',
    attributes: {
      listener_arn: implemented({ forceNew: true }),
      certificate_arn: implemented({ forceNew: true }),
      id: computed(),
    },
    create(planned) {
      const certificate = String(planned.certificate_arn)
      addCertificates(env, text(planned, 'listener_arn'), [{ CertificateArn: certificate }])
      return { ...planned, id: `${String(planned.listener_arn)}_${certificate}` }
    },
    read: (prior) => (has(prior) ? prior : undefined),
    delete(prior) {
      if (has(prior)) {
        removeCertificates(env, text(prior, 'listener_arn'), [
          { CertificateArn: String(prior.certificate_arn) },
        ])
      }
    },
  }
}
