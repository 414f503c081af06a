import { ref, testRules } from '../../rules.test-kit.ts'
import { certificateRules } from './certificates.ts'

const wildcard = { domain_name: '*.keencho.com' }
const rule = (host: string) => ({
  'aws_lb_listener_rule.admin': {
    listener_arn: ref('aws_lb_listener.https', 'arn'),
    condition: [{ path_pattern: { values: ['/api/*'] } }, { host_header: { values: [host] } }],
  },
  'aws_lb_listener.https': {
    certificate_arn: ref('aws_acm_certificate_validation.regional', 'certificate_arn'),
  },
  'aws_acm_certificate_validation.regional': { certificate_arn: ref('aws_acm_certificate.regional', 'arn') },
  'aws_acm_certificate.regional': wildcard,
})
const distribution = (alias: string, certificate: object) => ({
  'aws_cloudfront_distribution.admin': {
    aliases: [alias],
    viewer_certificate: { acm_certificate_arn: ref('aws_acm_certificate.edge', 'arn') },
  },
  'aws_acm_certificate.edge': { ...wildcard, ...certificate },
})
const virginia = { region: 'us-east-1' }

testRules(certificateRules, {
  'listener-certificate': {
    trips: rule('app-admin.keencho.net'),
    says: /covers app-admin\.keencho\.net/,
    // A wildcard covers one label only.
    alsoTrips: [rule('a.b.keencho.com'), rule('keencho.com')],
    passes: rule('app-admin.keencho.com'),
  },
  'distribution-certificate': {
    trips: distribution('app-admin.keencho.com', {}),
    says: /ap-northeast-2/,
    alsoTrips: [
      distribution('keencho.com', virginia),
      {
        'aws_cloudfront_distribution.admin': {
          aliases: ['app-admin.keencho.com'],
          viewer_certificate: { cloudfront_default_certificate: true },
        },
      },
    ],
    passes: distribution('app-admin.keencho.com', virginia),
  },
})
