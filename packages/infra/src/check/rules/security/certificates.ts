/** Certificates: they cover the served hosts, and are in the right region. */
import { isKnown, type Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import type { Terraform } from '../../model/terraform.ts'
import { rulesOf } from '../../model/traffic.ts'

/** Certificates behind an argument, through their validation. */
function certificatesOf(holder: Resource, ...path: string[]): Resource[] {
  const referred = holder.references(...path)
  return [...referred, ...referred.flatMap((each) => each.references('certificate_arn'))].filter(
    ({ type }) => type === 'aws_acm_certificate',
  )
}

/** A wildcard covers exactly one label. */
function covers(certificate: Resource, host: string): boolean {
  const names = [...certificate.texts('domain_name'), ...certificate.texts('subject_alternative_names')]
  const parent = host.slice(host.indexOf('.') + 1)
  return names.some(
    (name) =>
      name.toLowerCase() === host.toLowerCase() || (name.startsWith('*.') && name.slice(2) === parent),
  )
}

function listenerCertificates(terraform: Terraform, listener: Resource): Resource[] {
  const more = terraform.pointingAt(listener, 'aws_lb_listener_certificate', 'listener_arn')
  return [
    ...certificatesOf(listener, 'certificate_arn'),
    ...more.flatMap((each) => certificatesOf(each, 'certificate_arn')),
  ]
}

export const certificateRules: readonly Rule[] = [
  {
    name: 'listener-certificate',
    severity: 'error',
    demand: 'A certificate of the listener covers every host of its rules.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html',
    *check(terraform) {
      for (const listener of terraform.all('aws_lb_listener')) {
        const certificates = listenerCertificates(terraform, listener)
        if (certificates.length === 0) continue
        for (const rule of rulesOf(terraform, listener)) {
          const hosts = rule
            .blocks('condition')
            .flatMap((condition) => condition.texts('host_header', 'values'))
          for (const host of hosts.filter((each) => isKnown(each) && !/[*?]/.test(each))) {
            if (certificates.some((certificate) => covers(certificate, host))) continue
            yield {
              at: rule,
              reason: `no certificate of ${listener.address} covers ${host}: clients, and CloudFront, refuse it`,
              fix: 'Add the host to a certificate, or another certificate by aws_lb_listener_certificate.',
            }
          }
        }
      }
    },
  },
  {
    name: 'distribution-certificate',
    severity: 'error',
    demand: 'The certificate of a distribution covers its aliases and is in us-east-1.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html',
    *check(terraform) {
      for (const distribution of terraform.all('aws_cloudfront_distribution')) {
        const [certificate] = certificatesOf(distribution, 'viewer_certificate')
        const aliases = distribution.texts('aliases')
        if (certificate === undefined) {
          if (
            aliases.length === 0 ||
            distribution.flag('viewer_certificate', 'cloudfront_default_certificate') !== true
          )
            continue
          yield {
            at: distribution,
            reason: `CloudFront’s own certificate does not cover ${aliases.join(', ')}`,
            fix: 'Set acm_certificate_arn.',
          }
          continue
        }
        for (const alias of aliases.filter((each) => isKnown(each) && !covers(certificate, each))) {
          yield {
            at: distribution,
            reason: `${certificate.address} does not cover ${alias}`,
            fix: 'Add the host to the certificate.',
          }
        }
        // A provider alias is not followed: its region is not known here.
        const region = certificate.text('region') ?? terraform.region(certificate.stack) ?? 'us-east-1'
        if (region === 'us-east-1' || certificate.at('provider') !== undefined) continue
        yield {
          at: distribution,
          reason: `${certificate.address} is in ${region}; CloudFront takes certificates of us-east-1`,
          fix: 'Set region = "us-east-1" on the certificate and its validation.',
        }
      }
    },
  },
]
