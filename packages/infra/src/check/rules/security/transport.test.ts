import { ref, testRules } from '../../rules.test-kit.ts'
import { transportRules } from './transport.ts'

const listener = (body: object) => ({
  'aws_lb_listener.main': { protocol: 'HTTPS', load_balancer_arn: ref('aws_lb.main', 'arn'), ...body },
  'aws_lb.main': {},
})
const tls = (policy: string) => listener({ ssl_policy: `ELBSecurityPolicy-${policy}` })
const distribution = (body: object) => ({ 'aws_cloudfront_distribution.admin': { ...body } })
const origin = (config: object) =>
  distribution({
    origin: {
      origin_id: 'api',
      domain_name: ref('aws_lb.main', 'dns_name'),
      custom_origin_config: {
        origin_protocol_policy: 'https-only',
        origin_ssl_protocols: ['TLSv1.2'],
        ...config,
      },
    },
  })
const redirect = {
  default_action: { type: 'redirect', redirect: { protocol: 'HTTPS', status_code: 'HTTP_301' } },
}

testRules(transportRules, {
  'listener-tls': {
    trips: listener({}),
    says: /2016-08/,
    alsoTrips: [tls('TLS-1-0-2015-04'), tls('TLS13-1-1-2021-06')],
    passes: tls('TLS13-1-2-2021-06'),
  },
  'origin-tls': {
    trips: origin({ origin_protocol_policy: 'http-only' }),
    alsoTrips: [
      origin({ origin_ssl_protocols: ['TLSv1', 'TLSv1.2'] }),
      { ...origin({}), ...tls('TLS13-1-3-2021-06') },
    ],
    passes: { ...origin({}), ...tls('TLS13-1-2-2021-06') },
  },
  'distribution-tls': {
    trips: distribution({ viewer_certificate: { cloudfront_default_certificate: true } }),
    alsoTrips: [distribution({ viewer_certificate: { minimum_protocol_version: 'TLSv1.1_2016' } })],
    passes: distribution({ viewer_certificate: [{ minimum_protocol_version: 'TLSv1.2_2021' }] }),
  },
  'viewer-https': {
    trips: distribution({ default_cache_behavior: { viewer_protocol_policy: 'allow-all' } }),
    alsoTrips: [distribution({ ordered_cache_behavior: [{}, { viewer_protocol_policy: 'allow-all' }] })],
    passes: distribution({ default_cache_behavior: { viewer_protocol_policy: 'redirect-to-https' } }),
  },
  'http-redirect': {
    trips: listener({ protocol: 'HTTP', port: 80, default_action: { type: 'forward' } }),
    alsoTrips: [
      {
        ...listener({ protocol: 'HTTP', ...redirect }),
        'aws_lb_listener_rule.admin': {
          listener_arn: ref('aws_lb_listener.main', 'arn'),
          action: [{ type: 'forward' }],
        },
      },
    ],
    passes: listener({ protocol: 'HTTP', ...redirect }),
  },
})
