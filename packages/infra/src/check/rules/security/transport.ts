/** TLS between viewers, the edge and the load balancer: floors, redirects. */
import type { Rule } from '../../model/finding.ts'
import { distributionsBefore, forwards, isFront, rulesOf } from '../../model/traffic.ts'

const behaviours = ['default_cache_behavior', 'ordered_cache_behavior']
const secureListener = ({ text }: { text(...path: string[]): string | undefined }) =>
  text('protocol') === 'HTTPS' || text('protocol') === 'TLS'

export const transportRules: readonly Rule[] = [
  {
    name: 'listener-tls',
    severity: 'error',
    demand: 'A listener accepts TLS 1.2 or newer only.',
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html',
    *check(terraform) {
      for (const listener of terraform.all('aws_lb_listener').filter(secureListener)) {
        const policy = listener.text('ssl_policy') ?? 'ELBSecurityPolicy-2016-08'
        if (/^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)/.test(policy)) continue
        yield {
          at: listener,
          reason: `${policy} accepts TLS 1.0 and 1.1`,
          fix: 'Set ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06".',
        }
      }
    },
  },
  {
    name: 'origin-tls',
    severity: 'error',
    demand: 'CloudFront calls a custom origin over TLS 1.2, and the listener there supports it.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-ciphers-cloudfront-to-origin.html',
    *check(terraform) {
      for (const distribution of terraform.all('aws_cloudfront_distribution')) {
        for (const origin of distribution.blocks('origin')) {
          const [custom] = origin.blocks('custom_origin_config')
          if (custom === undefined) continue
          const id = origin.text('origin_id')
          const old = custom
            .texts('origin_ssl_protocols')
            .filter((protocol) => /^(SSLv3|TLSv1|TLSv1\.1)$/.test(protocol))
          if (custom.text('origin_protocol_policy') !== 'https-only') {
            yield {
              at: distribution,
              reason: `origin ${id} may be called without TLS`,
              fix: 'Set origin_protocol_policy = "https-only".',
            }
          }
          if (old.length > 0) {
            yield {
              at: distribution,
              reason: `origin ${id} is called over ${old.join(', ')}`,
              fix: 'Set origin_ssl_protocols = ["TLSv1.2"].',
            }
          }
        }
      }
      for (const balancer of terraform.all('aws_lb')) {
        if (distributionsBefore(terraform, balancer).length === 0) continue
        for (const listener of terraform.pointingAt(balancer, 'aws_lb_listener', 'load_balancer_arn')) {
          if (!listener.text('ssl_policy')?.startsWith('ELBSecurityPolicy-TLS13-1-3')) continue
          yield {
            at: listener,
            reason: 'it accepts TLS 1.3 only; distributions call it over TLS 1.2',
            fix: 'Set ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06".',
          }
        }
      }
    },
  },
  {
    name: 'distribution-tls',
    severity: 'error',
    demand: 'A distribution accepts TLS 1.2 or newer from viewers.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html',
    *check(terraform) {
      for (const distribution of terraform.all('aws_cloudfront_distribution')) {
        // CloudFront's own certificate always means TLSv1; there is nothing to set, so it suits no custom host.
        const floor = distribution.text('viewer_certificate', 'minimum_protocol_version') ?? 'TLSv1'
        if (/^TLSv1\.(2|3)_/.test(floor)) continue
        yield {
          at: distribution,
          reason: `viewers may use ${floor}`,
          fix: 'Use a certificate of your own with minimum_protocol_version = "TLSv1.2_2021".',
        }
      }
    },
  },
  {
    name: 'viewer-https',
    severity: 'error',
    demand: 'A distribution sends viewers to HTTPS.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html',
    *check(terraform) {
      for (const distribution of terraform.all('aws_cloudfront_distribution')) {
        for (const behaviour of behaviours.flatMap((name) => distribution.blocks(name))) {
          if (behaviour.text('viewer_protocol_policy') !== 'allow-all') continue
          yield {
            at: distribution,
            reason: `${behaviour.text('path_pattern') ?? 'the default behaviour'} is served without TLS`,
            fix: 'Set viewer_protocol_policy = "redirect-to-https".',
          }
        }
      }
    },
  },
  {
    name: 'http-redirect',
    severity: 'error',
    demand: 'A listener without TLS redirects to one with it, and does nothing else.',
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html',
    *check(terraform) {
      for (const listener of terraform.all('aws_lb_listener')) {
        if (listener.text('protocol') !== 'HTTP' || !isFront(listener)) continue
        const redirects = listener
          .blocks('default_action')
          .some((action) => action.text('redirect', 'protocol') === 'HTTPS')
        const plain = rulesOf(terraform, listener).find((rule) => forwards(rule))
        if (redirects && plain === undefined) continue
        yield {
          at: plain ?? listener,
          reason: `port ${listener.text('port')} answers without TLS`,
          fix: 'Let its default action redirect to HTTPS with status HTTP_301, without rules that forward.',
        }
      }
    },
  },
]
